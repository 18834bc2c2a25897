// Keeps cards current: polls quietly, says what really changed, and tells of trouble. Without it, every page still works.

const SLOWEST = 300; // seconds between looks at a card nobody touches
const LONGEST_STREAK = 6; // of answers without news: each makes the next look a little later
const timers = new Map(); // card -> {timer, streak, waiting}
let signedOut = false;

// --- Polling ---------------------------------------------------------------------------------------------------

function schedule(card, seconds, streak = 0) {
  clearTimeout(timers.get(card)?.timer);
  const delay = Math.min(SLOWEST, seconds * 1.15 ** Math.min(streak, LONGEST_STREAK));
  const timer = setTimeout(() => look(card), delay * 1000);
  timers.set(card, { timer, streak, waiting: false });
}

function look(card) {
  const state = timers.get(card);
  if (!card.isConnected || signedOut) timers.delete(card);
  else if (document.hidden) state.waiting = true;
  else {
    schedule(card, 60, state.streak); // should the request be dropped or never end
    htmx.trigger(card, "poll");
  }
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const [card, state] of timers) if (state.waiting) schedule(card, 0);
});

function cardsIn(root) {
  return root.matches?.("[data-poll]") ? [root] : root.querySelectorAll?.("[data-poll]") ?? [];
}

document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  for (const card of cardsIn(elt)) {
    schedule(card, Number(card.dataset.poll));
    announceChange(card);
  }
});

document.addEventListener("htmx:afterRequest", ({ target: card, detail: { xhr, successful } }) => {
  refreshGrid(xhr.getResponseHeader("Coverage-Digest")); // a card that was swapped out reports from where it stood
  if (!card.isConnected || xhr.status === 404) timers.delete(card); // replaced, or no longer ours to see
  if (!timers.has(card)) return;
  const streak = timers.get(card).streak + 1;
  if (xhr.status === 204) {
    showAge(card, xhr.getResponseHeader("Checked-At"));
    schedule(card, Number(xhr.getResponseHeader("Poll-After")) || 60, streak);
  } else if (!successful) schedule(card, 30, streak);
});

function refreshGrid(digest) {
  const grid = document.querySelector("#coverage");
  if (digest === "") grid?.remove(); // held back from now on
  else if (grid && digest && grid.dataset.digest !== digest) {
    grid.dataset.digest = digest;
    htmx.trigger(grid, "coverage-changed");
  }
}

// --- Saying what changed ----------------------------------------------------------------------------------------

const headlines = new Map(); // integration -> headline last seen

function announceChange(card) {
  const { integration, headline, severity, announce } = card.dataset;
  const [before, now] = [headlines.get(integration), `${headline} ${severity}`];
  headlines.set(integration, now);
  if (before === undefined || before === now) return;
  say(announce);
  htmx.trigger(document.body, "headline-changed"); // the banner came along, but answers may overtake each other
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

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
const exact = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "long" });

function age(date) {
  const seconds = Math.round((date - Date.now()) / 1000);
  const [unit, size] = UNITS.find(([, size]) => -seconds >= size) ?? ["second", 1];
  // "12 seconds ago" would have to tick; within a minute, "now" is true enough.
  return unit === "second" ? relative.format(0, unit) : relative.format(Math.trunc(seconds / size), unit);
}

function showAge(card, moment) {
  const time = card.querySelector("time[data-checked]");
  if (!time || !moment) return;
  if (time.dateTime === moment) return;
  time.textContent = age(new Date(moment));
  time.title = exact.format(new Date(moment));
  time.dateTime = moment;
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
  } else if (xhr.status === 404 || !target.matches("[data-poll]")) {
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    tell(page.querySelector("[data-message]")?.textContent.trim());
  }
});
document.addEventListener("htmx:sendError", ({ target }) => target.matches("[data-poll]") || tell());

// Focus never falls to the body: if what held it goes for good, the card's name has it, or else the page.
let held = null;
for (const swap of ["htmx:beforeSwap", "htmx:oobBeforeSwap"])
  document.addEventListener(swap, ({ detail: { target } }) => {
    if (target.contains(document.activeElement)) held = target.id;
  });
document.addEventListener("htmx:afterSettle", () => {
  if (held !== null && document.activeElement === document.body)
    (document.getElementById(held)?.querySelector("a[id]") ?? document.querySelector("#main")).focus();
  held = null;
});

function tell(text) {
  const trouble = document.querySelector("#trouble");
  trouble.textContent = text || document.body.dataset.trouble;
  trouble.hidden = false;
}
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (!target.matches("[data-poll]")) document.querySelector("#trouble").hidden = true;
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
  const wanted = numbered ?? (document.querySelector("#banner > section") ? icon.dataset.alert : icon.dataset.calm);
  if (icon.getAttribute("href") !== wanted) icon.href = wanted;
});

document.addEventListener("htmx:afterSwap", async ({ detail: { target, requestConfig } }) => {
  const dialog = target.id === "connect" && target.querySelector("dialog");
  if (!dialog) return;
  const { open } = await import(document.body.dataset.connectModule);
  open(dialog, requestConfig.elt.querySelector("button").id);
});
