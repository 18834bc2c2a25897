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
const INITIAL = /^(integration|shared|history|statement):(.{1,200})$/; // a page of one integration within the list
const PAGE = /\/i\/([\w-]+)\/(?:(history|statement|hand-off)\/)?/; // in an address
let told = "", toldPlace = "", opened = null;
let first = "", shown = ""; // the addresses of what the host asked for, and of what is there now

awaitHost(({ view, integration, initial, token }) => {
  const wanted = { view: VIEWS.includes(view) ? view : "list", integration: String(integration ?? ""), page: "" };
  const [, page, id] = wanted.view === "list" && INITIAL.exec(initial) || [];
  if (page) Object.assign(wanted, { page, integration: id });
  root.dataset.view = wanted.view;
  root.dataset.awaits = page ? "integration" : wanted.view;
  if (root.dataset.awaits === "integration") pageParts();
  begin(wanted, typeof token === "string" ? token : null, put);
});

// --- Content -----------------------------------------------------------------------------------------------------

async function put({ content, address: at }) {
  if (content.includes('class="tabs"')) await pageParts();
  tell("ready"); // before the first `change`, which the swap brings
  htmx.swap(main, content, { swapStyle: "innerHTML" }, { eventInfo: { target: main } });
  shown = first = at;
  toldPlace = JSON.stringify(whereabouts());
  history.replaceState(place(), "");
  if (asked.page) reportAll();
  tellHeight(); // though it may be no other than before: the host keeps some place free
}

// What only the pages of one integration need, fetched with the first of them.
let parts;
function pageParts() {
  const { pageStyles, pageScript } = document.body.dataset;
  parts ??= Promise.all([import(pageScript), ...pageStyles.split(" ").map(style)].map((part) => part.catch(() => {})));
  return parts;
}

function style(href) {
  return new Promise((onload, onerror) => {
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload, onerror }));
  });
}

// Links lead within the frame, with the session's key; files are fetched with it and saved. Others leave the host alone.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const url = link && new URL(link.href, location.href);
  if (!url || link.target || link.hasAttribute("hx-get")) return;
  if (url.origin !== location.origin) {
    if (url.protocol.startsWith("http")) Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
    return;
  }
  if (link.getAttribute("href").startsWith("#")) {
    if (document.getElementById(link.hash.slice(1))) return;
    asked.view = root.dataset.view = "list"; // a banner unfolds
    url.pathname = address("");
  }
  event.preventDefault();
  if (/\.(csv|json)$/.test(url.pathname)) save(url);
  else lead(url);
});

function lead(url) {
  const isOther = shown !== url.pathname + url.search;
  const done = visit(url);
  if (isOther) history.pushState(place(), "");
  if (url.searchParams.has("print")) done.then(print);
}

// A form that htmx doesn't know would leave the frame, and without the session's key.
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.matches("[hx-get], [hx-post], [method=dialog]")) return;
  event.preventDefault();
  const action = form.getAttribute("action");
  const values = Object.fromEntries(new FormData(form, submitter));
  if (form.method === "get") lead(new URL(`${action}?${new URLSearchParams(values)}`, location.href));
  else htmx.ajax("POST", action, { source: form, target: main, swap: "innerHTML", values });
});
// What can't be done is a page as well, which says why.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target === main && detail.xhr.status === 409) Object.assign(detail, { shouldSwap: true, isError: false });
});

// Back leads within the frame too. The frame's own address stays: of the way, its history alone knows.
function place() {
  return { path: shown, view: asked.view };
}

addEventListener("popstate", ({ state }) => {
  if (!state || state.path === shown) return; // a place within what is shown
  asked.view = root.dataset.view = state.view;
  visit(new URL(state.path, location.href));
});
addEventListener("hashchange", () => history.state ?? history.replaceState(place(), ""));

// What a page asks for by itself ends with it: cards would come to a page without them, a page's grid with the page
// that somebody has left.
document.addEventListener("htmx:beforeCleanupElement", ({ target }) => {
  if (["poll", "coverage-to-come"].includes(target.id)) htmx.trigger(target, "htmx:abort");
});

async function visit(url) {
  shown = url.pathname + url.search;
  if (PAGE.test(shown) || shown.includes("/connect/")) await pageParts();
  const terms = { target: "#main", swap: "innerHTML", headers: { "HX-Boosted": "true" } };
  await htmx.ajax("GET", shown, terms);
  main.focus({ preventScroll: true });
  const frame = () => new Promise(requestAnimationFrame);
  await frame().then(frame); // and the height has been told
  const goal = document.getElementById(url.hash.slice(1));
  if (url.hash && document.querySelector("#results")) {
    location.replace("#");
    location.replace(url.hash); // a field, perhaps: coverage.js opens what it is in
  }
  if (goal) goal.scrollIntoView();
  else tell("top");
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

new ResizeObserver(tellHeight).observe(document.body);

function tellHeight() {
  tell("height", { height: Math.ceil(document.body.getBoundingClientRect().height), isFirst: shown === first });
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
  const at = banner.getAttribute("hx-get");
  return asked.view === "integration" ? /only=|alone=/.test(at) : !at.includes("only=");
}

function whereabouts() {
  const [, integration = "", page = "integration"] = PAGE.exec(shown) ?? [];
  return { view: integration ? page.replace("hand-off", "send") : asked.view, integration };
}

document.addEventListener("htmx:afterRequest", ({ detail: { target, successful, requestConfig } }) => {
  const now = JSON.stringify(whereabouts());
  if (target !== main || !successful || requestConfig.verb !== "get" || now === toldPlace) return;
  toldPlace = now;
  tell("navigate", whereabouts());
});

document.addEventListener("htmx:afterSettle", () => report());
document.body.addEventListener("headline-changed", () => {
  const banner = document.querySelector("#banner");
  if (asked.view !== "integration" && banner && !isWhole(banner)) reportAll();
});

async function reportAll() {
  const response = await get(address("badge/"));
  if (response.ok) report(new DOMParser().parseFromString(await response.text(), "text/html").querySelector("#banner"));
}

// The views without cards have nobody else who looks.
setInterval(() => {
  const hasNoCards = ["banner", "badge"].includes(asked.view);
  if (hasNoCards && !document.hidden && isOpen()) htmx.trigger(document.body, "headline-changed");
}, 30_000);

// --- Repairs, in a window of their own ---------------------------------------------------------------------------

// The window is opened at the click, as browsers allow it only then, and for good: a host's page may forbid that
// anybody leads it on. So the frame makes up the handle, and the window's page waits until the server knows it.
const leaves = (form) => /\/(reconnect|setup|start)\/$/.test(form.getAttribute("action") ?? "");
let handle = "";
document.addEventListener("submit", ({ target }) => {
  if (!leaves(target)) return;
  handle = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24)))).replace(/\+/g, "-").replace(/\//g, "_");
  open(`/go/${handle}/?lang=${root.lang}&wait=0`, "_blank", "noopener");
}, { capture: true });

document.addEventListener("htmx:configRequest", ({ detail: { elt, parameters } }) => {
  if (leaves(elt)) parameters.handle = handle;
});

document.addEventListener("htmx:afterRequest", ({ detail: { target, successful } }) => {
  const way = successful && target.id === "connect" && target.querySelector("[data-leave]");
  if (!way) return;
  way.scrollIntoView({ block: "nearest" }); // should no window open, its link leads there
  if (way.dataset.card) opened = { id: way.dataset.card, was: stateOf(way.dataset.card), until: Date.now() + FAST };
});

function stateOf(id) {
  const { key: worst, acts } = document.querySelector("#banner")?.dataset ?? {};
  // On a banner, and on another page of many, there is no card.
  return document.getElementById(`card-${id}`)?.dataset.headline ?? (acts && `${worst} ${acts}`);
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
  else if (card) {
    card.toggleAttribute("data-watched", true); // be it in view or not
    htmx.trigger("#poll", "poll");
  } else htmx.trigger(document.body, "headline-changed");
}, 2_000);
