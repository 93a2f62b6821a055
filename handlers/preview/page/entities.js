// Text with entities, as Telegram has it, into nodes. An allow-list: what is not named here is shown as plain text, and text
// only ever becomes text nodes, so nothing that anybody writes can run.

import { button, icon, make, named } from "./dom.js";
import { w } from "./words.js";

const TAGS = new Map(Object.entries({ bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre" }));
const BLOCKS = new Set(["blockquote", "expandable_blockquote", "pre"]);
const LINK = /^(https?|mailto|tg):/i;

/** The nodes of a text. follow(kind, what) is called where a command, a mention or a link of Telegram's is followed. */
export function rendered(text, entities, follow) {
  const known = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return between(text, 0, text.length, known, follow);
}

function between(text, begin, end, entities, follow) {
  const nodes = [];
  let at = begin;
  for (let i = 0; i < entities.length; i++) {
    const start = Math.max(entities[i].offset, at);
    const stop = Math.min(entities[i].offset + entities[i].length, end);
    if (start >= stop) continue;
    const block = BLOCKS.has(entities[i].type);
    // A block begins a line of its own: the line break before it, and that after it, is already there.
    if (start > at) nodes.push(text.slice(at, block && text[start - 1] === "\n" ? start - 1 : start));
    const inner = entities.slice(i + 1).filter((one) => one.offset < stop);
    nodes.push(dressed(entities[i], text.slice(start, stop), between(text, start, stop, inner, follow), follow));
    at = block && text[stop] === "\n" && stop < end ? stop + 1 : stop;
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

function dressed(entity, words, children, follow) {
  const { type } = entity;
  if (TAGS.has(type)) return make(TAGS.get(type), "", ...children);
  if (type === "blockquote") return make("blockquote", "", ...children);
  if (type === "expandable_blockquote") return folded(children);
  if (type === "spoiler") return hidden(children);
  if (type === "text_link") return link(entity.url, children, follow);
  if (type === "url") return link(LINK.test(words) ? words : `https://${words}`, children, follow);
  if (type === "email") return link(`mailto:${words}`, children, follow);
  if (type === "bot_command" || type === "mention") return tapped(type, words, children, follow);
  return make("span", "", ...children);
}

function tapped(kind, words, children, follow) {
  return button("tap", () => follow(kind, words), ...children);
}

/** Whether an address may be opened: of the web, of a mailbox, of Telegram; nothing that runs. */
export function allowed(url) {
  return LINK.test(url || "") && URL.canParse(url);
}

function link(url, children, follow) {
  if (!allowed(url)) return make("span", "", ...children);
  const anchor = make("a", "", ...children);
  anchor.href = url;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer";
  anchor.title = url;
  anchor.onclick = (event) => {
    if (follow("url", url)) event.preventDefault();
  };
  return anchor;
}

function hidden(children) {
  const node = button("spoiler", () => node.replaceWith(make("span", "", ...node.childNodes)), ...children);
  node.setAttribute("aria-label", w("spoiler"));
  return node;
}

/** An expandable quote: three lines until it is unfolded. */
function folded(children) {
  const unfold = button("unfold", null, icon("down")); // a click on it is one on the quote
  const quote = make("blockquote", "expandable", make("div", "fold", ...children), unfold);
  const set = (open) => {
    quote.classList.toggle("open", open);
    unfold.setAttribute("aria-expanded", open);
    named(unfold, w(open ? "fold" : "unfold"));
  };
  set(false);
  quote.onclick = (event) => {
    if (event.target.closest("a, .tap, .spoiler") || String(getSelection())) return;
    set(!quote.classList.contains("open"));
  };
  return quote;
}
