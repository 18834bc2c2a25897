// Opens Kombo Connect in a dialog and listens to it, and to nobody else.
//
// Protocol, as in Kombo's own library (@kombo-api/connect 1.3.0): the framed page posts {type: "close"} or
// {type: "success", data: {activation_token}}. Unlike there, the sender's origin is checked, not only its window.

export function open(dialog, opener) {
  let heir = opener; // the id of what has the focus afterwards; the button itself lost it when it was disabled
  const frame = dialog.querySelector("iframe");

  function listen(event) {
    if (event.source !== frame.contentWindow || event.origin !== dialog.dataset.origin) return;
    const { type, data } = event.data ?? {};
    if (type === "close") dialog.close();
    else if (type === "success" && typeof data?.activation_token === "string") finish(data.activation_token);
  }

  function finish(token) {
    dialog.close();
    // The card may have been replaced meanwhile; if it no longer asks, there is nothing left to tell.
    const form = document.querySelector(`#completed-${CSS.escape(dialog.dataset.card)}`);
    if (!form) return;
    heir = `name-${dialog.dataset.card}`; // the button goes once all is well
    form.elements.token.value = token;
    form.elements.attempt.value = dialog.dataset.attempt;
    form.requestSubmit();
  }

  if (frame) window.addEventListener("message", listen);
  dialog.addEventListener("close", () => {
    window.removeEventListener("message", listen);
    dialog.remove(); // and with it the link
    document.getElementById(heir)?.focus();
  });
  dialog.showModal();
}
