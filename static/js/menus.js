// A menu closes when somebody looks elsewhere, and by Escape, which leads back to what opened it.
document.addEventListener("click", ({ target }) => closeMenus((menu) => !menu.contains(target)));
document.addEventListener("focusin", ({ target }) => closeMenus((menu) => !menu.contains(target)));
document.addEventListener("keydown", ({ key, target }) => {
  if (key !== "Escape") return;
  const menu = target.closest?.(".menu[open]");
  closeMenus(() => true);
  menu?.querySelector("summary").focus();
});

function closeMenus(isToClose) {
  for (const menu of document.querySelectorAll(".menu[open]")) if (isToClose(menu)) menu.open = false;
}
