// Keeps cards current: polls quietly, says what really changed, and tells of trouble. Without it, every page still works.

import "./groups.js";
import "./menus.js";

const SLOWEST = 300; // seconds between looks at cards that nobody touches
const LONGEST_STREAK = 6; // of answers without news: each makes the next look a little later
const MOST = 50; // cards in one look, as the server takes
const PAUSE = 1000; // ms between two looks at least, however fast somebody scrolls
const due = new Map(); // integration -> when to look at it
const inView = new WeakSet();
let asked = new Map(); // integration -> version, as the latest look named them
let timer, streak = 0, looked = -PAUSE, isWaiting = false, signedOut = false;

// What nobody has asked for must not keep the reader of an open page signed in.
document.addEventListener("htmx:configRequest", ({ detail: { headers, triggeringEvent } }) => {
  if (!triggeringEvent?.isTrusted) headers["By-Itself"] = "1";
});

// --- Polling: one look for the whole page, at the cards that somebody can see ------------------------------------

const now = () => performance.now();

function cardsIn(root) {
  return root.matches?.("[data-poll]") ? [root] : [...root.querySelectorAll?.("[data-poll]") ?? []];
}

function wanted() {
  const cards = cardsIn(document);
  if (cards.length === 1) return cards; // the whole page is about it
  return cards.filter((card) => inView.has(card) || card.matches("[data-watched]")).slice(0, MOST);
}

function schedule() {
  clearTimeout(timer);
  const soonest = Math.min(...wanted().map(({ dataset }) => due.get(dataset.integration) ?? now()));
  if (signedOut || !Number.isFinite(soonest)) return;
  timer = setTimeout(look, Math.max(soonest, looked + PAUSE) - now());
}

function postpone(integrations, seconds) {
  const delay = Math.min(SLOWEST, seconds * 1.15 ** Math.min(streak, LONGEST_STREAK));
  for (const integration of integrations) due.set(integration, now() + delay * 1000);
  schedule();
}

function look() {
  isWaiting = document.hidden;
  if (isWaiting || signedOut) return;
  looked = now();
  postpone(wanted().map(({ dataset }) => dataset.integration), 60); // should the request be dropped or never end
  htmx.trigger("#poll", "poll");
}

document.addEventListener("visibilitychange", () => !document.hidden && isWaiting && look());

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) inView[isIntersecting ? "add" : "delete"](target);
  schedule();
});

document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  for (const card of cardsIn(elt)) {
    due.set(card.dataset.integration, now() + card.dataset.poll * 1000);
    observer.observe(card);
    announceChange(card);
    streak = 0;
  }
  schedule();
});

document.addEventListener("htmx:configRequest", ({ detail: { elt, parameters } }) => {
  if (elt.id !== "poll") return;
  asked = new Map(wanted().map(({ dataset }) => [dataset.integration, dataset.version]));
  parameters.seen = [...asked].map(([integration, version]) => `${integration}.${version}`).join("~");
});

document.addEventListener("htmx:oobBeforeSwap", ({ target, detail }) => {
  const { integration, version } = target.dataset;
  // What somebody did meanwhile has brought a newer card.
  if (asked.has(integration) && asked.get(integration) !== version) detail.shouldSwap = false;
});

// htmx can't deliver the answer to a press whose button is gone, so nothing that comes by itself replaces it until then.
let cameByItself = false, isOverdue = false;

for (const name of ["htmx:beforeSwap", "htmx:oobBeforeSwap"])
  document.addEventListener(name, ({ detail }) => {
    if (detail.requestConfig) cameByItself = detail.requestConfig.verb === "get";
    if (!cameByItself || !detail.target.querySelector("form[method=post].htmx-request")) return;
    detail.shouldSwap = false;
    isOverdue = true;
  });

document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig } }) => {
  if (!isOverdue || requestConfig.verb === "get") return;
  isOverdue = false;
  htmx.trigger(document.body, "headline-changed"); // the banner; cards come with the next poll
});

document.addEventListener("htmx:afterRequest", ({ target, detail: { xhr, successful } }) => {
  refreshGrid(xhr.getResponseHeader("Coverage-Digest"));
  if (target.id !== "poll") return;
  streak = xhr.status === 200 ? 0 : streak + 1;
  const after = successful ? Number(xhr.getResponseHeader("Poll-After")) || 60 : 30;
  if (successful) showAges(xhr.getResponseHeader("Checked-At")?.split(", ") ?? []);
  if (xhr.status === 404) for (const integration of asked.keys()) due.set(integration, Infinity); // gone for good
  else postpone(asked.keys(), after);
});

function refreshGrid(digest) {
  const grid = document.querySelector("#coverage, #coverage-to-come");
  if (digest === "" && grid?.dataset.digest) grid.remove(); // held back from now on
  else if (grid && digest && grid.dataset.digest !== digest) {
    grid.dataset.digest = digest;
    htmx.trigger(grid, "coverage-changed");
  }
}

// --- Saying what changed ----------------------------------------------------------------------------------------

const headlines = new Map(); // integration -> headline last seen
let news = []; // of one answer, to be said at once

function announceChange(card) {
  const { integration, headline, severity, announce } = card.dataset;
  const [before, after] = [headlines.get(integration), `${headline} ${severity}`];
  headlines.set(integration, after);
  if (before === undefined || before === after) return;
  if (news.push(announce) === 1) queueMicrotask(tellNews);
}

function tellNews() {
  say(news.join(". "));
  news = [];
  htmx.trigger(document.body, "headline-changed");
}

function say(text) {
  document.querySelector("#announcer").textContent = text;
}

document.addEventListener("htmx:afterSettle", ({ detail: { target, requestConfig } }) => {
  // Whoever pressed a button hears how it ended, news or not.
  const card = requestConfig?.verb === "post" && document.getElementById(target.id);
  if (card?.dataset?.announce) say(card.dataset.announce);
  const summary = target.querySelector?.("[data-announce-results]");
  if (summary) say(summary.textContent);
});

// --- Ages, in the reader's language -----------------------------------------------------------------------------

// As `relative_time` in integrations/domain/durations.py, which the page came with.
const UNITS = [["day", 86_400], ["hour", 3_600]];
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang);
const thisInstant = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" }).format(0, "second");

function age(date) {
  const seconds = Math.floor((Date.now() - date) / 1000);
  // "12 seconds ago" would have to tick; within a minute, "now" is true enough.
  if (seconds < 60) return thisInstant;
  const [unit, size] = UNITS.find(([, size]) => seconds >= 2 * size) ?? ["minute", 60];
  return relative.format(-Math.floor(seconds / size), unit);
}

function showAges(moments) {
  [...asked.keys()].forEach((integration, n) => {
    const time = document.querySelector(`#card-${CSS.escape(integration)} time[data-checked]`);
    if (!time || !(Date.parse(moments[n]) > Date.parse(time.dateTime))) return;
    time.textContent = age(new Date(moments[n]));
    time.dateTime = moments[n];
  });
}

setInterval(() => {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const date = new Date(time.dateTime);
    if (Date.now() - date > 60_000) time.textContent = age(date); // until then what stands there is good enough
  }
}, 30_000);

// --- Trouble ----------------------------------------------------------------------------------------------------

document.addEventListener("htmx:responseError", ({ target, detail: { xhr } }) => {
  if (xhr.status === 401) {
    signedOut = true;
    document.querySelector("#session-ended .notice").hidden = false;
  } else if (xhr.status === 404 || target.id !== "poll") {
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    tell(page.querySelector("[data-message]")?.textContent.trim());
  }
});
document.addEventListener("htmx:sendError", ({ target }) => target.id === "poll" || tell());

// Focus never falls to the body: if what held it goes for good, the card's name has it, or else the page.
let held = null;
for (const name of ["htmx:beforeSwap", "htmx:oobBeforeSwap"])
  document.addEventListener(name, ({ detail: { target } }) => {
    if (target.contains(document.activeElement)) held = target.id;
  });
for (const name of ["htmx:afterSettle", "htmx:afterRequest"]) // the end of a card settles nothing
  document.addEventListener(name, () => {
    if (held !== null && document.activeElement === document.body)
      (document.getElementById(held)?.querySelector("[id^=name-]") ?? document.querySelector("#main")).focus();
    held = null;
  });

// On the page, or in the dialog over it, beneath which nobody could read it.
function placeOfTrouble() {
  return document.querySelector("dialog[open] > .notice") ?? document.querySelector("#trouble");
}

function tell(text) {
  const trouble = placeOfTrouble();
  trouble.textContent = text || document.body.dataset.trouble;
  trouble.hidden = false;
}
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (target.id !== "poll") placeOfTrouble().hidden = true;
});

// --- Logos that a browser can't show -----------------------------------------------------------------------------

function standIn(picture) {
  if (!picture.src.includes("?")) picture.src += "?monogram";
}
document.addEventListener("error", ({ target }) => target.matches?.("img.logo, img.mini") && standIn(target), true);
for (const picture of document.querySelectorAll("img.logo")) picture.decode().catch(() => standIn(picture)); // by now

// --- Small comforts ---------------------------------------------------------------------------------------------

document.addEventListener("htmx:afterSettle", () => {
  const icon = document.querySelector("link[rel=icon]");
  const numbered = document.querySelector("[data-favicon]")?.dataset.favicon;
  const wanted = numbered ?? (Number(document.querySelector("#banner")?.dataset.acts) ? icon.dataset.alert : icon.dataset.calm);
  if (icon.getAttribute("href") !== wanted) icon.href = wanted;
});

document.addEventListener("htmx:afterSwap", async ({ detail: { target, requestConfig } }) => {
  const dialog = target.id === "connect" && target.querySelector("dialog");
  if (!dialog) return;
  const { open } = await import(document.body.dataset.connectModule);
  open(dialog, (requestConfig.elt.querySelector("button") ?? requestConfig.elt).id);
});

document.addEventListener("htmx:load", async ({ detail: { elt } }) => {
  if (!elt.querySelector("[data-copies]")) return;
  const { prepare } = await import(document.body.dataset.copyModule);
  elt.querySelectorAll("[data-copies]").forEach(prepare);
});
