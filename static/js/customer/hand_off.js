// A link that is shown is selected, and copied at a press. Without this it can be selected by hand.

const field = document.querySelector("#hand-off-link");
const button = document.querySelector("#hand-off-copy");

field?.focus();
field?.select();
if (button) button.hidden = !navigator.clipboard; // which only pages by HTTPS have

button?.addEventListener("click", async () => {
  field.select();
  await navigator.clipboard.writeText(field.value);
  document.querySelector("#hand-off-copied").textContent = button.dataset.done;
});
