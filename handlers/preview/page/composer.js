// Where one writes: text, replies, edits, files; commands after a slash, inline results after the bot's name.

import { attaching } from "./attaching.js";
import { summary } from "./bubbles.js";
import { $, icon, make } from "./dom.js";
import { Offers } from "./offers.js";
import { Popup } from "./popup.js";
import { label, size, w } from "./words.js";

const MOST_TEXT = 4096;
const MOST_CAPTION = 1024;

export class Composer {
  /**
   * does: {send, edit, file, inline, choose, start} talk to the server, {commands, name, draft} tell of the chat. A mode is
   * what the text is for: a reply, an edit, a file (perhaps as a reply); null for a plain message. before: what an edit
   * has interrupted. Each chat keeps its own: states, by place.
   */
  constructor(does, bot, most) {
    Object.assign(this, { does, mode: null, before: null, states: new Map(), place: "", width: 0 });
    this.text = $("#text");
    this.popup = new Popup($("#popup"), this.text, $("#commands"), $("#heard"));
    this.offers = new Offers(this.popup, bot, does, this);
    this.text.addEventListener("input", () => {
      this.problem("");
      this.#typed();
    });
    this.text.addEventListener("keydown", (event) => this.#key(event));
    this.text.addEventListener("blur", () => this.#away());
    $("#composer").addEventListener("submit", (event) => this.#submit(event));
    $("#composer").addEventListener("keydown", (event) => event.key === "Escape" && this.#escape(event));
    $("#commands").onclick = () => {
      if (this.popup.open) return this.popup.hide();
      this.offers.menu();
      return this.focus();
    };
    $("#bar button").onclick = () => this.#leave();
    new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width !== this.width) this.#grow();
      this.width = contentRect.width;
    }).observe(this.text);
    attaching(most, this);
  }

  /** Turn to another chat, with what was half-written there. */
  turn(place) {
    if (this.place) this.states.set(this.place, this.#state());
    const state = this.#stateOf(place);
    this.place = place;
    this.problem("");
    this.#show(state);
    this.popup.hide();
  }

  /** The words of another language. */
  speak() {
    this.problem("");
    this.#mode(this.mode);
    this.popup.hide();
  }

  write(text, focus = false) {
    this.text.value = text;
    if (focus) this.focus();
    this.#typed();
  }

  /** Begin a plain message in this chat; what it was half-way through is given up. */
  begin(text) {
    this.#show({ mode: null, text, before: null });
    this.focus();
  }

  /** What could not be sent is there again, before what was begun since, in the chat it was for. */
  restore(place, mode, text) {
    const now = this.#stateOf(place);
    let state = mode?.kind === "edit" ? { mode, text, before: now } : joined(now, mode, text);
    if (now.mode?.kind === "edit") state = { ...now, before: joined(now.before, mode, text) };
    if (!state.mode || state.mode.kind === "reply") this.does.draft(place, state.text);
    if (place === this.place) this.#show(state);
    else this.states.set(place, state);
  }

  focus() {
    this.text.focus();
  }

  reply(message) {
    if (this.mode?.kind === "edit") this.#leave();
    this.#mode(answering(this.mode, message));
    this.focus();
  }

  /** The bot asks for a reply, in this chat or another one. An edit goes on, and then it is asked. */
  prompt(place, message) {
    const hint = message.prompt.input_field_placeholder;
    if (place !== this.place) {
      const state = this.#stateOf(place);
      if (state.mode?.kind !== "edit") this.states.set(place, { ...state, mode: answering(state.mode, message, hint) });
    } else if (this.mode?.kind === "edit") {
      this.before = { text: "", ...this.before, mode: answering(this.before?.mode, message, hint) };
    } else {
      this.#mode(answering(this.mode, message, hint));
    }
  }

  edit(message) {
    if (this.mode?.kind !== "edit") this.before = this.#state();
    this.#mode({ kind: "edit", message });
    this.write(message.text, true);
  }

  attach(file) {
    if (this.mode?.kind === "edit") this.#leave();
    this.#mode({ kind: "file", file, reply: this.mode?.reply });
    this.focus();
  }

  problem(text) {
    $("#problem").textContent = text;
    $("#problem").hidden = !text;
  }

  #show({ mode, text, before }) {
    this.before = before;
    this.#mode(mode);
    this.write(text);
  }

  #state() {
    return { mode: this.mode, text: this.text.value, before: this.before };
  }

  #stateOf(place) {
    if (place === this.place) return this.#state();
    return this.states.get(place) || { mode: null, text: this.does.draft(place), before: null };
  }

  // ------------------------------------------------------------------------------------------------------- what is typed

  #typed() {
    this.#grow();
    if (!this.mode || this.mode.kind === "reply") this.does.draft(this.place, this.text.value);
    this.offers.to(this.mode ? "" : this.text.value);
  }

  #grow() {
    this.text.style.height = "auto";
    if (this.text.scrollHeight) this.text.style.height = `${this.text.scrollHeight}px`;
  }

  #key(event) {
    if (event.isComposing) return;
    const { key } = event;
    if (this.popup.open && (key === "ArrowDown" || key === "ArrowUp")) this.popup.move(key === "ArrowDown" ? 1 : -1);
    else if (this.popup.open && key === "Tab" && !event.shiftKey && this.popup.pick()) return event.preventDefault();
    else if (key === "Enter" && this.popup.open && this.popup.pick()) return event.preventDefault();
    else if (key === "Enter" && !event.shiftKey && !matchMedia("(pointer: coarse)").matches) $("#composer").requestSubmit();
    else return;
    event.preventDefault();
  }

  #escape(event) {
    if (this.popup.open) this.popup.hide();
    else if (this.mode) this.#leave();
    else if (!$("#problem").hidden) this.problem("");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Where the focus goes elsewhere, the list goes; a tap on it keeps the focus. */
  #away() {
    setTimeout(() => document.activeElement !== this.text && document.activeElement !== $("#commands") && this.popup.hide());
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    const mode = this.mode;
    if (!mode && this.offers.inline(text)) return this.popup.open ? this.popup.pick() : this.offers.to(this.text.value);
    if (!text && mode?.kind !== "file") return this.focus();
    const over = text.length - (mode?.kind === "file" ? MOST_CAPTION : MOST_TEXT);
    if (over > 0) return this.problem(w("too_long", { n: over }));
    this.problem("");
    if (mode?.kind === "edit" && text === mode.message.text) return this.#leave();
    return this.#send(mode, text);
  }

  async #send(mode, text) {
    const { place } = this;
    if (mode?.kind === "edit") this.#resume();
    else this.begin("");
    if (!(await this.#sent(mode, text))) this.restore(place, mode, text);
  }

  async #sent(mode, text) {
    const reply = mode?.reply?.message_id;
    if (mode?.kind === "edit") return this.does.edit(mode.message, text);
    if (mode?.kind !== "file") return this.does.send(text, reply);
    // A file takes its time: until it is there, a line says that it is on its way.
    const line = make("p", "", w("sending", { name: mode.file.name }));
    $("#sending").append(line);
    const done = await this.does.file(mode.file, text, reply);
    line.remove();
    return done;
  }

  // ------------------------------------------------------------------------------------------------------------ the bar

  /** Give up a reply, an edit, a file. What was written stays; behind an edit, what was written before it. */
  #leave() {
    if (this.mode?.kind === "edit") this.#resume();
    else this.begin(this.text.value);
  }

  /** Go on with what an edit has interrupted. */
  #resume() {
    this.#show({ ...(this.before || { mode: null, text: "" }), before: null });
    this.focus();
  }

  #mode(mode) {
    this.mode = mode;
    $("#bar").hidden = !mode;
    const hint = mode?.kind === "file" ? "caption" : "write";
    this.text.placeholder = mode?.placeholder || w(hint);
    label($("#send"), mode?.kind === "edit" ? "save" : "send");
    if (!mode) return;
    const reply = mode.reply && w("replying", { name: this.does.name(mode.reply.from) });
    const [head, words] = {
      reply: () => [reply, summary(mode.reply)],
      edit: () => [w("editing"), summary(mode.message)],
      file: () => [mode.file.name, [size(mode.file.size), reply].filter(Boolean).join(" · ")],
    }[mode.kind]();
    $("#bar > svg").replaceWith(icon(mode.kind));
    $("#bar b").textContent = head;
    $("#bar span").textContent = words;
    this.popup.hide();
  }
}

/** The mode that answers a message; a file that is attached goes along. */
function answering(mode, message, placeholder = "") {
  return { kind: mode?.file ? "file" : "reply", file: mode?.file, reply: message, placeholder };
}

/** What is half-written, with something before it that could not be sent. */
function joined(state, mode, text) {
  return { ...state, mode: state?.mode || mode, text: [text, state?.text].filter(Boolean).join("\n") };
}
