// The pages of one integration: what stands there is asked for anew when the integration was checked.

const standing = () => document.querySelector("#standing");
let checked = standing().dataset.checked;
let isAwaited = false; // somebody has pressed "Check now"

document.addEventListener("htmx:afterRequest", ({ detail: { xhr, requestConfig } }) => {
  const moment = xhr.getResponseHeader("Checked-At");
  if (moment === null) return; // not an answer about the integration
  isAwaited ||= requestConfig.verb === "post";
  if (xhr.status !== 204 || moment !== checked) htmx.trigger(standing(), "card-checked");
  checked = moment;
});

// A poll brings the customer's card, which this page has no place for. And nothing is taken away from whoever is busy.
document.addEventListener("htmx:oobBeforeSwap", ({ target, detail }) => {
  detail.shouldSwap = !target.matches("[data-poll]") && !isBusy(target);
});

document.addEventListener("htmx:afterSettle", () => {
  if (isAwaited) document.querySelector("#announcer").textContent = standing().querySelector("article").dataset.announce;
  isAwaited = false;
});

function isBusy(section) {
  const held = document.activeElement;
  if (section.contains(held) && !held.id) return true; // htmx gives the focus back to what has an id
  if (section.querySelector("details[open]")) return true;
  return [...section.querySelectorAll("input, select, textarea")].some(isChanged);
}

function isChanged({ options, value, defaultValue }) {
  if (options) return [...options].some((option) => option.selected !== option.defaultSelected);
  return value !== defaultValue;
}
