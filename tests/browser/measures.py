"""What a ruler and a light meter find on a page."""

# What several of them need: what is seen, and colors as a screen shows them.
_COMMON = """
const seen = (one) => one.checkVisibility() && !one.closest(".sr, .skip") && one.getBoundingClientRect().width > 1;
const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const shown = (...layers) => { // the colour of layers that lie on each other, the lowest first
  for (const layer of layers) { context.fillStyle = layer; context.fillRect(0, 0, 1, 1); }
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
};
const computed = (color) => { // as it is in the page's own look
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = color;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};
const canvas = computed("Canvas");
const ground = (node) => {
  const layers = [];
  for (let one = node; one instanceof Element; one = one.parentNode) layers.unshift(getComputedStyle(one).backgroundColor);
  return [canvas, ...layers];
};
const luminance = (color) => color.map((value) => value / 255)
  .map((value) => value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4)
  .reduce((sum, value, at) => sum + value * [.2126, .7152, .0722][at], 0);
const contrast = (...colors) => {
  const [dark, light] = colors.map(luminance).sort((one, other) => one - other);
  return (light + .05) / (dark + .05);
};
const token = (name) => computed(`var(${name})`);
const low = (nodes, color, under, least) => nodes
  .map((node) => [node, contrast(shown(...ground(under(node)), color(node)), shown(...ground(under(node))))])
  .filter(([, found]) => found < least)
  .map(([node, found]) => `${found.toFixed(2)}: ${node.outerHTML.slice(0, 90)}`);
"""


def script(body: str) -> str:
    """A function of a page's that has what is above, and does this."""
    return f"() => {{ {_COMMON} {body}; }}"


def _script(found: str) -> str:
    return script(f"return {found}")


# The buttons that are filled with the accent; in a preview of a page they are a picture of it.
FILLED = _script(
    """all('.button[data-kind="primary"]:not(.identity-pane *)').filter((one) =>
    getComputedStyle(one).backgroundColor === token("--accent")).map((one) => one.innerText)"""
)
# The sizes of all text, in pixels.
SIZES = _script(
    """[...new Set(all("body *").filter((one) => [...one.childNodes].some((node) =>
    node.nodeType === Node.TEXT_NODE && node.data.trim())).map((one) =>
    parseFloat(getComputedStyle(one).fontSize)))].sort((one, other) => one - other)"""
)
# Where what has a ground or a border of its own begins and ends, from side to side, in pixels.
EDGES = _script(
    """[...new Set(all("main, main *").filter((one) => {
      const { display, position, backgroundColor, borderTopWidth } = getComputedStyle(one);
      return !/inline|contents/.test(display) && !/absolute|fixed/.test(position)
        && !one.matches("a, button, label, img, input, select, textarea, summary, code, .badge, .chip, .tag, .logo, .who, .split-key, .tie *, svg *, tr, td, th")
        && (borderTopWidth !== "0px" || !/, 0\\)$/.test(backgroundColor));
    }).flatMap((one) => { const { left, right } = one.getBoundingClientRect(); return [left, right]; })
      .map(Math.round))].sort((one, other) => one - other)"""
)
# Borders of what can be typed into, and parts of pictures, that don't stand out from their ground.
# What isn't offered, and days of which nothing is known, are the empty places of their pictures.
FAINT_LINES = _script(
    """low(all("input:not([type=checkbox], [type=radio], [type=file], [type=color], [type=hidden]), select, textarea"),
      (one) => getComputedStyle(one).borderTopColor, (one) => one.parentNode, 3)
    .concat(low(all('.split rect:not([data-part="not_offered"]), .days path:not([data-severity=""])'),
      (one) => getComputedStyle(one).fill, (one) => one.closest("svg").parentNode, 3))"""
)
# Buttons that can't be read.
FAINT_BUTTONS = _script(
    'low(all(".button:not(:disabled)"), (one) => getComputedStyle(one).color, (one) => one, 4.5)'
)
# Filled buttons whose edge can't be told from the ground that they stand on.
FAINT_EDGES = _script(
    """low(all('.button[data-kind="primary"]:not(:disabled)').filter((one) =>
      getComputedStyle(one).backgroundColor === token("--accent")),
      (one) => getComputedStyle(one).borderTopColor, (one) => one.parentNode, 3)"""
)
# Text that can't be read, wherever the vendor's or a host's color is text, or lies below it.
FAINT_TEXTS = _script(
    """low(all("a, button, h1, h2, p, .badge, .brand").filter((one) => one.innerText?.trim() && !one.closest(":disabled")),
      (one) => getComputedStyle(one).color, (one) => one, 4.5)"""
)
# Parts of pictures, their keys, signs and the filled buttons that don't stand out from their ground;
# empty places of pictures and a preview of a page are none of these.
FAINT_PARTS = _script(
    """low(all('.split rect:not([data-part="not_offered"]), .days path:not([data-severity=""]), .strip rect:not([data-severity=""]), .bar rect:not(.bar-ground), .groups-bar rect'),
      (one) => getComputedStyle(one).fill, (one) => one.closest("svg").parentNode, 3)
    .concat(low(all('.split-key:not([data-part="not_offered"]), [data-severity]:not([data-severity=""]) > .mark'),
      (one) => getComputedStyle(one).backgroundColor, (one) => one.parentNode, 3))
    .concat(low(all(".badge:not(.identity-pane *) .icon, .tie-line .icon, .entries .icon, .spark-line, .layer-edge"),
      (one) => getComputedStyle(one).stroke, (one) => (one.matches("path") ? one.closest("svg") : one).parentNode, 3))
    .concat(low(all('.button[data-kind="primary"]:not(:disabled, .identity-pane *)').filter((one) => getComputedStyle(one).backgroundColor === token("--accent")),
      (one) => getComputedStyle(one).borderTopColor, (one) => one.parentNode, 3))"""
)
# Parts of a bar that touch the one before them, with no line of the ground between.
TOUCHING = _script(
    """all(".split rect + rect, .groups-bar rect + rect").filter((one) => {
      const gap = one.getBoundingClientRect().left - one.previousElementSibling.getBoundingClientRect().right;
      const { stroke, strokeWidth } = getComputedStyle(one);
      return gap < .8 && (stroke === "none" || parseFloat(strokeWidth) < 1);
    }).map((one) => one.outerHTML)"""
)
# What can have the focus and does not show it, by a line of 2 px, or by a faint one.
FAINT_FOCUS = script(
    """
    const ring = (one) => [null, "::after"].map((part) => getComputedStyle(one, part))
      .find(({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && parseFloat(outlineWidth) >= 2);
    const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
      .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled);
    const found = [];
    for (const one of stops) {
      one.focus({ preventScroll: true });
      if (document.activeElement !== one) continue;
      const line = ring(one);
      if (line) found.push(...low([one], () => line.outlineColor, () => parseFloat(line.outlineOffset) < 0 ? one : one.parentNode, 3));
      else found.push(`no ring: ${one.outerHTML.slice(0, 90)}`);
    }
    document.activeElement.blur();
    return found"""
)
