// Opens Kombo Connect in a dialog and listens to it, and to nobody else.
//
// Protocol, as in Kombo's own library (@kombo-api/connect 1.3.0): the framed page posts {type: "close"} or
// {type: "success", data: {activation_token}}. Unlike there, the sender's origin is checked, not only its window.

export function open(dialog, opener) {
  let heir = opener; // the id of what has the focus afterwards; the button itself lost it when it was disabled
  const frame = dialog.querySelector("iframe");
  let isOver = false;

  function listen(event) {
    if (event.source !== frame.contentWindow || event.origin !== dialog.dataset.origin) return;
    const { type, data } = event.data ?? {};
    if (type === "close") dialog.close();
    else if (type === "success" && typeof data?.activation_token === "string") finish(data.activation_token);
  }

  // The card may have been replaced meanwhile; if it no longer asks, there is nothing left to tell.
  function report() {
    return document.querySelector(`#completed-${CSS.escape(dialog.dataset.card)}`);
  }

  // Closed before the end, also by leaving the page: nobody is connecting the tool any more.
  function leave() {
    const form = isOver || !frame || dialog.dataset.card !== "new" ? null : report();
    isOver = true;
    if (!form) return;
    const body = new URLSearchParams(new FormData(form));
    body.set("attempt", dialog.dataset.attempt);
    body.set("end", "left");
    fetch(form.action, { method: "POST", body, keepalive: true }).catch(() => {}); // then it is said in an hour
  }

  function finish(token) {
    isOver = true;
    dialog.close();
    const form = report();
    if (!form) return;
    heir = `name-${dialog.dataset.card}`; // the button goes once all is well
    form.elements.token.value = token;
    form.elements.attempt.value = dialog.dataset.attempt;
    form.requestSubmit();
  }

  if (frame) window.addEventListener("message", listen);
  window.addEventListener("pagehide", leave);
  dialog.addEventListener("close", () => {
    leave();
    window.removeEventListener("message", listen);
    window.removeEventListener("pagehide", leave);
    dialog.remove(); // and with it the link
    const next = document.getElementById(heir);
    if (next) next.focus();
    else document.querySelector("#main")?.focus({ preventScroll: true }); // a button that led nowhere is gone
  });
  dialog.showModal();
}
