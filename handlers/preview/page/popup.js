// The list above the text: commands, the bot's name, inline results. The focus stays in the text; arrows move the choice.

import { make } from "./dom.js";
import { w } from "./words.js";

export class Popup {
  /** node: the list; text: the field that keeps the focus; opener: the button that opens it; heard: tells how many there are. */
  constructor(node, text, opener, heard) {
    Object.assign(this, { node, text, opener, heard, items: [], active: -1, waiting: false });
  }

  get open() {
    return !this.node.hidden;
  }

  /** Show items ({title, detail, pick()}) under a label; active: the one that Enter takes, -1 for none. */
  show(label, items, active = -1) {
    if (items.length === 0) return this.hide();
    this.items = items;
    this.#wait(false);
    this.node.setAttribute("aria-label", label);
    this.node.replaceChildren(...items.map((item, at) => this.#option(item, at)));
    this.node.hidden = false;
    this.opener.setAttribute("aria-expanded", "true");
    this.heard.textContent = w("options", { n: items.length });
    this.#mark(active);
  }

  hide() {
    this.node.hidden = true;
    this.opener.setAttribute("aria-expanded", "false");
    this.heard.textContent = "";
    this.items = [];
    this.#wait(false);
    this.#mark(-1);
  }

  /** What is shown belongs to what was typed before: until the new items come, nothing can be taken. */
  wait() {
    this.#wait(true);
  }

  /** Nothing new has come: what is shown can be taken again. */
  ready() {
    this.#wait(false);
  }

  move(by) {
    const count = this.items.length;
    this.#mark(this.active < 0 ? (by > 0 ? 0 : count - 1) : (this.active + by + count) % count);
  }

  /** Take the marked item; whether there was one. */
  pick() {
    const item = this.waiting ? undefined : this.items[this.active];
    item?.pick();
    return Boolean(item);
  }

  #wait(yes) {
    this.waiting = yes;
    this.node.setAttribute("aria-busy", yes);
  }

  #option(item, at) {
    const node = make("div", item.plain ? "plain" : "", make("b", "", item.title));
    if (item.detail) node.append(make("span", "", item.detail));
    node.id = `option-${at}`;
    node.setAttribute("role", "option");
    node.setAttribute("aria-selected", "false");
    node.onmousedown = (event) => event.preventDefault(); // the text keeps the focus
    node.onclick = () => {
      if (!this.waiting) item.pick();
    };
    return node;
  }

  #mark(at) {
    this.active = at;
    [...this.node.children].forEach((node, number) => node.setAttribute("aria-selected", number === at));
    const marked = this.node.children[at];
    if (marked && this.open) {
      this.text.setAttribute("aria-activedescendant", marked.id);
      marked.scrollIntoView({ block: "nearest" });
    } else this.text.removeAttribute("aria-activedescendant");
  }
}
