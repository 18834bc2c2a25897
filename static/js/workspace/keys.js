// Finding from anywhere, and keys for rows and search. Without it, there is a page to find on, and every row is a link.

const finder = document.querySelector("#finder");
const help = document.querySelector("#keys");
const found = document.querySelector("#found");
const opener = document.querySelector("[data-find]");
const isApple = /Mac|iPhone|iPad/.test(navigator.platform);
const rows = () => [...document.querySelectorAll("main tr[data-integration]")].filter((row) => row.offsetParent);

if (isApple) opener.querySelector("kbd").textContent = "⌘K";

// --- Finding -----------------------------------------------------------------------------------------------------

function openFinder() {
  if (finder.open) return;
  document.querySelector(".side:popover-open")?.hidePopover();
  finder.showModal();
  const field = finder.querySelector("input");
  field.value = "";
  field.focus();
  htmx.trigger(field.form, "submit"); // the pages, before anything is asked for
}

opener.addEventListener("click", (event) => {
  event.preventDefault();
  openFinder();
});

found.addEventListener("htmx:afterSettle", () => {
  const { none, one, many } = finder.querySelector("[data-found-count]").dataset;
  const { length } = found.querySelectorAll("a");
  const words = length === 0 ? none : length === 1 ? one : many.replace("{n}", length);
  finder.querySelector("[data-found-count]").textContent = words;
});

finder.addEventListener("keydown", (event) => {
  const stops = [finder.querySelector("input"), ...found.querySelectorAll("a")];
  const at = stops.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) stops[Math.min(Math.max(at + step, 0), stops.length - 1)].focus();
  else if (event.key === "Enter" && at === 0) stops[1]?.click();
  else return;
  event.preventDefault();
});

// Pressed beside it, a dialog closes.
for (const dialog of [finder, help])
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());

// --- Keys --------------------------------------------------------------------------------------------------------

const KEYS = {
  "/": () => {
    const field = document.querySelector("main input[type=search]");
    if (!field) return openFinder();
    field.focus();
    field.select();
  },
  "?": () => help.showModal(),
  j: () => move(1),
  k: () => move(-1),
  x: () => rowHere()?.querySelector("input[type=checkbox]")?.click(),
};

const rowHere = () => document.activeElement.closest?.("tr[data-integration]");

function move(step) {
  const all = rows();
  const at = all.indexOf(rowHere());
  const next = at < 0 ? all[0] : all[at + step];
  next?.querySelector("th a").focus();
}

document.addEventListener("keydown", (event) => {
  const { key, target, altKey, ctrlKey, metaKey, defaultPrevented, isComposing } = event;
  if (defaultPrevented || isComposing || altKey) return;
  if (key.toLowerCase() === "k" && (isApple ? metaKey : ctrlKey)) {
    event.preventDefault();
    return openFinder();
  }
  if (ctrlKey || metaKey || "off" in help.dataset || !KEYS[key] || document.querySelector("dialog[open]")) return;
  if (target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  event.preventDefault();
  KEYS[key]();
});
