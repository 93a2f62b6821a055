// The list above the text: commands, the bot's name, inline results. The focus stays in the text; arrows move the choice.

import { make } from "./entities.js";

export class Popup {
  constructor(node, text) {
    this.node = node;
    this.text = text;
    this.items = [];
    this.active = -1;
  }

  get open() {
    return !this.node.hidden;
  }

  /** Show items ({title, detail, pick()}) under a label; active: the one that Enter takes, -1 for none. */
  show(label, items, active = -1) {
    if (items.length === 0) return this.hide();
    this.items = items;
    this.node.setAttribute("aria-label", label);
    this.node.replaceChildren(...items.map((item, at) => this.#option(item, at)));
    this.node.hidden = false;
    this.#mark(active);
  }

  hide() {
    this.node.hidden = true;
    this.items = [];
    this.#mark(-1);
  }

  move(by) {
    const count = this.items.length;
    this.#mark(this.active < 0 ? (by > 0 ? 0 : count - 1) : (this.active + by + count) % count);
  }

  /** Take the marked item, or the first where there is none; whether there was one. */
  pick(first = false) {
    const item = this.items[this.active] ?? (first ? this.items[0] : undefined);
    item?.pick();
    return Boolean(item);
  }

  #option(item, at) {
    const node = make("div", item.plain ? "plain" : "", make("b", "", item.title));
    if (item.detail) node.append(make("span", "", item.detail));
    node.id = `option-${at}`;
    node.setAttribute("role", "option");
    node.setAttribute("aria-selected", "false");
    node.onmousedown = (event) => event.preventDefault(); // the text keeps the focus
    node.onclick = () => item.pick();
    return node;
  }

  #mark(at) {
    this.active = at;
    [...this.node.children].forEach((node, number) => node.setAttribute("aria-selected", number === at));
    const marked = this.node.children[at];
    if (marked) {
      this.text.setAttribute("aria-activedescendant", marked.id);
      marked.scrollIntoView({ block: "nearest" });
    } else this.text.removeAttribute("aria-activedescendant");
  }
}
