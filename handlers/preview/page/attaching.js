// How a file gets to the composer: chosen, pasted, or dropped anywhere on the page.

import { $ } from "./dom.js";
import { toast } from "./notices.js";
import { size, w } from "./words.js";

/** Listen for files of at most so many bytes; composer.attach(file) takes one, composer.problem(text) tells why not. */
export function attaching(most, composer) {
  const take = (files) => {
    const [file] = files;
    $("#file").value = "";
    if (!file || $("#composer").hidden || document.querySelector("dialog[open]")) return;
    composer.problem("");
    if (file.size > most) composer.problem(w("too_big", { name: file.name, size: size(file.size), most: size(most) }));
    else if (file.size === 0) composer.problem(w("empty_file", { name: file.name }));
    else {
      composer.attach(file);
      if (files.length > 1) toast(w("one_file", { name: file.name }));
    }
  };
  $("#attach").onclick = () => $("#file").click();
  $("#file").onchange = () => take([...$("#file").files]);
  $("#text").addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    // What is text as well, such as cells of a spreadsheet, is pasted as text.
    if (files.length === 0 || types.includes("text/plain")) return;
    event.preventDefault();
    take([...files]);
  });
  droppable(take);
}

/** Where a file is dropped that nobody takes, the browser would open it in place of the page. */
function droppable(take) {
  const carries = (event) => event.dataTransfer?.types.includes("Files") && !$("#composer").hidden;
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
    take([...event.dataTransfer.files]);
  });
}
