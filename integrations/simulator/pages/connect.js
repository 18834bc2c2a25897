// Tells the page around the dialog how it ended. Anybody may frame it, as with Kombo Connect: the message
// holds only a token that is worthless without the vendor's API key.
const framed = window.parent !== window;
document.documentElement.toggleAttribute("data-framed", framed);

const { message } = document.body.dataset;
if (message && framed) {
  window.parent.postMessage(JSON.parse(message), "*");
}
if (document.body.dataset.notice) {
  document.querySelector("h1").focus();
}
