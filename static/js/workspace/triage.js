// The list of all integrations: tick all, and look again now and then while nobody is busy with it.

const EVERY = 60_000; // milliseconds
const list = () => document.querySelector("#triage");
const boxes = () => [...list().querySelectorAll("input[name=integration]")];

function arm() {
  const all = list().querySelector("[data-all]");
  if (all) all.hidden = false;
}

function isBusy() {
  const held = document.activeElement;
  const writes = held?.matches("input, select, textarea") || list().contains(held);
  return document.hidden || writes || boxes().some((box) => box.checked) || list().querySelector("details[open]");
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-all]")) for (const box of boxes()) box.checked = target.checked;
  else if (target.name === "integration") {
    const all = list().querySelector("[data-all]");
    all.checked = boxes().every((box) => box.checked);
    all.indeterminate = !all.checked && boxes().some((box) => box.checked);
  }
});

document.addEventListener("htmx:afterSettle", arm);
arm();

setInterval(() => {
  const here = list().querySelector("[data-here]")?.dataset.here;
  if (here && !isBusy()) htmx.ajax("GET", here, { target: "#triage" });
}, EVERY);
