// Passkeys: the browser makes one, or shows one, and the form takes what it says to the site.

const form = document.querySelector("form[data-passkey]");
const isCapable = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);

if (form && isCapable) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      form.elements.credential.value = JSON.stringify(await ask(JSON.parse(form.dataset.options).publicKey));
      form.requestSubmit();
    } catch {
      // Cancelled, too late, or none that fits: the browser has told which.
      const trouble = document.querySelector("#trouble");
      trouble.textContent = form.dataset.failed;
      trouble.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
} else {
  document.querySelector("[data-no-passkey]")?.removeAttribute("hidden");
}

async function ask(options) {
  if (form.dataset.passkey === "make") {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}
