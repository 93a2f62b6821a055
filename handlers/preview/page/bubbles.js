// One message as a bubble: who and when, what it replies to, its text, its file, its buttons.

import { button, icon, make } from "./dom.js";
import { rendered } from "./entities.js";
import { clock, moment, size, w } from "./words.js";

/** A round face: a picture for the bot, else an initial in a colour of one's own. */
export function face(who) {
  const node = make("span", `face ${who.role || ""}`);
  node.setAttribute("aria-hidden", "true");
  if (who.role === "bot") node.append(Object.assign(document.createElement("img"), { src: "/icon.svg", alt: "" }));
  else node.append(who.role === "group" ? icon("group") : who.name.slice(0, 1));
  return node;
}

/** One line that stands for a message elsewhere. */
export function summary(message) {
  const text = message.text || message.caption || "";
  if (text) return text.replace(/\s+/g, " ").slice(0, 120);
  if (message.document) return message.document.file_name;
  return w(message.photo ? "photo" : "other");
}

/**
 * A bubble. room: {me, group, title(user), role(user)}; does: {follow, press, show, reply, edit}.
 */
export function bubble(message, room, does) {
  const mine = message.from.id === room.me;
  const node = make("article", `message ${mine ? "mine" : "theirs"}`);
  node.dataset.message = message.message_id;
  node.tabIndex = -1;
  const body = make("div", "bubble");
  body.append(speaker(message, mine, room));
  if (message.reply_to_message) body.append(quoted(message, room, does));
  body.append(...content(message, does));
  body.append(stamp(message));
  node.append(body, actions(message, mine, does));
  if (message.reply_markup) node.append(keyboard(message, does));
  if (message.reactions) node.append(reactions(message.reactions));
  return node;
}

function speaker(message, mine, room) {
  const name = room.title(message.from);
  const seen = room.group && !mine;
  const node = make("p", seen ? `speaker ${room.role(message.from)}` : "hidden", seen ? name : w("said", { name }));
  if (!message.via_bot) return node;
  const via = make("span", "via", w("via", { bot: `@${message.via_bot.username}` }));
  if (seen) node.append(" ", via);
  else node.replaceChildren(via);
  node.classList.remove("hidden");
  node.classList.add("speaker");
  return node;
}

function quoted(message, room, does) {
  const original = message.reply_to_message;
  const words = message.quote ? message.quote.text : summary(original);
  return button("quoted", () => does.show(original.message_id), make("b", "", room.title(original.from)), make("span", "", words));
}

function content(message, does) {
  const nodes = [];
  if (message.photo) nodes.push(photo(message.photo.at(-1), message.caption));
  if (message.document) nodes.push(document_(message.document));
  const text = message.text ?? message.caption;
  const entities = message.entities ?? message.caption_entities ?? [];
  if (text) nodes.push(make("div", "text", ...rendered(text, entities, does.follow)));
  return nodes;
}

function photo(file, caption) {
  const image = make("img", "photo");
  image.src = `/file/${encodeURIComponent(file.file_id)}`;
  image.alt = caption || w("photo");
  image.onerror = () => image.replaceWith(make("span", "broken", icon("file"), w("photo")));
  return image;
}

function document_(file) {
  const link = make("a", "document", icon("file"));
  const told = size(file.file_size);
  link.href = `/file/${encodeURIComponent(file.file_id)}?name=${encodeURIComponent(file.file_name)}`;
  link.download = file.file_name;
  link.title = w("download");
  link.append(make("span", "hidden", w("download")), make("span", "", make("b", "", file.file_name), " ", make("small", "", told)));
  return link;
}

function stamp(message) {
  const time = make("time", "", clock(message.date));
  time.dateTime = new Date(message.date * 1000).toISOString();
  time.title = moment(message.edit_date || message.date);
  return make("p", "stamp", ...(message.edit_date ? [`${w("edited")} `] : []), time);
}

function actions(message, mine, does) {
  const node = make("div", "actions");
  const add = (name, action) => {
    const one = button("icon", () => action(message), icon(name));
    one.title = w(name);
    one.setAttribute("aria-label", `${w(name)}: ${summary(message)}`);
    node.append(one);
  };
  add("reply", does.reply);
  if (mine && message.text && !message.via_bot) add("edit", does.edit);
  return node;
}

function keyboard(message, does) {
  const rows = message.reply_markup.inline_keyboard.map((row) =>
    make("div", "row", ...row.map((told) => key(told, message, does))),
  );
  return make("div", "keyboard", ...rows);
}

function key(told, message, does) {
  const node = button(`key ${told.style || ""}`, () => does.press(told, message, node), told.text);
  node.dataset.does = told.callback_data || "";
  if (told.url || told.web_app) node.classList.add("outward");
  if ("switch_inline_query" in told || "switch_inline_query_chosen_chat" in told) node.classList.add("share");
  return node;
}

function reactions(emoji) {
  const node = make("p", "reactions", ...emoji.map((one) => make("span", "", one)));
  node.setAttribute("aria-label", w("reactions", { emoji: emoji.join(" ") }));
  node.setAttribute("role", "img");
  return node;
}
