// A vendor needs the first listener and nothing else: the number in the navigation. The rest works the panel.

const element = document.querySelector("kombo-integrations");
const settings = document.querySelector("#settings");
const events = document.querySelector("#events");

element.addEventListener("change", ({ detail: { actionRequired } }) => {
  document.querySelector("#number").textContent = actionRequired;
  document.querySelector("#attention").hidden = actionRequired === 0;
});

for (const type of ["ready", "change", "navigate", "reconnected", "error"]) {
  element.addEventListener(type, ({ detail }) => {
    const line = document.createElement("li");
    const said = Object.assign(document.createElement("code"), { textContent: JSON.stringify(detail) });
    line.append(type, said);
    line.dataset.type = type;
    events.prepend(line);
    events.children[8]?.remove();
  });
}

settings.addEventListener("change", ({ target }) => {
  if (!("live" in target.dataset)) {
    settings.requestSubmit();
    return;
  }
  element.setAttribute(target.name, target.value);
  if (target.name === "theme") document.documentElement.dataset.theme = target.value;
  history.replaceState(null, "", `?${new URLSearchParams(new FormData(settings))}`);
});
document.documentElement.classList.add("scripted");
