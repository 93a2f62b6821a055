// What stands in an empty chat: what the bot is for, and real questions to tap.

import { face } from "./bubbles.js";
import { button, make } from "./dom.js";
import { language, w } from "./words.js";

/** Something that a second click, before the first is done, does not do again. */
function once(action) {
  let busy = false;
  return async () => {
    if (busy) return;
    busy = true;
    await action();
    busy = false;
  };
}

function tries(questions, code, ask) {
  const node = make("div", "tries", ...questions.map((question) => button("", once(() => ask(question)), question)));
  node.lang = code;
  return node;
}

/** The chat with the bot: its description, examples ({id, en}) in both languages, and START. */
export function invites(about, examples, ask, start) {
  const own = language();
  const other = own === "id" ? "en" : "id";
  const node = make("div", "empty", face({ role: "bot" }), make("h2", "", w("empty")), make("p", "", about));
  node.append(make("p", "quiet", w("try")), tries(examples[own], own, ask), tries(examples[other], other, ask));
  node.append(button("primary", once(start), w("start")));
  return node;
}

/** A group: how one speaks to the bot there, with the command to put before a question. */
export function invitesGroup(command, examples, ask) {
  const questions = examples[language()].map((question) => `/${command} ${question}`);
  const node = make("div", "empty", face({ role: "group" }), make("p", "", w("empty_group")));
  if (command) node.append(tries(questions, language(), ask));
  return node;
}
