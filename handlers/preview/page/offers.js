// What the list above the text offers, by what is typed: commands behind a slash, inline results behind the bot's name.

import { w } from "./words.js";

const PAUSE = 250; // milliseconds without typing before an inline query goes out

export class Offers {
  /** popup: where it is shown; does: {commands, inline, choose, start, send}; field: what is written in, {text, write}. */
  constructor(popup, bot, does, field) {
    Object.assign(this, { popup, bot, does, field, asked: 0 });
  }

  /** Whether a text is for the bot's inline mode. */
  inline(text) {
    return `${text} `.startsWith(`@${this.bot} `);
  }

  /** Offer what goes with a text. */
  to(text) {
    this.asked++; // an answer that is on its way comes too late
    if (text.startsWith(`@${this.bot} `)) this.#ask(text.slice(this.bot.length + 2));
    else if (/^\/\w*$/.test(text)) this.menu(text.slice(1));
    else if (text && `@${this.bot}`.startsWith(text)) this.#name();
    else this.popup.hide();
  }

  /** The commands that begin so. What stands in the text stays: from the button, one is sent beside it. */
  menu(begin = "") {
    const fitting = this.does.commands().filter(({ command }) => command.startsWith(begin.toLowerCase()));
    const items = fitting.map(({ command, description }) => ({
      title: `/${command}`,
      detail: description,
      pick: () => {
        if (!this.field.mode && /^\/\w*$/.test(this.field.text.value)) this.field.write("");
        this.popup.hide();
        this.does.send(`/${command}`);
      },
    }));
    this.popup.show(w("commands"), items);
  }

  #name() {
    const pick = () => this.field.write(`@${this.bot} `, true);
    this.popup.show(w("inline_results"), [{ title: `@${this.bot}`, detail: w("inline_hint"), pick }], 0);
  }

  #ask(query) {
    const number = this.asked;
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
    const found = [...before, ...answer.results.map((one) => this.#result(answer.query, one))];
    const items = [...found];
    if (answer.button) items.unshift({ title: answer.button.text, plain: true, pick: () => this.#through(answer.button) });
    if (answer.next_offset) items.push({ title: w("inline_more"), plain: true, pick: () => this.#more(query, answer, found) });
    if (items.length === 0) items.push({ title: w("inline_none"), plain: true, pick: () => {} });
    this.popup.show(w("inline_results"), items, (answer.button && found.length ? 1 : 0) + before.length);
  }

  #result(query, { id, title, description }) {
    const pick = async () => {
      const { place, text } = this.field;
      const typed = text.value;
      this.field.write("");
      if (!(await this.does.choose(query, id))) this.field.restore(place, null, typed);
    };
    return { title, detail: description, pick };
  }

  async #more(query, answer, found) {
    const number = this.asked;
    this.popup.wait();
    const next = await this.does.inline(query, answer.next_offset);
    if (number !== this.asked) return;
    if (next) this.#results(query, { ...next, button: answer.button }, found);
    else this.popup.ready();
  }

  #through(button) {
    this.field.write("");
    this.does.start(button.start_parameter);
  }
}
