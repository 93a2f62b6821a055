// Who one is and where: people, chats, what is unread.

import { face } from "./bubbles.js";
import { $, button, make, named } from "./dom.js";
import { w } from "./words.js";

const key = (person, chat) => `read:${person}:${chat}`;

/** Everything up to this message was seen by a person. */
export function seen(person, chat, id) {
  if (id > Number(localStorage.getItem(key(person, chat)) || 0)) localStorage.setItem(key(person, chat), id);
}

/** How many messages of others a person has not seen in a chat. */
export function unread(person, chat, messages) {
  const last = Number(localStorage.getItem(key(person, chat)) || 0);
  return messages.filter((message) => message.message_id > last && message.from.id !== person).length;
}

/**
 * Entries to choose from: {id, who, title, detail, count, here}; how: the attribute that tells where one is. Nodes stay while
 * their number does, so that whoever is at one of them stays there whatever happens.
 */
function show(node, entries, how, chosen) {
  if (node.children.length !== entries.length) node.replaceChildren(...entries.map(entry));
  entries.forEach(({ id, who, title, detail, count, here }, at) => {
    const one = node.children[at];
    const [, words, badge] = one.children;
    if (one.dataset.role !== who.role) one.firstChild.replaceWith(face(who));
    one.dataset.role = who.role;
    words.firstChild.textContent = title;
    words.lastChild.textContent = detail;
    badge.hidden = !count;
    badge.firstChild.textContent = count > 99 ? "99+" : count;
    badge.lastChild.textContent = ` ${w("unread")}`;
    one.setAttribute(how, here);
    one.onclick = () => chosen(id);
  });
}

function entry() {
  const words = make("span", "words", make("b"), make("small"));
  const badge = make("span", "badge", make("span"), make("span", "hidden"));
  return button("entry", null, make("span"), words, badge);
}

/** The people: {id, name, role, count}. */
export function showPeople(node, people, me, chosen) {
  const entries = people.map((person) => {
    const detail = `${w(person.role)} · id ${person.id}`;
    return { ...person, who: person, title: person.name, detail, here: person.id === me };
  });
  show(node, entries, "aria-pressed", chosen);
}

/** The chats of one person: {id, title, detail, who, count}. */
export function showChats(node, chats, current, chosen) {
  const entries = chats.map((chat) => ({ ...chat, here: chat.id === current }));
  show(node, entries, "aria-current", chosen);
}

/** On a phone the side is a drawer: while it is open, nothing else can be reached; then the focus goes back. */
export class Drawer {
  /** rest: the page beside it; openers: what opens it; away(): puts the focus where one goes on. */
  constructor(side, veil, rest, openers, away) {
    Object.assign(this, { side, veil, rest, openers, away, opener: null });
    this.narrow = matchMedia("(max-width: 820px), (max-height: 480px)");
    this.narrow.onchange = () => {
      this.close();
      this.away();
    };
    for (const one of openers) one.onclick = () => this.open(one);
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.opener && this.close());
    this.#set(false);
  }

  open(opener) {
    if (!this.narrow.matches) return;
    this.opener = opener;
    this.#set(true);
    this.side.querySelector("#close-side").focus();
  }

  close() {
    this.#set(false);
    if (this.opener?.checkVisibility()) this.opener.focus();
    this.opener = null;
  }

  #set(open) {
    document.body.classList.toggle("side-open", open);
    this.veil.hidden = !open;
    for (const one of this.openers) one.setAttribute("aria-expanded", open);
    this.rest.inert = open;
    this.side.inert = this.narrow.matches && !open;
  }
}

/** Light, dark, or as the device has it. */
export function themed() {
  const themes = ["auto", "light", "dark"];
  const show = (theme) => {
    document.documentElement.dataset.theme = theme;
    named($("#theme"), `${w("theme")}: ${w(`theme_${theme}`)}`);
  };
  $("#theme").onclick = () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
    localStorage.setItem("theme", next);
    show(next);
  };
  return () => show(themes.find((theme) => theme === localStorage.getItem("theme")) || "auto");
}
