// Notes what any element on the page raises, for as long as the document lives.
window.heard = [];
for (const type of ["ready", "change", "reconnected", "error"])
  document.addEventListener(type, (event) => event.target.localName === "kombo-integrations" && heard.push([type, event.detail?.code]), true);
