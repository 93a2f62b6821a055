// What comes up over the page: a line that goes by itself, a box to close, a choice of chats.

import { $ } from "./dom.js";
import { showChats } from "./side.js";

const TOAST = 4000; // milliseconds
let toasting;

/** A line for a moment. */
export function toast(text) {
  clearTimeout(toasting);
  $("#toast").textContent = text;
  toasting = setTimeout(() => ($("#toast").textContent = ""), TOAST);
}

/** A box that stays until it is closed. */
export function alertBox(text) {
  $("#alert-text").textContent = text;
  $("#alert").showModal();
}

/** Let somebody choose one of some chats. */
export function chooseChat(chats, chosen) {
  const dialog = $("#choose");
  showChats(dialog.querySelector("div"), chats, 0, (chat) => {
    dialog.close();
    chosen(chat);
  });
  dialog.showModal();
}
