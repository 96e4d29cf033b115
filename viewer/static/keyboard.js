// Keys for those who read a lot. Keys of a single letter can be turned off in the help panel.

import { rememberSingleKeys, singleKeys } from "./memory.js";

const SINGLE = {
  n: "next", p: "previous", "+": "zoom-in", "=": "zoom-in", "-": "zoom-out",
  w: "fit", r: "rotate", c: "contents", "/": "find", "?": "help",
};

/** Listen for keys and run the actions of the same names; `escape` closes what is open. */
export function connectKeyboard(actions, escape) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const name = wanted(event);
    if (name === "escape") escape();
    else if (name && actions[name]) {
      event.preventDefault();
      actions[name]();
    }
  });
  connectHelp(actions);
}

function wanted(event) {
  const typing = event.target.closest?.("input, textarea, select") !== null;
  if (event.key === "Escape") return "escape";
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "f") {
    // a second press, in our own field, reaches the browser's find
    return event.target.id === "find-text" ? null : "find-open";
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing || !singleKeys()) return null;
  return SINGLE[event.key] ?? null;
}

function connectHelp(actions) {
  const dialog = document.getElementById("help");
  const box = document.getElementById("single-keys");
  box.checked = singleKeys();
  box.addEventListener("change", () => rememberSingleKeys(box.checked));
  actions.help = () => dialog.showModal();
}
