// What one does here: say something, send a file, press a button, follow a link. What fails is said where it belongs.

import { payloadOf } from "./address.js";
import { allowed } from "./entities.js";
import { alertBox, chooseChat, toast } from "./notices.js";
import { Refused, act, upload } from "./wire.js";
import { language, w } from "./words.js";

const REASONS = ["gone", "busy"]; // what the server calls them is their word
const PHOTOS = ["image/png", "image/jpeg"];

export class Doing {
  /** here: who and where one is, now; go(person, chat, payload): be elsewhere; chats(): those of the person. */
  constructor(start, here, go, chats) {
    Object.assign(this, { start, here, go, chats, composer: null });
  }

  /** Do something here; what came of it, or undefined where it was refused, and then the page says why. */
  do(what) {
    return this.#tried((place) => act({ ...place, ...what }));
  }

  say(text, reply) {
    return this.do({ act: "send", text, ...(reply ? { reply_to: reply } : {}) });
  }

  file(file, caption, reply) {
    const fields = { name: file.name.slice(0, 255) || "file", caption, photo: PHOTOS.includes(file.type) };
    if (reply) fields.reply_to = reply;
    return this.#tried((place) => upload(file, { ...place, ...fields }));
  }

  async #tried(doing) {
    const { person, chat } = this.here;
    try {
      return await doing({ person, chat, language: language() });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const why = w(REASONS.find((one) => one === error.message) || (error.message ? "refused" : "again"));
      if (this.here.person === person && this.here.chat === chat) this.composer.problem(why);
      else toast(why);
      return undefined;
    }
  }

  /** Press a button below a message; node: what was pressed. */
  async press(button, message, node) {
    if (button.callback_data !== undefined) return this.#ask(button, message, node);
    const url = button.url || button.web_app?.url;
    if (url) {
      if (allowed(url) && !this.follow("url", url)) window.open(url, "_blank", "noopener,noreferrer");
    } else if (button.copy_text) {
      await this.#copy(button.copy_text.text);
    } else if ("switch_inline_query_current_chat" in button) {
      this.composer.begin(`@${this.start.bot} ${button.switch_inline_query_current_chat}`);
    } else {
      const chosen = button.switch_inline_query_chosen_chat;
      const query = chosen ? chosen.query || "" : button.switch_inline_query;
      this.#share(`@${this.start.bot} ${query}`, !chosen || chosen.allow_bot_chats);
    }
    return undefined;
  }

  async #ask(button, message, node) {
    if (node.getAttribute("aria-busy") === "true") return;
    node.setAttribute("aria-busy", "true");
    const answer = await this.do({ act: "press", message: message.message_id, data: button.callback_data });
    node.removeAttribute("aria-busy");
    if (answer?.text && answer.alert) alertBox(answer.text);
    else if (answer?.text) toast(answer.text);
  }

  /** Browsers lend their clipboard to pages of this computer and of https only. */
  async #copy(text) {
    if (!navigator.clipboard) return alertBox(text);
    await navigator.clipboard.writeText(text);
    return toast(w("copied"));
  }

  /** Follow a command, a mention, or a link that leads back into this page; whether it does. */
  follow(kind, what) {
    const { person } = this.here;
    if (kind === "url") return this.#followUrl(new URL(what));
    if (kind === "bot_command") this.say(what);
    else if (what.toLowerCase() === `@${this.start.bot}`) this.go(person, person);
    return true;
  }

  #followUrl(url) {
    const { person } = this.here;
    if (url.hostname !== "t.me") return false;
    if (url.pathname === "/share/url") {
      this.#share([url.searchParams.get("url"), url.searchParams.get("text")].filter(Boolean).join("\n"), true);
    } else if (url.pathname.toLowerCase() === `/${this.start.bot}`) {
      this.go(person, person, payloadOf(url.searchParams));
    } else return false;
    return true;
  }

  /** Take a text to a chat that one chooses. */
  #share(text, toBot) {
    const { person } = this.here;
    const chats = this.chats().filter((chat) => toBot || chat.id !== person);
    chooseChat(chats, (chat) => {
      this.go(person, chat);
      this.composer.begin(text);
    });
  }
}
