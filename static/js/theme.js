// The host's look, in closed values only: theme, density, font, corners, and a colour that is made readable.

const root = document.documentElement;

document.addEventListener("host:look", ({ detail }) => dress(detail));

function oneOf(value, values) {
  return values.includes(value) ? value : "";
}

function dress({ theme, accent, radius, density, font }) {
  root.dataset.theme = oneOf(theme, ["light", "dark"]);
  root.dataset.density = oneOf(density, ["compact"]);
  root.dataset.font = oneOf(font, ["serif", "humanist", "mono"]);
  const [colour] = /^#[0-9a-f]{6}$/i.exec(accent) ?? [];
  const both = colour && `light-dark(${readable(colour, "#f1f3f6", 0)}, ${readable(colour, "#191c23", 255)})`;
  root.style.setProperty("--accent", both ?? "");
  const corners = Number.parseInt(radius, 10);
  const isCorner = corners >= 0 && corners <= 24;
  root.style.setProperty("--r-l", isCorner ? `${corners}px` : "");
  root.style.setProperty("--r", isCorner ? `${Math.max(corners - 2, 0)}px` : "");
}

// Darker or lighter, until it can be read on the surface: WCAG's 4.5 to 1.
function readable(colour, surface, towards) {
  let rgb = parse(colour);
  for (let step = 0; step < 40 && contrast(rgb, parse(surface)) < 4.5; step += 1) {
    rgb = rgb.map((value) => Math.round(value + (towards - value) * 0.08));
  }
  return `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function parse(hex) {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

function contrast(a, b) {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(rgb) {
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = rgb.map((value) => linear(value / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
