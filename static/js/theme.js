// The host's look, in closed values only: theme, density, font, corners, and colors under which all stays readable.

const root = document.documentElement;
const BLACK = "#000000", WHITE = "#ffffff";
const LIGHT_GROUND = "#e9ecf1", DARK_GROUND = "#262a33"; // as in integrations/domain/accent.py
const IN_LIGHT = (color) => luminance(color) >= luminance(LIGHT_GROUND);
const IN_DARK = (color) => luminance(color) <= luminance(DARK_GROUND);
const ANYWHERE = () => true;
const loaded = new Set(); // names of fonts

document.addEventListener("host:look", ({ detail }) => dress(detail));

function oneOf(value, values) {
  return values.includes(value) ? value : "";
}

function dress({ theme, accent, surface, border, heading, radius, density, font }) {
  root.dataset.theme = oneOf(theme, ["light", "dark"]);
  root.dataset.density = oneOf(density, ["compact"]);
  root.dataset.font = oneOf(font, ["serif", "humanist", "mono"]) || declared(font);
  root.dataset.heading = oneOf(heading, ["none"]);
  const tokens = palette(colors(accent, 1)[0]);
  for (const name of ["accent", "on-accent", "accent-edge", "accent-hover", "accent-wash", "accent-text"]) {
    root.style.setProperty(`--${name}`, tokens[name] ?? "");
  }
  paint("--surface", surface, IN_LIGHT, IN_DARK);
  paint("--line", border, ANYWHERE, ANYWHERE);
  const corners = Number.parseInt(radius, 10);
  const isCorner = corners >= 0 && corners <= 24;
  root.style.setProperty("--r-l", isCorner ? `${corners}px` : "");
  root.style.setProperty("--r", isCorner ? `${Math.max(corners - 2, 0)}px` : "");
}

// A font that the vendor declared, by its name; it is loaded once, and the policy allows no other file.
function declared(name) {
  const fonts = new Map(Object.entries(JSON.parse(document.body.dataset.fonts)));
  if (!fonts.has(name)) return "";
  if (!loaded.has(name)) {
    const face = new FontFace(name, `url("${fonts.get(name)}")`, { weight: "100 900", display: "swap" });
    document.fonts.add(face);
    loaded.add(name);
  }
  root.style.setProperty("--font", `"${name}"`);
  return "declared";
}

// One color or two, for the light and for the dark look. Where one would not do, our own stays.
function paint(token, value, fitsLight, fitsDark) {
  root.style.removeProperty(token);
  const [light, dark = light] = colors(value, 2);
  if (!light) return;
  const own = getComputedStyle(root).getPropertyValue(token);
  root.style.setProperty(token, `light-dark(${fitsLight(light) ? light : own}, ${fitsDark(dark) ? dark : own})`);
}

function colors(value, most) {
  const found = typeof value === "string" && value.length < 20 ? value.toLowerCase().trim().split(/\s+/) : [];
  return found.length <= most && found.every((one) => /^#[0-9a-f]{6}$/.test(one)) ? found : [];
}

// --- As integrations/domain/accent.py: a fill that stays as it is, and what can be read on it and beside it ---------

export function palette(accent) {
  if (!accent) return {};
  const ink = contrast(accent, WHITE) >= contrast(accent, BLACK) ? WHITE : BLACK;
  const hover = mix(accent, ink, 0.14);
  const edge = [apart(mix(accent, BLACK, 0.18), LIGHT_GROUND, BLACK, 3), apart(mix(accent, WHITE, 0.22), DARK_GROUND, WHITE, 3)];
  const text = [apart(accent, LIGHT_GROUND, BLACK, 4.5), apart(accent, DARK_GROUND, WHITE, 4.5)];
  return {
    "accent": accent,
    "on-accent": ink,
    "accent-edge": `light-dark(${edge})`,
    "accent-hover": contrast(hover, ink) >= 7 ? hover : mix(accent, ink === WHITE ? BLACK : WHITE, 0.14),
    "accent-wash": `color-mix(in oklab,${accent} 9%,var(--surface))`,
    "accent-text": `light-dark(${text})`,
  };
}

// The first color on the way to another one that has so much contrast to a ground.
function apart(color, ground, towards, least) {
  let found = color;
  while (contrast(found, ground) < least) found = mix(found, towards, 0.08);
  return found;
}

function mix(color, towards, share) {
  const goal = channels(towards);
  const mixed = channels(color).map((value, at) => Math.floor(value + (goal[at] - value) * share + 0.5));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function channels(color) {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color) {
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const [red, green, blue] = channels(color).map((value) => linear(value / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
