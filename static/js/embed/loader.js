// <kombo-integrations token-url="/my/endpoint">: a customer's integrations in your page. No dependencies, no cookies.
//
// The token travels over a private channel, to this script's own origin only; see docs/embedding.md.

const HOME = new URL(import.meta.url).origin;
const TALLEST = 100_000; // px
const LOOK = ["theme", "accent", "radius", "density", "font"];

class KomboIntegrations extends HTMLElement {
  static observedAttributes = LOOK;
  #frame; #port; #heard;

  connectedCallback() {
    this.style.display = "block";
    const frame = (this.#frame = document.createElement("iframe"));
    const language = this.getAttribute("lang") || document.documentElement.lang || "";
    frame.src = `${HOME}/embed/?lang=${encodeURIComponent(language)}`;
    frame.title = this.getAttribute("label") || "Integrations";
    frame.style.cssText = "border:0;display:block;width:100%;height:0";
    const token = this.#token(); // while the frame loads
    token.catch(() => {});
    frame.addEventListener("load", () => this.#begin(frame, token), { once: true });
    this.append(frame);
  }

  disconnectedCallback() {
    this.#port?.close();
    this.#port = undefined;
    this.#frame?.remove();
  }

  attributeChangedCallback() {
    this.#port?.postMessage({ type: "theme", ...this.#look() });
  }

  async #token() {
    const token = await (this.getToken ? this.getToken() : this.#fetchToken());
    if (typeof token !== "string") throw new Error("the token endpoint answered no token");
    return token;
  }

  async #fetchToken() {
    const headers = { Accept: "application/json" };
    const response = await fetch(this.getAttribute("token-url"), { cache: "no-store", headers });
    if (!response.ok) throw new Error(`the token endpoint answered ${response.status}`);
    return (await response.json()).token;
  }

  async #begin(frame, first) {
    const channel = new MessageChannel();
    this.#port = channel.port1;
    this.#port.onmessage = ({ data }) => this.#hear(data);
    const token = await first.catch(() => null); // the frame asks once more, and then it is told
    if (!frame.isConnected || this.#frame !== frame) return;
    const init = { type: "kombo:init", token, view: this.getAttribute("view") || "list",
      integration: this.getAttribute("integration") || "", ...this.#look() };
    frame.contentWindow.postMessage(init, HOME, [channel.port2]);
    setTimeout(() => {
      if (this.#port === channel.port1 && !this.#heard) this.#fail("unreachable", `${HOME} did not answer this page`);
    }, 15_000);
  }

  async #hear({ type, ...detail }) {
    this.#heard = true;
    if (type === "height") this.#frame.style.height = `${Math.min(Math.max(Number(detail.height) || 0, 0), TALLEST)}px`;
    else if (type === "top") this.getBoundingClientRect().top < 0 && this.scrollIntoView();
    else if (type === "need-token") {
      try {
        this.#port?.postMessage({ type: "token", token: await this.#token() });
      } catch (error) {
        this.#port?.postMessage({ type: "no-token" });
        this.#fail("token_endpoint", error.message);
      }
    } else if (type === "error") this.#fail(detail.code, detail.message);
    else if (["ready", "change", "reconnected"].includes(type)) this.#raise(type, detail);
  }

  #fail(code, message) {
    this.#raise("error", { code, message });
  }

  #raise(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  // Without a theme, the one that the page has around the element.
  #look() {
    const look = Object.fromEntries(LOOK.map((name) => [name, this.getAttribute(name) ?? ""]));
    return { ...look, theme: look.theme || getComputedStyle(this).colorScheme.replace("normal", "light") };
  }
}

if (!customElements.get("kombo-integrations")) customElements.define("kombo-integrations", KomboIntegrations);
