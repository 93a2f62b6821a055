// Pieces of the page: finding them, making them, naming them. Text only ever becomes text nodes.

/** The one element of a selector. */
export const $ = (selector) => document.querySelector(selector);

/** A piece of the page: its tag, class and children. */
export function make(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** A button that does something. */
export function button(className, action, ...children) {
  const node = make("button", className, ...children);
  node.type = "button";
  node.onclick = action;
  return node;
}

/** An icon of the page's own. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** Name a button that shows no words: for the ear, and under the pointer. */
export function named(node, words) {
  node.setAttribute("aria-label", words);
  node.title = words;
}
