// The messages of a chat, top to bottom, with days between them. It stays at the newest unless somebody has scrolled away.

import { bubble } from "./bubbles.js";
import { make } from "./entities.js";
import { day } from "./words.js";

const NEAR = 90; // pixels from the end that still count as being there

export class Log {
  constructor(node, newest) {
    this.node = node;
    this.newest = newest;
    this.missed = 0;
    this.dots = make("div", "dots", make("i"), make("i"), make("i"));
    this.dots.setAttribute("aria-hidden", "true");
    node.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    newest.onclick = () => this.toNewest(true);
    // A keyboard that opens, a window that shrinks, a picture that arrives: whoever was at the newest message stays there.
    new ResizeObserver(() => this.near && this.toNewest()).observe(node);
    node.addEventListener("load", () => this.near && this.toNewest(), true);
    this.near = true;
  }

  /** Show a chat from its beginning; empty: what stands there where nothing was said yet. */
  show(messages, room, does, empty) {
    Object.assign(this, { room, does, empty, missed: 0 });
    // Changing chats is no news that is to be read aloud.
    this.node.setAttribute("aria-live", "off");
    this.node.replaceChildren(...messages.map((message) => bubble(message, room, does)));
    this.#arrange(messages);
    this.toNewest();
    setTimeout(() => this.node.setAttribute("aria-live", "polite"), 300);
  }

  /** A new message, or one that has changed. */
  put(message, messages) {
    const fresh = bubble(message, this.room, this.does);
    const before = this.#find(message.message_id);
    if (before) this.#replace(before, fresh);
    else this.#append(fresh, message);
    this.#arrange(messages);
    if (this.near) this.toNewest();
  }

  remove(id, messages) {
    this.#find(id)?.remove();
    this.#arrange(messages);
  }

  typing(yes) {
    if (yes) this.node.append(this.dots);
    else this.dots.remove();
    if (this.near) this.toNewest();
  }

  /** Go to a message and point at it; false where it is not there. */
  point(id) {
    const node = this.#find(id);
    if (!node) return false;
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.focus({ preventScroll: true });
    node.classList.remove("pointed");
    requestAnimationFrame(() => node.classList.add("pointed"));
    return true;
  }

  toNewest(smooth = false) {
    const nothing = this.node.querySelector(".empty");
    this.node.scrollTo({ top: nothing ? 0 : this.node.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.near = true;
    this.#count(0);
  }

  #find(id) {
    return this.node.querySelector(`[data-message="${id}"]`);
  }

  #append(node, message) {
    const mine = message.from.id === this.room.me;
    if (mine) this.near = true;
    if (this.dots.isConnected && !mine) this.dots.remove();
    this.node.append(node);
    if (!this.near) this.#count(this.missed + 1);
  }

  /** A message that changes in place keeps the focus of whoever is at its buttons. */
  #replace(before, fresh) {
    const stops = (node) => [...node.querySelectorAll(".key")];
    const focused = before.contains(document.activeElement);
    const at = stops(before).indexOf(document.activeElement);
    before.replaceWith(fresh);
    if (focused) (at < 0 ? fresh : stops(fresh)[Math.min(at, stops(fresh).length - 1)] || fresh).focus({ preventScroll: true });
  }

  #scrolled() {
    this.near = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR;
    if (this.near) this.#count(0);
    else this.#count(this.missed);
  }

  #count(missed) {
    this.missed = missed;
    this.newest.hidden = this.near;
    this.newest.querySelector("b").textContent = missed || "";
  }

  /** Days between the messages, and the invitation where there are none. */
  #arrange(messages) {
    for (const node of this.node.querySelectorAll(".day, .empty")) node.remove();
    if (messages.length === 0) this.node.append(this.empty());
    let last = "";
    for (const message of messages) {
      const told = day(message.date);
      if (told !== last) this.#find(message.message_id).before(make("p", "day", make("span", "", told)));
      last = told;
    }
    if (this.dots.isConnected) this.node.append(this.dots);
  }
}
