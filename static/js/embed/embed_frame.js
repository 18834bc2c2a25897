// The frame's side of an embed: takes a token over a private channel, buys a session with it, and keeps both in memory.
//
// Nothing is stored, nothing secret is in the page, and all that is said to the host goes over that one channel.

// htmx would note where it is: this runs before it, and a frame has nowhere to note anything.
Object.defineProperty(window, "sessionStorage", { value: null });

const root = document.documentElement;
const main = document.querySelector("#main");
const ended = document.querySelector("#session-ended .notice");
const ENDED = ended.querySelector("p").textContent;
const RENEW_AT = 0.8; // of a session's life
const FAST = 10 * 60_000; // ms for which a repair in another window is looked for
const VIEWS = ["list", "integration", "banner", "badge"];
let port, options = {}, key = "", tenant = "", renewing = null, renewal = 0, told = "", opened = null;

// --- The host ----------------------------------------------------------------------------------------------------

const allowed = document.body.dataset.origins.split(" ").filter(Boolean).map((origin) =>
  new RegExp(`^${origin.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace("*", "[a-z0-9-]+(\\.[a-z0-9-]+)*")}$`));

addEventListener("message", ({ source, origin, data, ports }) => {
  if (port || source !== parent || source === window || ports.length !== 1) return;
  if (data?.type !== "kombo:init" || !allowed.some((one) => one.test(origin))) return;
  [port] = ports;
  port.onmessage = onMessage;
  begin(data);
});

function onMessage({ data }) {
  if (data?.type === "token" && typeof data.token === "string") waiting?.resolve(data.token);
  else if (data?.type === "no-token") waiting?.reject(Object.assign(new Error("no token"), { isKnown: true }));
  else if (data?.type === "theme") dress(data);
}

function tell(type, detail = {}) {
  port?.postMessage({ type, ...detail });
}

let waiting = null; // for a token of the host's
function askForToken() {
  return new Promise((resolve, reject) => {
    waiting = { resolve, reject };
    setTimeout(() => reject(new Error("no token in time")), 15_000);
    tell("need-token");
  }).finally(() => { waiting = null; });
}

// --- The session -------------------------------------------------------------------------------------------------

async function begin(data) {
  options = { view: VIEWS.includes(data.view) ? data.view : "list", integration: String(data.integration ?? "") };
  root.dataset.view = options.view;
  dress(data);
  await enter(typeof data.token === "string" ? data.token : null, options.view);
}

function dress(detail) {
  document.dispatchEvent(new CustomEvent("host:look", { detail })); // look.js
}

async function enter(token, view) {
  try {
    const answer = await exchange(token ?? await askForToken(), view);
    ended.hidden = true;
    if (view !== "none") put(answer.content);
    return true;
  } catch (error) {
    key = "";
    ended.querySelector("p").textContent = main.childElementCount ? ENDED : document.body.dataset.trouble;
    ended.hidden = false;
    if (!error.isKnown) tell("error", { code: error.code ?? "unreachable", message: error.message });
    return false;
  }
}

async function exchange(token, view) {
  const body = new URLSearchParams({ view, integration: options.integration ?? "" });
  const terms = { method: "POST", body, headers: headers(token), credentials: "omit" };
  const response = await fetch("/embed/session", terms);
  const answer = await response.json().catch(() => ({}));
  const message = answer.message ?? `status ${response.status}`;
  if (!response.ok) throw Object.assign(new Error(message), { code: answer.error });
  ({ key, tenant } = answer);
  clearTimeout(renewal);
  renewal = setTimeout(renew, answer.seconds * RENEW_AT * 1000);
  return answer;
}

function renew() {
  renewing ??= enter(null, "none").finally(() => { renewing = null; });
  return renewing;
}

ended.querySelector("button").addEventListener("click", () => enter(null, options.view));

function headers(secret) {
  return { Authorization: `Bearer ${secret}`, "Accept-Language": root.lang };
}

document.addEventListener("htmx:configRequest", ({ detail }) => Object.assign(detail.headers, headers(key)));

// A session that ended is renewed once, silently, and what was asked for is asked again.
const again = new WeakSet();
document.addEventListener("htmx:responseError", async (event) => {
  const { xhr, elt, target, requestConfig } = event.detail;
  if (xhr.status !== 401) return;
  event.stopImmediatePropagation();
  const isRenewed = key && requestConfig.headers.Authorization !== headers(key).Authorization; // by another request
  if (again.has(elt) || !(isRenewed || await renew())) {
    ended.hidden = false;
    leaving?.close();
    return;
  }
  again.add(elt);
  htmx.ajax(requestConfig.verb, requestConfig.path, { source: elt, target, headers: requestConfig.headers });
}, { capture: true });
document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful } }) => successful && again.delete(elt));

async function get(url) {
  const ask = () => fetch(url, { headers: headers(key), credentials: "omit" });
  const response = await ask();
  return response.status === 401 && await renew() ? ask() : response;
}

// --- Content -----------------------------------------------------------------------------------------------------

function put(html) {
  tell("ready"); // before the first `change`, which the swap brings
  htmx.swap(main, html, { swapStyle: "innerHTML" }, { eventInfo: { target: main } });
}

// Links lead within the frame, with the session's key; files are fetched with it and saved.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const url = link && new URL(link.href, location.href);
  if (!url || url.origin !== location.origin || link.target || link.hasAttribute("hx-get")) return;
  if (link.getAttribute("href").startsWith("#")) {
    if (document.getElementById(link.hash.slice(1))) return;
    options.view = root.dataset.view = "list"; // a banner unfolds
    url.pathname = `/embed/t/${tenant}/`;
  }
  event.preventDefault();
  if (url.pathname.endsWith(".csv")) save(url);
  else visit(url);
});

async function visit(url) {
  const terms = { target: "#main", swap: "innerHTML", headers: { "HX-Boosted": "true" } };
  await htmx.ajax("GET", url.pathname + url.search, terms);
  main.focus({ preventScroll: true });
  const frame = () => new Promise(requestAnimationFrame);
  await frame().then(frame); // and the height has been told
  const place = document.getElementById(url.hash.slice(1));
  if (url.hash && document.querySelector("#results")) {
    location.replace("#");
    location.replace(url.hash); // a field, perhaps: coverage.js opens what it is in
  }
  if (place) place.scrollIntoView();
  else tell("top");
  if (url.searchParams.has("print")) print();
}

async function save(url) {
  const response = await get(url);
  if (!response.ok) {
    const trouble = document.querySelector("#trouble");
    trouble.textContent = document.body.dataset.trouble;
    trouble.hidden = false;
    return;
  }
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "data.csv";
  const href = URL.createObjectURL(await response.blob());
  const link = Object.assign(document.createElement("a"), { href, download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

// --- What the host should know -----------------------------------------------------------------------------------

new ResizeObserver(() => tell("height", { height: height() })).observe(document.body);

function height() {
  return Math.ceil(document.body.getBoundingClientRect().height);
}

function report(banner = document.querySelector("#banner")) {
  if (!banner || !isWhole(banner)) return;
  const { worst, key: headline, acts, total } = banner.dataset;
  const state = { severity: worst, headline, actionRequired: Number(acts), total: Number(total) };
  if (JSON.stringify(state) === told) return;
  told = JSON.stringify(state);
  tell("change", state);
}

// Whether it is about all that the host asked for: within a list, the page of one integration counts that one only.
function isWhole(banner) {
  return (options.view === "integration") === banner.getAttribute("hx-get").includes("only=");
}

document.addEventListener("htmx:afterSettle", () => report());
document.body.addEventListener("headline-changed", async () => {
  const banner = document.querySelector("#banner");
  if (options.view === "integration" || !banner || isWhole(banner)) return;
  const response = await get(`/embed/t/${tenant}/badge/`);
  if (response.ok) report(new DOMParser().parseFromString(await response.text(), "text/html").querySelector("#banner"));
});
// The views without cards have nobody else who looks.
setInterval(() => {
  const hasNoCards = ["banner", "badge"].includes(options.view);
  if (hasNoCards && !document.hidden && key) htmx.trigger(document.body, "headline-changed");
}, 30_000);

// --- Repairs, in a window of their own ---------------------------------------------------------------------------

let leaving = null;
document.addEventListener("submit", ({ target }) => {
  if (!/\/(reconnect|setup)\/$/.test(target.getAttribute("action") ?? "")) return;
  leaving = open("about:blank", "_blank"); // now, as browsers allow it only at a click
  if (leaving) leaving.opener = null;
}, { capture: true });

document.addEventListener("htmx:afterRequest", ({ detail: { target, xhr, successful } }) => {
  if (target.id !== "connect" || xhr.status === 401) return; // which is asked again
  const way = successful && target.querySelector("[data-leave]");
  if (way) leaving?.location.replace(way.dataset.leave);
  else leaving?.close();
  leaving = null;
  if (way) opened = { id: way.dataset.card, was: stateOf(way.dataset.card), until: Date.now() + FAST };
});

function stateOf(id) {
  const { key: worst, acts } = document.querySelector("#banner")?.dataset ?? {};
  return options.view === "banner" ? `${worst} ${acts}` : document.getElementById(`card-${id}`)?.dataset.headline;
}

setInterval(() => {
  if (!opened || document.hidden) return;
  const card = document.getElementById(`card-${opened.id}`);
  const now = stateOf(opened.id);
  if (now && now !== opened.was) {
    document.querySelector("#connect").replaceChildren();
    tell("reconnected", { integration: opened.id, headline: card?.dataset.headline ?? "" });
    opened = null;
  } else if (Date.now() > opened.until) opened = null;
  else if (card) htmx.trigger(card, "poll");
  else htmx.trigger(document.body, "headline-changed");
}, 2_000);
