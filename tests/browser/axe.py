"""What axe and a ruler find on a page."""

from importlib.resources import files

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RUN = """() => axe.run({ exclude: ["iframe"] }, {
    iframes: false,
    resultTypes: ["violations"],
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}).then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`))"""

# Links within a sentence may be as small as their line; what is clipped away waits for its focus. A
# tick box is as large as the label around it, and a link that covers its row as large as that.
SMALL = """() => [...document.querySelectorAll("a, button, input, select, summary")].filter((one) => {
    const covers = getComputedStyle(one, "::after").inset === "0px";
    const { width, height } = (one.closest("label") ?? (covers ? one.offsetParent : one)).getBoundingClientRect();
    if (!one.checkVisibility() || one.closest(".skip, [type=hidden], p:not(.empty-page p)")) return false;
    return width < 24 || height < 24;
}).map((one) => one.outerHTML.slice(0, 120))"""
# What sticks to the window covers what is scrolled below it, as a person would scroll away again.
UNSTICK = """() => document.querySelectorAll("body *").forEach((one) => {
    if (getComputedStyle(one).position === "sticky") one.style.position = "static";
})"""
WIDE = "() => [document.documentElement.scrollWidth, innerWidth, document.title]"
