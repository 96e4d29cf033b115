// The row of buttons, and what they do to the document that is shown.

import { byId, closest, onDetail } from "./dom.js";

/**
 * What the toolbar needs of a PdfView or a SimpleView. It shows no button for what a view cannot do.
 *
 * @typedef {object} PagedView
 * @property {number} page the number of the page that is shown, from 1
 * @property {number} pages
 * @property {() => void} [zoomIn]
 * @property {() => void} [zoomOut]
 * @property {() => void} [fitWidth]
 * @property {() => void} [rotate]
 * @property {() => void} focus
 */

/** @typedef {PagedView & EventTarget} View */

/**
 * What buttons and keys do, by the name of the button. An action that gives false leaves its key to the browser.
 *
 * @typedef {Record<string, () => unknown>} Actions
 */

/**
 * Connects the buttons with the view until the signal; gives all actions.
 *
 * @param {View} view
 * @param {Actions} more actions beyond those that every view has, or in their place
 * @param {AbortSignal} signal
 * @returns {Actions}
 */
export function connectToolbar(view, more, signal) {
  /** @type {Actions} */
  const actions = {
    previous: () => {
      view.page -= 1;
    },
    next: () => {
      view.page += 1;
    },
    "zoom-in": () => view.zoomIn?.(),
    "zoom-out": () => view.zoomOut?.(),
    fit: () => view.fitWidth?.(),
    rotate: () => view.rotate?.(),
    ...more,
  };
  connectButtons(actions, signal);
  connectPageJump(view, signal);
  connectMore(signal);
  view.addEventListener("page", () => showPage(view), { signal });
  onDetail(
    view,
    "scale",
    (/** @type {number} */ scale) => {
      byId("scale").textContent = `${Math.round(scale * 100)}%`;
    },
    { signal },
  );
  return actions;
}

/**
 * Offers the buttons that are of use for what is shown.
 *
 * @param {string} shown pdf, text-only, image, text, table, listing, audio or video
 */
export function arrangeToolbar(shown) {
  document.documentElement.dataset.shown = shown;
  for (const part of byId("toolbar").querySelectorAll("[data-for]")) {
    if (part instanceof HTMLElement) part.hidden = !part.dataset.for?.split(" ").includes(shown);
  }
}

/**
 * Shows the page number and how many there are.
 *
 * @param {PagedView} view
 */
export function showPage(view) {
  byId("page-number", HTMLInputElement).value = String(view.page);
  byId("page-count").textContent = String(view.pages);
  disable("previous", view.page <= 1);
  disable("next", view.page >= view.pages);
}

/**
 * Gives the toolbar's button for an action.
 *
 * @param {string} action
 * @throws {Error} the toolbar has none
 */
export function buttonFor(action) {
  const button = byId("toolbar").querySelector(`[data-do="${action}"]`);
  if (!(button instanceof HTMLElement)) throw new Error(`the toolbar has no button ${action}`);
  return button;
}

/** Closes the menu of the small screens; gives false where it was not open. */
export function closeMore() {
  const extras = byId("extras");
  const wasOpen = extras.classList.contains("is-open");
  const hadFocus = extras.contains(document.activeElement);
  extras.classList.remove("is-open");
  byId("more").setAttribute("aria-expanded", "false");
  if (wasOpen && hadFocus) byId("more").focus();
  return wasOpen;
}

/**
 * Tells people that a button has no effect now. It keeps the focus, which the attribute `disabled` would take away.
 *
 * @param {string} action
 * @param {boolean} disabled
 */
function disable(action, disabled) {
  buttonFor(action).setAttribute("aria-disabled", String(disabled));
}

/**
 * @param {Actions} actions
 * @param {AbortSignal} signal
 */
function connectButtons(actions, signal) {
  document.addEventListener(
    "click",
    (event) => {
      const button = closest(event, "[data-do]");
      if (!button?.dataset.do || button.getAttribute("aria-disabled") === "true") return;
      if (button.closest("#extras")) closeMore();
      actions[button.dataset.do]?.();
    },
    { signal },
  );
}

/**
 * @param {View} view
 * @param {AbortSignal} signal
 */
function connectPageJump(view, signal) {
  const input = byId("page-number", HTMLInputElement);
  const jump = () => {
    const wanted = Number.parseInt(input.value, 10);
    if (Number.isInteger(wanted)) view.page = wanted;
    showPage(view);
  };
  byId("page-jump").addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      jump();
      view.focus();
    },
    { signal },
  );
  input.addEventListener("focus", () => input.select(), { signal });
  input.addEventListener("blur", jump, { signal });
}

/** @param {AbortSignal} signal */
function connectMore(signal) {
  const [more, extras] = [byId("more"), byId("extras")];
  more.addEventListener(
    "click",
    () => {
      const open = extras.classList.toggle("is-open");
      more.setAttribute("aria-expanded", String(open));
      if (open) /** @type {HTMLElement | null} */ (extras.querySelector("button:not([hidden])"))?.focus();
    },
    { signal },
  );
  document.addEventListener(
    "pointerdown",
    (event) => {
      if (!closest(event, "#extras, #more")) closeMore();
    },
    { signal },
  );
}
