"""What can't be read of a page's text: what is cut off, and what lies on other text."""

from tests.browser.measures import script

# Each line of each text, as far as what is around it lets it be seen. Rows of links, which scroll
# by themselves, hide nothing.
_LINES = """
const away = ".sr, .skip, svg, option, dialog:not([open])";
const clippers = (node) => {
  const found = [];
  for (let box = node; box && box !== document.documentElement; box = box.parentElement) {
    const { display, overflowX, overflowY, position } = getComputedStyle(box);
    if (/^(inline|contents)$/.test(display)) continue;
    if (overflowX !== "visible" || overflowY !== "visible") found.push([box.getBoundingClientRect(), /auto|scroll/.test(overflowX)]);
    if (/absolute|fixed/.test(position)) break;
  }
  return found;
};
const reachesOut = (line, box) => line.left < box.left - 1.5 || line.right > box.right + 1.5
  || line.top < box.top - 3 || line.bottom > box.bottom + 3;
const within = (line, box) => ({
  left: Math.max(line.left, box.left), right: Math.min(line.right, box.right),
  top: Math.max(line.top, box.top), bottom: Math.min(line.bottom, box.bottom),
});
const lines = () => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, one = node.parentElement;
    if (!node.data.trim() || one.closest(away) || !one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const clips = clippers(one);
    if (clips.some(([box]) => box.width <= 1)) continue; // for screen readers
    for (const whole of range.getClientRects()) {
      if (whole.width <= 1) continue;
      const isCut = clips.some(([box, scrolls]) => !scrolls && reachesOut(whole, box));
      found.push({ node, one, whole, isCut, seen: clips.reduce((line, [box]) => within(line, box), whole) });
    }
  }
  return found;
};
const isSeen = ({ seen }) => seen.right - seen.left > 1 && seen.bottom - seen.top > 1;
const about = ({ node, one }) => `${node.data.trim().slice(0, 40)} in ${one.outerHTML.slice(0, 90)}`;
const layer = (one) => { // what floats lies on other text, as it should
  for (let node = one; node; node = node.parentElement)
    if (node.matches("dialog, .menu-list") || /fixed|sticky/.test(getComputedStyle(node).position)) return node;
  return null;
};
"""
# Cut off by something around it, out of the window, or larger than the thing that it names.
CUT_OFF = script(
    _LINES
    + """return [...new Set(lines().filter((line) => {
      const thing = line.one.closest(".button, .badge, .chip, .tag, kbd");
      return line.isCut || (thing && reachesOut(line.whole, thing.getBoundingClientRect()))
        || (isSeen(line) && (line.seen.left < -1 || line.seen.right > innerWidth + 1));
    }).map(about))]"""
)
OVERLAPPING = script(
    _LINES
    + """
    const sorted = lines().filter(isSeen).map((line) => ({ ...line, layer: layer(line.one) }))
      .sort((one, other) => one.seen.top - other.seen.top);
    const found = new Set();
    for (const [at, one] of sorted.entries()) for (const other of sorted.slice(at + 1)) {
      if (other.seen.top >= one.seen.bottom) break;
      if (one.layer !== other.layer || one.node === other.node) continue;
      const both = within(one.seen, other.seen);
      const least = Math.min(one.seen.bottom - one.seen.top, other.seen.bottom - other.seen.top);
      if (both.right - both.left > 2 && both.bottom - both.top > .35 * least) found.add(`${about(one)} and ${about(other)}`);
    }
    return [...found]"""
)
