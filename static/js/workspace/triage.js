// The list of all integrations: select many, open a row, and look again now and then while nobody is busy with it.

const EVERY = 60_000; // milliseconds
const list = () => document.querySelector("#triage");
const boxes = () => [...list().querySelectorAll("input[name=integration]")];
let latest; // the box that was pressed last, where a range begins

function arm() {
  const all = list().querySelector("[data-all]");
  if (all) all.hidden = false;
}

function isBusy() {
  const held = document.activeElement;
  const writes = held?.matches("input, select, textarea") || list().contains(held);
  return document.hidden || writes || boxes().some((box) => box.checked) || document.querySelector("details[open], dialog[open]");
}

// --- Selecting ---------------------------------------------------------------------------------------------------

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-all]")) for (const box of boxes()) box.checked = target.checked;
  if (target.matches("[data-all], [name=integration]")) tellSelected();
});

document.addEventListener("click", ({ target, shiftKey }) => {
  if (target.name !== "integration") return;
  const all = boxes();
  const [from, to] = [all.indexOf(latest), all.indexOf(target)].sort((a, b) => a - b);
  if (shiftKey && from >= 0) for (const box of all.slice(from, to + 1)) box.checked = target.checked;
  latest = target;
});

document.addEventListener("reset", ({ target }) => target.id === "bulk" && setTimeout(tellSelected)); // after it is

function tellSelected() {
  const selected = boxes().filter((box) => box.checked).length;
  const all = list().querySelector("[data-all]");
  all.checked = selected === boxes().length;
  all.indeterminate = !all.checked && selected > 0;
  document.querySelector("#announcer").textContent = `${list().querySelector(".picked-number").textContent} ${selected}`;
}

// --- A row opens where it is pressed -----------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const row = event.target.closest?.("#triage tr[data-integration]");
  if (!row || event.target.closest("a, button, input, label") || String(getSelection())) return;
  const { href } = row.querySelector("th a");
  if (event.ctrlKey || event.metaKey) open(href, "_blank", "noopener");
  else location.assign(href);
});

// --- The form says what the address says -------------------------------------------------------------------------

document.addEventListener("htmx:pushedIntoHistory", () => {
  const asked = new URLSearchParams(location.search);
  for (const field of document.querySelectorAll("#filters :is(select, input)[name]")) {
    const value = asked.get(field.name) ?? "";
    if (field.type === "checkbox") field.checked = value === field.value;
    else if (field !== document.activeElement && (!field.options || [...field.options].some((one) => one.value === value)))
      field.value = value;
  }
});

document.addEventListener("htmx:afterSettle", arm);
arm();

setInterval(() => {
  const here = list().querySelector("[data-here]")?.dataset.here;
  if (here && !isBusy()) htmx.ajax("GET", here, { target: "#triage" });
}, EVERY);
