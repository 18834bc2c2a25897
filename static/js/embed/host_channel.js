// The channel to the host's page: who may open it, what comes over it, and what is said over it.
//
// The first message that is what it must be brings a port. From then on nobody else is listened to, and nothing
// is said anywhere but over that port.

const TOKEN_WITHIN = 15_000; // ms
let port, waiting = null; // for a token of the host's

const allowed = document.body.dataset.origins.split(" ").filter(Boolean).map((origin) =>
  new RegExp(`^${origin.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace("*", "[a-z0-9-]+(\\.[a-z0-9-]+)*")}$`));

// Calls `begin` once, with what the host asks for.
export function awaitHost(begin) {
  addEventListener("message", ({ source, origin, data, ports }) => {
    if (port || source !== parent || source === window || ports.length !== 1) return;
    if (data?.type !== "kombo:init" || !allowed.some((one) => one.test(origin))) return;
    [port] = ports;
    port.onmessage = onMessage;
    dress(data);
    begin(data);
  });
}

function onMessage({ data }) {
  if (data?.type === "token" && typeof data.token === "string") waiting?.resolve(data.token);
  else if (data?.type === "no-token") waiting?.reject(Object.assign(new Error("no token"), { isKnown: true }));
  else if (data?.type === "theme") dress(data);
}

function dress(detail) {
  document.dispatchEvent(new CustomEvent("host:look", { detail })); // theme.js
}

export function tell(type, detail = {}) {
  port?.postMessage({ type, ...detail });
}

export function askForToken() {
  return new Promise((resolve, reject) => {
    waiting = { resolve, reject };
    setTimeout(() => reject(new Error("no token in time")), TOKEN_WITHIN);
    tell("need-token");
  }).finally(() => { waiting = null; });
}
