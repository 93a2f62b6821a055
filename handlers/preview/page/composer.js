// Where one writes: text, replies, edits, files; commands after a slash, inline results after the bot's name.

import { summary } from "./bubbles.js";
import { icon } from "./entities.js";
import { Popup } from "./popup.js";
import { label, size, w } from "./words.js";

const MOST_TEXT = 4096;
const MOST_CAPTION = 1024;
const PAUSE = 250; // milliseconds without typing before an inline query goes out
const $ = (selector) => document.querySelector(selector);

export class Composer {
  /**
   * does: {send, edit, file, inline, choose, start} talk to the server, {commands, name, draft} tell of the chat. A mode is
   * what the text is for: a reply, an edit, a file (perhaps as a reply); null for a plain message.
   */
  constructor(does, bot, most) {
    Object.assign(this, { does, bot, most, mode: null, asked: 0, sending: false, left: new Map(), place: "" });
    this.text = $("#text");
    this.popup = new Popup($("#popup"), this.text, $("#commands"), $("#heard"));
    this.text.addEventListener("input", () => {
      this.problem("");
      this.#typed();
    });
    this.text.addEventListener("keydown", (event) => this.#key(event));
    this.text.addEventListener("blur", () => this.#away());
    this.text.addEventListener("paste", (event) => this.#files(event, event.clipboardData));
    $("#composer").addEventListener("submit", (event) => this.#submit(event));
    $("#composer").addEventListener("keydown", (event) => event.key === "Escape" && this.#escape(event));
    $("#commands").onclick = () => (this.popup.open ? this.popup.hide() : this.#menu());
    $("#attach").onclick = () => $("#file").click();
    $("#file").onchange = () => this.#attach([...$("#file").files]);
    $("#bar button").onclick = () => this.#leave();
    this.#droppable();
  }

  /** Turn to another chat, with what was half-written there. */
  turn(place) {
    if (this.place) this.left.set(this.place, { mode: this.mode, text: this.text.value });
    this.place = place;
    this.problem("");
    const { mode, text } = this.left.get(place) || {};
    this.left.delete(place);
    this.#mode(mode || null);
    this.write(text ?? this.does.draft());
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

  focus() {
    this.text.focus();
  }

  reply(message, placeholder = "") {
    const file = this.mode?.file;
    if (this.mode?.kind === "edit") this.#leave();
    this.#mode({ kind: file ? "file" : "reply", file, reply: message, placeholder });
    this.focus();
  }

  edit(message) {
    this.#mode({ kind: "edit", message });
    this.write(message.text, true);
  }

  problem(text) {
    $("#problem").textContent = text;
    $("#problem").hidden = !text;
  }

  // ------------------------------------------------------------------------------------------------------- what is typed

  #typed() {
    this.text.style.height = "auto";
    if (this.text.scrollHeight) this.text.style.height = `${this.text.scrollHeight}px`;
    if (!this.mode || this.mode.kind === "reply") this.does.draft(this.text.value);
    const inline = this.mode ? null : this.#inlineQuery();
    this.asked++; // an answer that is on its way comes too late
    if (inline !== null) this.#ask(inline);
    else if (this.mode) this.popup.hide();
    else if (/^\/\w*$/.test(this.text.value)) this.#menu(this.text.value.slice(1));
    else if (`@${this.bot}`.startsWith(this.text.value) && this.text.value) this.#offerInline();
    else this.popup.hide();
  }

  #key(event) {
    if (event.isComposing) return;
    const { key } = event;
    if (this.popup.open && (key === "ArrowDown" || key === "ArrowUp")) this.popup.move(key === "ArrowDown" ? 1 : -1);
    else if (this.popup.open && key === "Tab" && !event.shiftKey && this.popup.pick(true)) return event.preventDefault();
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
    const inline = mode ? null : this.#inlineQuery();
    if (inline !== null) return this.popup.open ? this.popup.pick() : this.#ask(inline);
    if (this.sending) return undefined;
    if (!text && mode?.kind !== "file") return this.focus();
    const over = text.length - (mode?.kind === "file" ? MOST_CAPTION : MOST_TEXT);
    if (over > 0) return this.problem(w("too_long", { n: over }));
    this.problem("");
    if (mode?.kind === "edit" && text === mode.message.text) return this.#leave();
    return mode?.kind === "file" ? this.#sendFile(mode, text) : this.#send(mode, text);
  }

  async #send(mode, text) {
    const editing = mode?.kind === "edit";
    const { place } = this;
    this.#mode(null);
    this.write(editing ? this.does.draft() : "", true);
    if (await (editing ? this.does.edit(mode.message, text) : this.does.send(text, mode?.reply.message_id))) return;
    // Refused: what was written, and what it was for, is there again; unless something else was begun since.
    if (this.place !== place) this.left.set(place, { mode, text });
    if (this.place !== place || this.mode || (this.text.value && !editing)) return;
    this.#mode(mode);
    this.write(text);
  }

  /** A file takes its time: it stays in sight until it is there. */
  async #sendFile(mode, caption) {
    this.sending = true;
    $("#bar").setAttribute("aria-busy", "true");
    const done = await this.does.file(mode.file, caption, mode.reply?.message_id);
    this.sending = false;
    $("#bar").removeAttribute("aria-busy");
    if (!done || this.mode !== mode) return;
    this.#mode(null);
    this.write("", true);
  }

  // ------------------------------------------------------------------------------------------------- commands and inline

  /** The commands that begin so. What stands in the text stays: from the button, one is sent beside it. */
  #menu(begin = "") {
    const fitting = this.does.commands().filter(({ command }) => command.startsWith(begin.toLowerCase()));
    const items = fitting.map(({ command, description }) => ({
      title: `/${command}`,
      detail: description,
      pick: () => {
        if (this.text.value.startsWith("/")) this.write("");
        this.popup.hide();
        this.does.send(`/${command}`);
      },
    }));
    this.popup.show(w("commands"), items);
    this.focus();
  }

  #offerInline() {
    const pick = () => this.write(`@${this.bot} `, true);
    this.popup.show(w("inline_results"), [{ title: `@${this.bot}`, detail: w("inline_hint"), pick }], 0);
  }

  /** What is typed behind the bot's name; null where it is not there. */
  #inlineQuery() {
    const name = `@${this.bot} `;
    return this.text.value.startsWith(name) ? this.text.value.slice(name.length) : null;
  }

  #ask(query) {
    const number = ++this.asked;
    this.popup.wait();
    setTimeout(async () => {
      if (number !== this.asked) return;
      const answer = await this.does.inline(query, "");
      if (number !== this.asked) return;
      if (answer) this.#results(query, answer, []);
      else this.popup.hide();
    }, PAUSE);
  }

  #results(query, answer, before) {
    const found = [...before, ...answer.results.map((one) => this.#result({ ...one, query: answer.query }))];
    const items = [...found];
    if (answer.button) items.unshift({ title: answer.button.text, plain: true, pick: () => this.#through(answer.button) });
    if (answer.next_offset) items.push({ title: w("inline_more"), plain: true, pick: () => this.#more(query, answer, found) });
    if (items.length === 0) items.push({ title: w("inline_none"), plain: true, pick: () => {} });
    this.popup.show(w("inline_results"), items, (answer.button && found.length ? 1 : 0) + before.length);
  }

  #result(one) {
    const pick = async () => {
      const typed = this.text.value;
      this.write("");
      if (!(await this.does.choose(one.query, one.id)) && !this.text.value) this.write(typed);
    };
    return { title: one.title, detail: one.description, pick };
  }

  async #more(query, answer, found) {
    const number = this.asked;
    this.popup.wait();
    const next = await this.does.inline(query, answer.next_offset);
    if (next && number === this.asked) this.#results(query, { ...next, button: answer.button }, found);
  }

  #through(button) {
    this.write("");
    this.does.start(button.start_parameter);
  }

  // ---------------------------------------------------------------------------------------------------------------- files

  #attach(files) {
    const [file] = files;
    $("#file").value = "";
    if (!file || this.sending) return;
    this.problem(files.length > 1 ? w("one_file", { name: file.name }) : "");
    if (file.size > this.most) return this.problem(w("too_big", { name: file.name, size: size(file.size), most: size(this.most) }));
    if (file.size === 0) return this.problem(w("empty_file", { name: file.name }));
    const reply = this.mode?.reply;
    if (this.mode?.kind === "edit") this.#leave();
    this.#mode({ kind: "file", file, reply });
    this.focus();
  }

  #files(event, data) {
    const files = [...(data?.files || [])];
    if (files.length === 0) return;
    event.preventDefault();
    this.#attach(files);
  }

  /** Files may be dropped anywhere on the page; elsewhere the browser would open them in its place. */
  #droppable() {
    const carries = (event) => event.dataTransfer?.types.includes("Files");
    let depth = 0;
    const show = (by) => {
      depth += by;
      $("#drop").hidden = depth <= 0;
    };
    window.addEventListener("dragenter", (event) => carries(event) && show(1));
    window.addEventListener("dragleave", (event) => carries(event) && show(-1));
    window.addEventListener("dragover", (event) => event.preventDefault());
    window.addEventListener("drop", (event) => {
      event.preventDefault();
      show(-depth);
      this.#files(event, event.dataTransfer);
    });
  }

  // ------------------------------------------------------------------------------------------------------------ the bar

  /** Give up a reply, an edit, a file. What was written stays; behind an edit, what was written before it. */
  #leave() {
    const editing = this.mode?.kind === "edit";
    this.#mode(null);
    this.write(editing ? this.does.draft() : this.text.value, true);
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
