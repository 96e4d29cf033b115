// Keys for people who read a lot. The help panel can turn off the keys of a single letter.

import { byId } from "./dom.js";
import { rememberSingleKeys, singleKeys } from "./session-state.js";

/** @import { Actions } from "./toolbar.js" */

/** @type {Record<string, string>} */
const SINGLE = {
  n: "next",
  p: "previous",
  "+": "zoom-in",
  "=": "zoom-in",
  "-": "zoom-out",
  w: "fit",
  r: "rotate",
  c: "contents",
  t: "text-only",
  "/": "find",
  "?": "help",
};

/**
 * Listens for keys until the signal, and runs the actions of the same names. Adds the action of the help button.
 *
 * @param {Actions} actions
 * @param {() => void} closeOpen closes what is open
 * @param {AbortSignal} signal
 */
export function connectKeyboard(actions, closeOpen, signal) {
  actions.help = () => byId("help", HTMLDialogElement).showModal();
  connectSwitch(signal);
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      const name = wanted(event);
      if (name === "escape") closeOpen();
      else if (name && isOffered(name, actions) && actions[name]?.() !== false) event.preventDefault();
    },
    { signal },
  );
}

/**
 * Whether an action has a key here: what the toolbar does not offer for this document, or by policy, has none.
 *
 * @param {string} name
 * @param {Actions} actions
 */
function isOffered(name, actions) {
  const button = document.querySelector(`#toolbar [data-do="${name}"]`);
  if (name === "print") return button !== null && !button.closest("[hidden]");
  return name in actions && !button?.closest("[hidden]");
}

/**
 * Gives the action that a key asks for; null for none.
 *
 * @param {KeyboardEvent} event
 */
function wanted(event) {
  const target = event.target instanceof Element ? event.target : document.body;
  if (event.key === "Escape") return "escape";
  if (isCommand(event, "p")) return "print";
  // a second press, in the page's own field, reaches the browser's search
  if (isCommand(event, "f")) return target.id === "find-text" ? null : "find-open";
  const typing = target.closest("input, textarea, select") !== null;
  if (event.ctrlKey || event.metaKey || event.altKey || typing || !singleKeys()) return null;
  return SINGLE[event.key] ?? null;
}

/**
 * @param {KeyboardEvent} event
 * @param {string} key
 */
function isCommand(event, key) {
  return (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === key;
}

/** @param {AbortSignal} signal */
function connectSwitch(signal) {
  const box = byId("single-keys", HTMLInputElement);
  box.checked = singleKeys();
  box.addEventListener("change", () => rememberSingleKeys(box.checked), { signal });
}
