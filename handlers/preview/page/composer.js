// Where one writes: text, replies, edits, files; commands after a slash, inline results after the bot's name.

import { summary } from "./bubbles.js";
import { icon } from "./entities.js";
import { Offers } from "./offers.js";
import { Popup } from "./popup.js";
import { label, size, w } from "./words.js";

const MOST_TEXT = 4096;
const MOST_CAPTION = 1024;
const $ = (selector) => document.querySelector(selector);

export class Composer {
  /**
   * does: {send, edit, file, inline, choose, start} talk to the server, {commands, name, draft} tell of the chat. A mode is
   * what the text is for: a reply, an edit, a file (perhaps as a reply); null for a plain message.
   */
  constructor(does, bot, most) {
    Object.assign(this, { does, most, mode: null, sending: false, left: new Map(), place: "" });
    this.text = $("#text");
    this.popup = new Popup($("#popup"), this.text, $("#commands"), $("#heard"));
    this.offers = new Offers(this.popup, bot, does, this);
    this.text.addEventListener("input", () => {
      this.problem("");
      this.#typed();
    });
    this.text.addEventListener("keydown", (event) => this.#key(event));
    this.text.addEventListener("blur", () => this.#away());
    this.text.addEventListener("paste", (event) => this.#files(event, event.clipboardData));
    $("#composer").addEventListener("submit", (event) => this.#submit(event));
    $("#composer").addEventListener("keydown", (event) => event.key === "Escape" && this.#escape(event));
    $("#commands").onclick = () => {
      if (this.popup.open) return this.popup.hide();
      this.offers.menu();
      return this.focus();
    };
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
    this.offers.to(this.mode ? "" : this.text.value);
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
    if (!mode && this.offers.inline(text)) return this.popup.open ? this.popup.pick() : this.offers.to(this.text.value);
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
