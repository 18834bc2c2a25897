// The page of one integration: what stands around the card is asked for anew when the card was checked.

const standing = () => document.querySelector("#standing");
let checked = standing().dataset.checked;

document.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
  const moment = xhr.getResponseHeader("Checked-At");
  if (moment === null) return; // not an answer about the card
  if (xhr.status !== 204 || moment !== checked) htmx.trigger(standing(), "card-checked");
  checked = moment;
});

// Nothing is taken away from whoever is busy with it.
document.addEventListener("htmx:oobBeforeSwap", ({ target, detail }) => {
  if (!target.matches("[data-poll]")) detail.shouldSwap = !isBusy(target);
});

function isBusy(section) {
  if (section.contains(document.activeElement) || section.querySelector("details[open]")) return true;
  return [...section.querySelectorAll("input, select, textarea")].some(isChanged);
}

function isChanged({ options, value, defaultValue }) {
  if (options) return [...options].some((option) => option.selected !== option.defaultSelected);
  return value !== defaultValue;
}
