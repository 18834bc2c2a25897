// The grid: what is open stays open when it is filtered anew, and a link to a field leads to it.

const results = () => document.querySelector("#results");

function openModels() {
  return [...results().querySelectorAll("details.coverage-model[open]")].map((model) => model.dataset.datapoint);
}

// Chips, search and news swap the rows; the server is told which of them are open. "Expand all" says so itself.
document.addEventListener("htmx:configRequest", ({ target, detail }) => {
  if (detail.target.id !== "results" || target.dataset.open) return;
  if (!target.matches("#grid-search")) detail.parameters.open = openModels();
});

document.addEventListener("click", ({ target }) => {
  if (target.matches(".coverage-empty a")) document.querySelector("#grid-query").value = target.dataset.query;
});

function modelOf(datapoint) {
  const models = [...results().querySelectorAll("details.coverage-model")];
  return models.find(({ dataset: { datapoint: id } }) => datapoint === id || datapoint.startsWith(`${id}.`));
}

function rowOf(datapoint) {
  return results().querySelector(`[data-datapoint="${CSS.escape(datapoint)}"]`);
}

function show(row) {
  (row.querySelector("summary") ?? row).scrollIntoView({ block: "center" });
  row.querySelector("a, summary")?.focus({ preventScroll: true });
}

function wantedDatapoint() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ""; // a mangled address leads nowhere
  }
}

function follow() {
  const wanted = wantedDatapoint();
  const model = wanted && modelOf(wanted);
  if (!model) return;
  model.open = true; // loads its fields if they are not there yet
  const row = rowOf(wanted);
  if (row) show(row);
  else model.addEventListener("htmx:afterSettle", () => show(rowOf(wanted) ?? model), { once: true });
}

window.addEventListener("hashchange", follow);
document.addEventListener("htmx:load", follow, { once: true }); // not before htmx is ready to load fields

if (new URLSearchParams(location.search).has("print")) print();
