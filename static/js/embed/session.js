// The session: bought with a token of the host's, kept in memory alone, renewed in time, and said to have ended.

import { askForToken, tell } from "./host_channel.js";

const RENEW_AT = 0.8; // of a session's life
const root = document.documentElement;
const ended = document.querySelector("#session-ended .notice");
const ENDED = ended.querySelector("p").textContent;
const words = ended.parentElement.dataset; // for each reason why there never was a session
let key = "", tenant = "", renewing = null, renewal = 0, show;

export const asked = { view: "list", integration: "", page: "" }; // what is shown, as the host said

// Begins the first session; `put` is given the content that comes with it.
export function begin(wanted, token, put) {
  Object.assign(asked, wanted);
  show = put;
  return enter(token, asked.view);
}

export function isOpen() {
  return key !== "";
}

// The address of something of the tenant's.
export function address(path) {
  return `/embed/t/${tenant}/${path}`;
}

async function enter(token, view) {
  try {
    const answer = await exchange(token ?? await askForToken(), view);
    ended.hidden = true;
    if (view !== "none") show(answer);
    return true;
  } catch (error) {
    key = "";
    const isEmpty = !document.querySelector("#main").childElementCount;
    ended.querySelector("p").textContent = isEmpty ? reason(error) : ENDED;
    ended.hidden = false;
    if (!error.isKnown) tell("error", { code: error.code ?? "unreachable", message: error.message });
    return false;
  }
}

function reason({ isKnown, code = "unreachable" }) {
  if (isKnown) return words.noToken;
  if (["unreachable", "unavailable"].includes(code)) return words.unreachable;
  return code === "unknown_integration" ? words.gone : words.refused;
}

async function exchange(token, view) {
  const body = new URLSearchParams({ ...asked, view });
  const terms = { method: "POST", body, headers: headers(token), credentials: "omit" };
  const response = await fetch("/embed/session", terms);
  const answer = await response.json().catch(() => ({}));
  const message = answer.message ?? `status ${response.status}`;
  if (!response.ok || !answer.key) throw Object.assign(new Error(message), { code: answer.error });
  ({ key, tenant } = answer);
  clearTimeout(renewal);
  renewal = setTimeout(renew, answer.seconds * RENEW_AT * 1000);
  return answer;
}

function renew() {
  renewing ??= enter(null, "none").finally(() => { renewing = null; });
  return renewing;
}

ended.querySelector("button").addEventListener("click", () => enter(null, asked.view));

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
    return;
  }
  again.add(elt);
  htmx.ajax(requestConfig.verb, requestConfig.path, { source: elt, target, headers: requestConfig.headers });
}, { capture: true });
document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful } }) => successful && again.delete(elt));

export async function get(url) {
  const ask = () => fetch(url, { headers: headers(key), credentials: "omit" });
  const response = await ask();
  return response.status === 401 && await renew() ? ask() : response;
}
