// What a frame shows: the content and the links in it, what the host should know of it, and repairs.
//
// Nothing is stored, nothing secret is in the page, and all that is said to the host goes over host_channel.js.

import { awaitHost, tell } from "./host_channel.js";
import { address, asked, begin, get, isOpen } from "./session.js";

// htmx would note where it is: this runs before it, and a frame has nowhere to note anything.
Object.defineProperty(window, "sessionStorage", { value: null });

const root = document.documentElement;
const main = document.querySelector("#main");
const FAST = 10 * 60_000; // ms for which a repair in another window is looked for
const VIEWS = ["list", "integration", "banner", "badge"];
let told = "", opened = null;

awaitHost(({ view, integration, token }) => {
  const wanted = { view: VIEWS.includes(view) ? view : "list", integration: String(integration ?? "") };
  root.dataset.view = wanted.view;
  begin(wanted, typeof token === "string" ? token : null, put);
});

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
    asked.view = root.dataset.view = "list"; // a banner unfolds
    url.pathname = address("");
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
  return (asked.view === "integration") === banner.getAttribute("hx-get").includes("only=");
}

document.addEventListener("htmx:afterSettle", () => report());
document.body.addEventListener("headline-changed", async () => {
  const banner = document.querySelector("#banner");
  if (asked.view === "integration" || !banner || isWhole(banner)) return;
  const response = await get(address("badge/"));
  if (response.ok) report(new DOMParser().parseFromString(await response.text(), "text/html").querySelector("#banner"));
});
// The views without cards have nobody else who looks.
setInterval(() => {
  const hasNoCards = ["banner", "badge"].includes(asked.view);
  if (hasNoCards && !document.hidden && isOpen()) htmx.trigger(document.body, "headline-changed");
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

document.addEventListener("session:ended", () => leaving?.close());

function stateOf(id) {
  const { key: worst, acts } = document.querySelector("#banner")?.dataset ?? {};
  return asked.view === "banner" ? `${worst} ${acts}` : document.getElementById(`card-${id}`)?.dataset.headline;
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
