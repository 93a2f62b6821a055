// The messages of a chat, top to bottom, with days between them. It stays at the newest unless somebody has scrolled away.

import { bubble } from "./bubbles.js";
import { make } from "./dom.js";
import { day } from "./words.js";

const NEAR = 90; // pixels from the end that still count as being there
const gentle = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");

export class Log {
  constructor(node, newest) {
    Object.assign(this, { node, newest, missed: 0, near: true });
    this.bubbles = new Map(); // by message: its node, and as what it was told
    this.dots = make("div", "dots", make("i"), make("i"), make("i"));
    this.dots.setAttribute("aria-hidden", "true");
    node.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    newest.onclick = () => {
      this.toNewest(gentle());
      node.focus();
    };
    // A keyboard that opens, a window that shrinks, a picture that arrives: whoever was at the newest message stays there.
    new ResizeObserver(() => this.near && this.toNewest()).observe(node);
    node.addEventListener("load", () => this.near && this.toNewest(), true);
  }

  /** Show a chat; empty: what stands there where nothing was said yet. stay: it is the same chat, only the words change. */
  show(messages, room, does, empty, stay = false) {
    const top = this.node.scrollTop;
    const open = stay ? [...this.node.querySelectorAll(".message:has(.expandable.open)")].map((one) => Number(one.dataset.message)) : [];
    Object.assign(this, { room, does, empty, missed: 0 });
    // Changing chats is no news that is to be read aloud.
    this.node.setAttribute("aria-live", "off");
    this.bubbles = new Map(
      messages.map((message) => [message.message_id, { node: bubble(message, room, does), told: JSON.stringify(message) }]),
    );
    this.node.replaceChildren(...[...this.bubbles.values()].map(({ node }) => node));
    this.#arrange(messages);
    for (const id of open) this.#find(id)?.querySelector(".unfold")?.click();
    if (stay && !this.near) this.node.scrollTop = top;
    else this.toNewest();
    setTimeout(() => this.node.setAttribute("aria-live", "polite"), 300);
  }

  /** The same chat after a while without news: only what has changed changes. */
  sync(messages) {
    const ids = new Set(messages.map((message) => message.message_id));
    for (const id of [...this.bubbles.keys()]) if (!ids.has(id)) this.remove(id, messages);
    for (const message of messages) this.put(message, messages);
  }

  /** A new message, or one that has changed. */
  put(message, messages) {
    const told = JSON.stringify(message);
    const before = this.bubbles.get(message.message_id);
    if (before?.told === told) return;
    const node = bubble(message, this.room, this.does);
    this.bubbles.set(message.message_id, { node, told });
    if (before) this.#replace(before.node, node);
    else this.#append(node, message);
    this.#arrange(messages);
    if (this.near) this.toNewest();
  }

  remove(id, messages) {
    const node = this.#find(id);
    this.bubbles.delete(id);
    if (node?.contains(document.activeElement)) this.node.focus();
    node?.remove();
    this.#arrange(messages);
  }

  typing(yes) {
    if (yes === this.dots.isConnected) return;
    if (yes) this.node.append(this.dots);
    else this.dots.remove();
    if (this.near) this.toNewest();
  }

  /** Go to a message and point at it; false where it is not there. */
  point(id) {
    const node = this.#find(id);
    if (!node) return false;
    node.scrollIntoView({ block: "center", behavior: gentle() });
    node.focus({ preventScroll: true });
    node.classList.remove("pointed");
    requestAnimationFrame(() => node.classList.add("pointed"));
    return true;
  }

  toNewest(behavior = "instant") {
    const nothing = this.node.querySelector(".empty");
    this.node.scrollTo({ top: nothing ? 0 : this.node.scrollHeight, behavior });
    this.near = true;
    this.#count(0);
  }

  #find(id) {
    return this.bubbles.get(id)?.node;
  }

  #append(node, message) {
    const mine = message.from.id === this.room.me;
    if (mine) this.near = true;
    if (this.dots.isConnected && !mine) this.dots.remove();
    this.node.append(node);
    if (!this.near) this.#count(this.missed + 1);
  }

  /** A message that changes in place keeps the focus: at the same button, else at what has come for it, else at itself. */
  #replace(before, fresh) {
    const at = before.contains(document.activeElement) ? document.activeElement : null;
    const unfolds = (node) => node.querySelector(".unfold");
    const keys = [...fresh.querySelectorAll(".key")];
    const same = at && (keys.find((key) => key.dataset.does === at.dataset.does) || keys.find((key) => key.textContent === at.textContent));
    const come = at && !unfolds(before) && unfolds(fresh);
    before.replaceWith(fresh);
    if (before.querySelector(".expandable.open")) unfolds(fresh)?.click();
    if (at) (same || come || keys[0] || fresh).focus({ preventScroll: true });
  }

  #scrolled() {
    this.near = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR;
    this.#count(this.near ? 0 : this.missed);
  }

  #count(missed) {
    this.missed = missed;
    this.newest.hidden = this.near;
    this.newest.querySelector("b").textContent = missed || "";
  }

  /** Days between the messages, and the invitation where there are none. What is right already is left alone. */
  #arrange(messages) {
    const invited = this.node.querySelector(".empty");
    if (messages.length > 0) invited?.remove();
    else if (!invited) this.node.replaceChildren(this.empty());
    let last = "";
    for (const message of messages) {
      const node = this.#find(message.message_id);
      const told = day(message.date);
      const above = node?.previousElementSibling;
      const has = above?.classList.contains("day");
      if (told === last && has) above.remove();
      else if (told !== last && has && above.textContent !== told) above.firstChild.textContent = told;
      else if (told !== last && !has) node?.before(make("p", "day", make("span", "", told)));
      last = told;
    }
    for (const node of this.node.querySelectorAll(".day")) {
      if (!node.nextElementSibling?.classList.contains("message")) node.remove();
    }
    if (this.dots.isConnected && this.dots.nextElementSibling) this.node.append(this.dots);
  }
}
