// Branding: a color picker beside the color as text, and a word about a file that is too large before it is sent.

const picker = document.querySelector("#identity-picker");
const text = document.querySelector("#id_accent");

picker.hidden = false;
picker.addEventListener("input", () => { text.value = picker.value; }); // the event goes on to the form
text.addEventListener("input", () => {
  if (/^#[0-9a-f]{6}$/i.test(text.value)) picker.value = text.value;
});

for (const input of document.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", (event) => {
    const isTooLarge = input.files[0]?.size > Number(input.dataset.most);
    input.closest(".field").querySelector("[data-too-large]").hidden = !isTooLarge;
    if (!isTooLarge) return;
    input.value = "";
    event.stopPropagation(); // nothing to preview
  });
}
