// Who one is and where: people, chats, what is unread.

import { face } from "./bubbles.js";
import { make } from "./entities.js";
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

function badge(count) {
  const node = make("span", "badge", count > 99 ? "99+" : String(count));
  node.title = w("unread", { n: count });
  node.append(make("span", "hidden", ` ${w("unread", { n: "" })}`));
  return node;
}

function entry(who, title, detail, count, current, chosen) {
  const words = make("span", "words", make("b", "", title), make("small", "", detail));
  const button = make("button", "entry", face(who), words);
  if (count) button.append(badge(count));
  button.type = "button";
  button.setAttribute(current.how, current.yes);
  button.onclick = chosen;
  return button;
}

/** The people, each with what is unread in all of their chats. */
export function showPeople(node, people, me, count, chosen) {
  node.replaceChildren(
    ...people.map((person) => {
      const detail = `${w(person.role)} · id ${person.id}`;
      const current = { how: "aria-pressed", yes: person.id === me };
      return entry(person, person.name, detail, person.id === me ? 0 : count(person.id), current, () => chosen(person.id));
    }),
  );
}

/** The chats of one person: {id, title, detail, who, count}. */
export function showChats(node, chats, here, chosen) {
  node.replaceChildren(
    ...chats.map(({ id, title, detail, who, count }) => {
      const current = { how: "aria-current", yes: id === here };
      return entry(who, title, detail, id === here ? 0 : count, current, () => chosen(id));
    }),
  );
}

/** Light, dark, or as the device has it. */
export function themed() {
  const button = document.querySelector("#theme");
  const themes = ["auto", "light", "dark"];
  const show = (theme) => {
    document.documentElement.dataset.theme = theme;
    const told = `${w("theme")}: ${w(`theme_${theme}`)}`;
    button.setAttribute("aria-label", told);
    button.title = told;
  };
  button.onclick = () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
    localStorage.setItem("theme", next);
    show(next);
  };
  return () => show(themes.find((theme) => theme === localStorage.getItem("theme")) || "auto");
}
