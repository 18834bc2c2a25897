// A card stands in the group of its state, also after it changed while the page is open.

function regroup() {
  for (const card of document.querySelectorAll(".group [data-integration]")) {
    const group = document.querySelector(`.group[data-group="${card.dataset.group}"]`);
    if (card.closest(".group") === group) continue;
    const focused = card.contains(document.activeElement) ? document.activeElement : null;
    group.hidden = false; // nothing within what is hidden can have the focus
    group.querySelector(".group-cards").append(card);
    focused?.focus({ preventScroll: true });
  }
  for (const group of document.querySelectorAll(".group[data-group]")) {
    const { length } = group.querySelectorAll("[data-integration]");
    group.hidden = length === 0;
    group.querySelector("[data-count]").textContent = length;
  }
}
for (const name of ["htmx:afterSettle", "htmx:oobAfterSwap"]) document.addEventListener(name, regroup);
