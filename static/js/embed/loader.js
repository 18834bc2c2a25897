// <kombo-integrations token-url="/my/endpoint">: a customer's integrations in your page. No dependencies, no cookies.
//
// The token travels over a private channel, to this script's own origin only; see docs/embedding.md.

const HOME = new URL(import.meta.url).origin;
const TALLEST = 100_000; // px
const LOOK = ["theme", "accent", "surface", "border", "heading", "radius", "density", "font"];
const CONTENT = ["token-url", "view", "integration", "lang"]; // with another one, it begins anew
const heights = new Map(); // the last ones, by what an element shows and how wide it is
// Kept free until the content has come for the first time; for a page, what is below begins out of sight.
const RESERVED = { badge: "2.5rem", banner: "0" };
const PAGE = "100svh";

const style = new CSSStyleSheet();
style.replaceSync(`
  :host { display: block; }
  :host([hidden]) { display: none; }
  iframe { display: block; width: 100%; border: 0; }
  :host([theme="light"]) iframe { color-scheme: light; } /* where theirs is another one, browsers paint a ground */
  :host([theme="dark"]) iframe { color-scheme: dark; }
  iframe.awaited { background: repeating-linear-gradient(color-mix(in srgb, currentColor 7%, transparent) 0 8rem, transparent 8rem 9rem); }
`);

// Its frame is in a shadow root: what copies the page, as Turbo and htmx do for Back, copies no frame.
class KomboIntegrations extends HTMLElement {
  static observedAttributes = [...LOOK, ...CONTENT, "label", "initial"];
  #frame; #port; #early; #getToken; #isHeard = false; #isSettled = false; #isDue = false;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [style];
  }

  get getToken() {
    return this.#getToken;
  }

  set getToken(value) {
    const hadSource = this.#hasSource();
    this.#getToken = typeof value === "function" ? value : undefined;
    if (!hadSource) this.#renew();
  }

  connectedCallback() {
    for (const name of ["getToken", ...PROPERTIES.keys()]) {
      if (!Object.hasOwn(this, name)) continue;
      const early = this[name]; // set before this script ran
      delete this[name];
      this[name] = early;
    }
    this.#renew();
  }

  connectedMoveCallback() {} // by `moveBefore`, which keeps frames alive

  disconnectedCallback() {
    this.#stop();
  }

  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    if (CONTENT.includes(name)) this.#renew();
    else if (name === "label") this.#name();
    else if (LOOK.includes(name)) this.#port?.postMessage({ type: "theme", ...this.#look() });
  }

  // Once, for all that a script or framework says in one go.
  async #renew() {
    if (this.#isDue) return;
    this.#isDue = true;
    await null;
    this.#isDue = false;
    this.#stop();
    if (this.isConnected) this.#start();
  }

  #start() {
    const frame = (this.#frame = document.createElement("iframe"));
    const lang = this.closest("[lang]")?.lang || document.documentElement.lang;
    // The theme is part of the look as well, which comes when the frame has loaded: too late for its first paint.
    frame.src = `${HOME}/embed/?${new URLSearchParams({ lang, theme: this.#look().theme })}`;
    frame.allow = "clipboard-write"; // for the button that copies a link
    this.#name();
    frame.className = "awaited";
    const last = heights.get(this.#place());
    frame.style.height = last ? `${last}px` : RESERVED[this.view] ?? PAGE;
    this.#early = this.#token(); // while the frame loads
    this.#early.catch(() => {}); // the frame asks for it, and then it is told
    frame.addEventListener("load", () => this.#begin(frame), { once: true });
    this.shadowRoot.append(frame);
  }

  #stop() {
    this.#port?.close();
    this.#frame?.remove();
    this.#port = this.#frame = this.#early = undefined;
    this.#isHeard = this.#isSettled = false;
  }

  #name() {
    if (this.#frame) this.#frame.title = this.label || "Integrations";
  }

  #hasSource() {
    return Boolean(this.#getToken || this.tokenUrl);
  }

  async #token() {
    if (!this.#hasSource()) throw new Error("neither token-url nor getToken is set");
    const token = await (this.#getToken ? this.getToken() : this.#fetchToken());
    if (typeof token !== "string") throw new Error("the token endpoint answered no token");
    return token;
  }

  async #fetchToken() {
    const headers = { Accept: "application/json" };
    const response = await fetch(this.tokenUrl, { cache: "no-store", headers });
    if (!response.ok) throw new Error(`the token endpoint answered ${response.status}`);
    return (await response.json()).token;
  }

  #begin(frame) {
    if (!frame.isConnected || this.#frame !== frame) return;
    frame.className = ""; // from now on it shows itself what is awaited
    const channel = new MessageChannel();
    const port = (this.#port = channel.port1);
    port.onmessage = ({ data }) => this.#port === port && this.#hear(data);
    const init = { type: "kombo:init", view: this.view || "list", integration: this.integration, initial: this.initial,
      ...this.#look() };
    frame.contentWindow.postMessage(init, HOME, [channel.port2]);
    setTimeout(() => {
      if (this.#port !== port || this.#isHeard) return;
      this.#resize(0);
      this.#fail("unreachable", `${HOME} did not answer this page`);
    }, 15_000);
  }

  async #hear({ type, ...detail }) {
    this.#isHeard = true;
    if (type === "height") this.#measure(detail);
    else if (type === "top") this.getBoundingClientRect().top < 0 && this.scrollIntoView();
    else if (type === "need-token") {
      const port = this.#port;
      const token = this.#early ?? this.#token();
      this.#early = undefined;
      try {
        port.postMessage({ type: "token", token: await token });
      } catch (error) {
        port.postMessage({ type: "no-token" });
        if (this.#port === port) this.#fail(this.#hasSource() ? "token_endpoint" : "no_token_source", error.message);
      }
    } else if (type === "error") this.#fail(detail.code, detail.message);
    else if (["ready", "change", "reconnected", "navigate"].includes(type)) this.#raise(type, detail);
  }

  // An empty frame has a height as well, which is none to shrink to.
  #measure({ height, isFirst }) {
    if (!this.#isSettled) return;
    const px = Math.min(Math.max(Number(height) || 0, 0), TALLEST);
    this.#resize(px);
    if (isFirst) heights.set(this.#place(), px);
  }

  #resize(px) {
    this.#frame.style.height = `${px}px`;
  }

  #place() {
    return [this.view, this.integration, this.initial, this.clientWidth].join();
  }

  #fail(code, message) {
    this.#raise("error", { code, message });
  }

  #raise(type, detail) {
    if (["ready", "error"].includes(type)) this.#isSettled = true;
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  // Without a theme, the one that the page has around the element.
  #look() {
    const look = Object.fromEntries(LOOK.map((name) => [name, this[name]]));
    return { ...look, theme: look.theme || getComputedStyle(this).colorScheme.replace("normal", "light") };
  }
}

// Every attribute is a property too, as frameworks set those that an element has; `lang` is one anyway.
const PROPERTIES = new Map(KomboIntegrations.observedAttributes.filter((name) => name !== "lang")
  .map((name) => [name.replace(/-(.)/g, (_, letter) => letter.toUpperCase()), name]));
for (const [property, name] of PROPERTIES) {
  Object.defineProperty(KomboIntegrations.prototype, property, {
    configurable: true,
    enumerable: true,
    get() {
      return this.getAttribute(name) ?? "";
    },
    set(value) {
      if (value === null || value === undefined) this.removeAttribute(name);
      else this.setAttribute(name, value);
    },
  });
}

if (!customElements.get("kombo-integrations")) customElements.define("kombo-integrations", KomboIntegrations);
