// Keys for those who read a lot. Keys of a single letter can be turned off in the help panel.

import { rememberSingleKeys, singleKeys } from "./memory.js";

const SINGLE = {
  n: "next", p: "previous", "+": "zoom-in", "=": "zoom-in", "-": "zoom-out",
  w: "fit", r: "rotate", c: "contents", t: "words", "/": "find", "?": "help",
};

/**
 * Listen for keys and run the actions of the same names; `escape` closes what is open.
 * An action that gives false leaves the key to the browser. Lasts until the signal.
 */
export function connectKeyboard(actions, escape, signal) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const name = wanted(event);
    if (name === "escape") escape();
    else if (name && isOffered(name) && actions[name]() !== false) event.preventDefault();
  }, { signal });
  connectHelp(actions, signal);

  // what the toolbar does not offer for this document, or by policy, has no key either
  function isOffered(name) {
    const button = document.querySelector(`#toolbar [data-do="${name}"]`);
    if (name === "print") return button !== null && !button.closest("[hidden]");
    return Boolean(actions[name]) && !button?.closest("[hidden]");
  }
}

function wanted(event) {
  const typing = event.target.closest?.("input, textarea, select") !== null;
  if (event.key === "Escape") return "escape";
  if (withCommand(event, "p")) return "print";
  if (withCommand(event, "f")) {
    // a second press, in our own field, reaches the browser's find
    return event.target.id === "find-text" ? null : "find-open";
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing || !singleKeys()) return null;
  return SINGLE[event.key] ?? null;
}

function withCommand(event, key) {
  return (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === key;
}

function connectHelp(actions, signal) {
  const dialog = document.getElementById("help");
  const box = document.getElementById("single-keys");
  box.checked = singleKeys();
  box.addEventListener("change", () => rememberSingleKeys(box.checked), { signal });
  actions.help = () => dialog.showModal();
}
