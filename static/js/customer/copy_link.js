// A text to be passed on is selected, and copied at a press; or at once, where the press before asked for it. Without
// this, or without permission, it can be copied by hand.

export function prepare(button) {
  field(button).select();
  button.hidden = !navigator.clipboard; // which only pages by HTTPS have
  if (button.hidden) return;
  button.addEventListener("click", () => copy(button));
  if ("atOnce" in button.dataset) copy(button);
}

function field({ dataset }) {
  return document.getElementById(dataset.copies);
}

async function copy(button) {
  field(button).select();
  try {
    await navigator.clipboard.writeText(field(button).value);
  } catch {
    return;
  }
  document.getElementById(`${button.dataset.copies}-copied`).textContent = button.dataset.done;
}
