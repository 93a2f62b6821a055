// The page put together: who one is, which chat is open, what happens there, and what one does.

import { draft, fromAddress, toAddress } from "./address.js";
import { face } from "./bubbles.js";
import { Composer } from "./composer.js";
import { Doing } from "./doing.js";
import { $, make } from "./dom.js";
import { invites, invitesGroup } from "./invite.js";
import { Log } from "./log.js";
import { toast } from "./notices.js";
import { Drawer, seen, showChats, showPeople, themed, unread } from "./side.js";
import { beginning, follow } from "./wire.js";
import { language, setWords, speak, w } from "./words.js";

const TYPING = 5000; // milliseconds that "is typing" lasts, as in Telegram

const start = await beginning(() => ($("#waiting").hidden = false));
$("#waiting").hidden = true;
setWords(start.words);
const ids = start.people.map((person) => person.id);
const here = { person: ids[0], chat: ids[0], payload: null };
const told = { chats: {}, menus: {}, about: {} };
const groupId = start.group.id;
const typingUntil = {};
let online = true;

const log = new Log($("#log"), $("#newest"));
const doing = new Doing(start, here, go, chatsCounted);
const composer = new Composer(
  {
    send: (text, reply) => doing.say(text, reply),
    edit: (message, text) => doing.do({ act: "edit", message: message.message_id, text }),
    file: (file, caption, reply) => doing.file(file, caption, reply),
    inline: (query, offset) => doing.do({ act: "inline", query: query.slice(0, 256), offset }),
    choose: (query, result) => doing.do({ act: "choose", query, result }),
    start: (payload) => go(here.person, here.person, payload),
    commands: () => told.menus[here.person]?.[here.chat]?.[language()] || [],
    name: (user) => nameOf(user),
    draft,
  },
  start.bot,
  start.most,
);
doing.composer = composer;
const drawer = new Drawer($("#side"), $("#veil"), $("main"), [$("#open-side"), $("#me")], rest);
const showTheme = themed();

// ---------------------------------------------------------------------------------------------------------- what happens

const hear = {
  state(content) {
    Object.assign(told, content);
    if ($("#app").hidden) {
      $("#app").hidden = false;
      openAddress();
    } else {
      // Connected again: what is half-written stays, and so does whoever reads further up.
      log.sync(messages());
      composer.problem("");
      showSide();
    }
  },
  profile(content) {
    Object.assign(told, content);
    if (messages().length === 0) showLog(true);
  },
  message(message) {
    const list = told.chats[message.chat.id];
    const at = list.findIndex((one) => one.message_id === message.message_id);
    if (at < 0) list.push(message);
    else list[at] = message;
    if (message.from.is_bot) delete typingUntil[message.chat.id];
    if (message.chat.id === here.chat) {
      log.put(message, list);
      read();
    }
    if (at < 0 && message.prompt?.force_reply) {
      for (const id of asked(message)) composer.prompt(`${id}:${message.chat.id}`, message);
    }
    showSide();
    showStatus();
  },
  deleted({ chat, message_id }) {
    told.chats[chat] = told.chats[chat].filter((one) => one.message_id !== message_id);
    if (chat === here.chat) log.remove(message_id, messages());
    showSide();
  },
  action({ chat }) {
    typingUntil[chat] = Date.now() + TYPING;
    setTimeout(showStatus, TYPING + 50);
    showStatus();
  },
};

// ------------------------------------------------------------------------------------------------------------ where one is

function messages() {
  return told.chats[here.chat] || [];
}

function personOf(id) {
  return start.people.find((person) => person.id === id);
}

/** Whom the bot asks to reply to a message. */
function asked({ chat, prompt, reply_to_message: replied }) {
  if (chat.id !== groupId) return [chat.id];
  return prompt.selective ? ids.filter((id) => id === replied?.from.id) : ids;
}

function nameOf(user) {
  return user.id === here.person ? w("you") : user.first_name;
}

function openAddress() {
  drawer.close();
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  Object.assign(here, fromAddress(ids, groupId));
  openChat(false);
}

function go(person, chat, payload = null) {
  drawer.close();
  if (here.person === person && here.chat === chat && here.payload === payload) return rest();
  Object.assign(here, { person, chat, payload });
  return openChat(true);
}

function openChat(fresh) {
  toAddress(here, groupId, fresh);
  showLog();
  showSide();
  showTop();
  showStatus();
  $("#begin").hidden = here.payload === null;
  $("#composer").hidden = here.payload !== null;
  composer.turn(`${here.person}:${here.chat}`);
  rest();
}

/** Put the focus where one goes on: in the text, but on a phone that would bring up the keyboard. */
function rest() {
  if (here.payload !== null) $("#begin").focus();
  else if (matchMedia("(pointer: coarse)").matches) $("#log").focus({ preventScroll: true, focusVisible: false });
  else composer.focus();
}

// ------------------------------------------------------------------------------------------------------------ what is seen

function showLog(stay = false) {
  const role = (user) => personOf(user.id)?.role || "bot";
  const room = { me: here.person, group: here.chat === groupId, title: nameOf, role };
  const does = {
    follow: (kind, what) => doing.follow(kind, what),
    press: (button, message, node) => doing.press(button, message, node),
    show: (id) => log.point(id) || toast(w("gone")),
    reply: (message) => composer.reply(message),
    edit: (message) => composer.edit(message),
  };
  log.show(messages(), room, does, room.group ? inviteGroup : invite, stay);
  read();
}

function invite() {
  return invites(told.about[language()] || "", start.examples, ask, () => doing.do({ act: "start" }).then(rest));
}

function inviteGroup() {
  return invitesGroup(told.menus[here.person][groupId][language()][0]?.command || "", start.examples, ask);
}

function read() {
  const last = messages().at(-1);
  if (last && document.visibilityState === "visible") seen(here.person, here.chat, last.message_id);
}

function chatsOf(person) {
  const everybody = start.people.map((one) => one.name).join(", ");
  return [
    { id: person, title: start.name, detail: w("bot"), who: { role: "bot" } },
    { id: groupId, title: start.group.title, detail: w("group_of", { names: everybody }), who: { role: "group" } },
  ];
}

function chatHere() {
  return chatsOf(here.person).find((one) => one.id === here.chat);
}

function unreadOf(person, chat) {
  return unread(person, chat, told.chats[chat] || []);
}

/** One's chats, with what is unread in all but this one. */
function chatsCounted() {
  return chatsOf(here.person).map((chat) => ({ ...chat, count: chat.id === here.chat ? 0 : unreadOf(here.person, chat.id) }));
}

function showSide() {
  const chats = chatsCounted();
  const people = start.people.map((person) => {
    const { id } = person;
    return { ...person, count: id === here.person ? 0 : unreadOf(id, id) + unreadOf(id, groupId) };
  });
  showPeople($("#people"), people, here.person, (person) => go(person, here.chat === groupId ? groupId : person));
  showChats($("#chats"), chats, here.chat, (chat) => go(here.person, chat));
  $("#open-side").classList.toggle("news", [...people, ...chats].some((one) => one.count));
  $("#data").hidden = !start.data;
  $("#data").textContent = w("data", { folder: start.data });
}

function showTop() {
  const chat = chatHere();
  $("#face").replaceChildren(face(chat.who));
  $("#chat-title").textContent = chat.title;
  const me = personOf(here.person);
  const button = $("#me");
  button.replaceChildren(face(me), make("span", "", make("b", "", me.name), " ", make("small", "", w(me.role))));
  button.title = w("open_side");
}

function showStatus() {
  const typing = (typingUntil[here.chat] || 0) > Date.now();
  const words = typing ? w("typing") : chatHere().detail;
  if ($("#status").textContent !== words) $("#status").textContent = words;
  log.typing(typing);
}

// --------------------------------------------------------------------------------------------------- beginning, and words

/** An example is asked by its button, which is then gone. */
async function ask(text) {
  if (await doing.say(text)) rest();
}

/** START, behind a link: what it leads to. */
async function begin() {
  const payload = here.payload;
  const { person } = here;
  go(person, person);
  if (!(await doing.do({ act: "start", payload })) && here.person === person) go(person, person, payload);
}

function showOnline() {
  const words = online ? "" : w("offline");
  if ($("#offline").textContent === words) return;
  $("#offline").textContent = words;
  $("#offline").hidden = online;
}

function choose(code) {
  speak(code);
  for (const button of document.querySelectorAll("#language button")) {
    button.setAttribute("aria-pressed", button.dataset.language === code);
  }
  showTheme();
  if ($("#app").hidden) return;
  showLog(true);
  showSide();
  showTop();
  showStatus();
  showOnline();
  composer.speak();
}

for (const closer of [$("#close-side"), $("#veil")]) closer.onclick = () => drawer.close();
$("#begin").onclick = begin;
for (const button of document.querySelectorAll("#language button")) {
  button.onclick = () => {
    localStorage.setItem("language", button.dataset.language);
    choose(button.dataset.language);
  };
}
window.onpopstate = openAddress;
window.onstorage = showSide;
document.onvisibilitychange = () => {
  read();
  showSide();
};

const preferred = localStorage.getItem("language") || navigator.languages.map((one) => one.slice(0, 2)).find((one) => one in start.words);
choose(preferred || start.language);
follow(
  (kind, content) => hear[kind](content),
  (yes) => {
    online = yes;
    showOnline();
  },
);
