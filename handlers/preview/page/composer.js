// Where one writes: text, replies, edits, files; commands after a slash, inline results after the bot's name.

import { icon } from "./entities.js";
import { summary } from "./bubbles.js";
import { Popup } from "./popup.js";
import { label, size, w } from "./words.js";

const MOST_TEXT = 4096;
const MOST_CAPTION = 1024;
const PAUSE = 250; // milliseconds without typing before an inline query goes out
const $ = (selector) => document.querySelector(selector);

export class Composer {
  /** does: {send, edit, file, inline, choose, start} talk to the server, {commands, name, draft} tell of the chat. */
  constructor(does, bot, most) {
    Object.assign(this, { does, bot, most, mode: null, asked: 0 });
    this.text = $("#text");
    this.popup = new Popup($("#popup"), this.text);
    this.text.addEventListener("input", () => {
      this.problem("");
      this.#typed();
    });
    this.text.addEventListener("keydown", (event) => this.#key(event));
    this.text.addEventListener("blur", () => this.#away());
    this.text.addEventListener("paste", (event) => this.#files(event, event.clipboardData));
    $("#composer").addEventListener("submit", (event) => this.#submit(event));
    $("#commands").onclick = () => this.#menu();
    $("#attach").onclick = () => $("#file").click();
    $("#file").onchange = () => this.#attach($("#file").files[0]);
    $("#bar button").onclick = () => this.#leave();
    this.#droppable($("main"));
  }

  /** Turn to another chat, with what was half-written there. */
  turn() {
    this.#mode(null);
    this.popup.hide();
    this.problem("");
    this.write(this.does.draft());
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
    this.#mode({ kind: "reply", message }, "reply", w("replying", { name: this.does.name(message.from) }), summary(message));
    if (placeholder) this.text.placeholder = placeholder;
    this.focus();
  }

  edit(message) {
    this.#mode({ kind: "edit", message }, "edit", w("editing"), summary(message));
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
    if (this.mode?.kind !== "edit" && this.mode?.kind !== "file") this.does.draft(this.text.value);
    const inline = this.#inlineQuery();
    if (inline === null) this.asked++; // an answer that is on its way comes too late
    if (this.mode) this.popup.hide();
    else if (inline !== null) this.#ask(inline);
    else if (/^\/\w*$/.test(this.text.value)) this.#commands(this.text.value.slice(1));
    else if (`@${this.bot}`.startsWith(this.text.value) && this.text.value) this.#offerInline();
    else this.popup.hide();
    $("#commands").setAttribute("aria-expanded", this.popup.open);
  }

  #key(event) {
    if (event.isComposing) return;
    const { key } = event;
    if (this.popup.open && (key === "ArrowDown" || key === "ArrowUp")) this.popup.move(key === "ArrowDown" ? 1 : -1);
    else if (this.popup.open && key === "Escape") this.popup.hide();
    else if (this.popup.open && key === "Tab" && this.popup.pick(true)) return event.preventDefault();
    else if (key === "Escape" && this.mode) this.#leave();
    else if (key === "Enter" && this.popup.open && this.popup.pick()) return event.preventDefault();
    else if (key === "Enter" && !event.shiftKey && !matchMedia("(pointer: coarse)").matches) $("#composer").requestSubmit();
    else return;
    event.preventDefault();
  }

  /** Where the focus goes elsewhere, the list goes; a tap on it keeps the focus. */
  #away() {
    setTimeout(() => document.activeElement !== this.text && document.activeElement !== $("#commands") && this.popup.hide());
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    const mode = this.mode;
    if (this.#inlineQuery() !== null && !mode) return this.popup.pick();
    if (!text && mode?.kind !== "file") return this.focus();
    const over = text.length - (mode?.kind === "file" ? MOST_CAPTION : MOST_TEXT);
    if (over > 0) return this.problem(w("too_long", { n: over }));
    this.problem("");
    this.#mode(null);
    this.write("", true);
    if (await this.#sent(mode, text)) return;
    // Refused: what was written, and what it was for, is there again; unless something else was begun since.
    if (mode && !this.mode) this.#mode(mode, ...mode.shown);
    if (!this.text.value) this.write(text);
  }

  #sent(mode, text) {
    if (mode?.kind === "edit") return this.does.edit(mode.message, text);
    if (mode?.kind === "file") return this.does.file(mode.file, text);
    return this.does.send(text, mode?.message.message_id);
  }

  // ------------------------------------------------------------------------------------------------- commands and inline

  #menu() {
    if (this.popup.open) {
      this.popup.hide();
      $("#commands").setAttribute("aria-expanded", false);
    } else {
      this.write("/", true);
    }
  }

  #commands(begin) {
    const fitting = this.does.commands().filter(({ command }) => command.startsWith(begin.toLowerCase()));
    const items = fitting.map(({ command, description }) => ({
      title: `/${command}`,
      detail: description,
      pick: () => {
        this.write("");
        this.does.send(`/${command}`);
      },
    }));
    this.popup.show(w("commands"), items);
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
    setTimeout(async () => {
      if (number !== this.asked) return;
      const answer = await this.does.inline(query, "");
      if (answer && number === this.asked) this.#results(query, answer, []);
    }, PAUSE);
  }

  #results(query, answer, before) {
    const found = [...before, ...answer.results.map((one) => this.#result(one))];
    const items = [...found];
    if (answer.button) items.unshift({ title: answer.button.text, plain: true, pick: () => this.#through(answer.button) });
    if (answer.next_offset) items.push({ title: w("inline_more"), plain: true, pick: () => this.#more(query, answer, found) });
    if (items.length === 0) items.push({ title: w("inline_none"), plain: true, pick: () => {} });
    this.popup.show(w("inline_results"), items, answer.button && found.length ? 1 : 0);
  }

  #result(one) {
    const pick = () => {
      this.write("");
      this.popup.hide();
      this.does.choose(one.id);
    };
    return { title: one.title, detail: one.description, pick };
  }

  async #more(query, answer, found) {
    const number = this.asked;
    const next = await this.does.inline(query, answer.next_offset);
    if (next && number === this.asked) this.#results(query, { ...next, button: answer.button }, found);
  }

  #through(button) {
    this.write("");
    this.popup.hide();
    this.does.start(button.start_parameter);
  }

  // ---------------------------------------------------------------------------------------------------------------- files

  #attach(file) {
    $("#file").value = "";
    if (!file) return;
    this.problem("");
    if (file.size > this.most) return this.problem(w("too_big", { name: file.name, size: size(file.size), most: size(this.most) }));
    if (file.size === 0) return this.problem(w("empty_file", { name: file.name }));
    this.#mode({ kind: "file", file }, "file", file.name, size(file.size));
    this.text.placeholder = w("caption");
    this.focus();
  }

  #files(event, data) {
    const file = data?.files[0];
    if (!file) return;
    event.preventDefault();
    this.#attach(file);
  }

  #droppable(area) {
    const veil = $("#drop");
    let depth = 0;
    const show = (by) => {
      depth += by;
      veil.hidden = depth <= 0;
    };
    area.addEventListener("dragenter", (event) => event.dataTransfer.types.includes("Files") && show(1));
    area.addEventListener("dragleave", (event) => event.dataTransfer.types.includes("Files") && show(-1));
    area.addEventListener("dragover", (event) => event.preventDefault());
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      show(-depth);
      this.#files(event, event.dataTransfer);
    });
  }

  // ------------------------------------------------------------------------------------------------------------ the bar

  #leave() {
    const editing = this.mode?.kind === "edit";
    this.#mode(null);
    if (editing) this.write("");
    this.focus();
  }

  #mode(mode, picture = "", head = "", text = "") {
    this.mode = mode && { ...mode, shown: [picture, head, text] };
    $("#bar").hidden = !mode;
    this.text.placeholder = w("write");
    label($("#send"), mode?.kind === "edit" ? "save" : "send");
    if (!mode) return;
    $("#bar svg").replaceWith(icon(picture));
    $("#bar b").textContent = head;
    $("#bar span").textContent = text;
    this.popup.hide();
  }
}
