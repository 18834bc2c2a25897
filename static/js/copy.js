// `<button data-copy="text" data-copied="Copied" hidden>`: copies its text and says so; hidden where nothing can be copied.

const arm = () => {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
};

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  document.querySelector("#announcer").textContent = button.dataset.copied;
});

document.addEventListener("htmx:afterSettle", arm);
arm();
