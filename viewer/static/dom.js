// Finds elements of the page, with the type that the caller needs, and makes new ones.

/**
 * Gives the element of the page that has this id.
 *
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [type] the class of element that the caller needs
 * @returns {T}
 * @throws {Error} the page has no such element, so template and script do not belong together
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof (type ?? HTMLElement)))
    throw new Error(`the page has no element ${id} of the right type`);
  return /** @type {T} */ (found);
}

/**
 * Makes an element with a class, which may be empty, and its children.
 *
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name
 * @param {string} [className]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[N]}
 */
export function element(name, className = "", ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/**
 * Moves the focus to an element without scrolling and without a ring around it.
 *
 * @param {HTMLElement} target
 */
export function focusQuietly(target) {
  target.focus(/** @type {FocusOptions} */ ({ preventScroll: true, focusVisible: false }));
}

/**
 * Gives the nearest element that matches, from the element on which the event happened outwards.
 *
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function closest(event, selector) {
  return event.target instanceof Element ? event.target.closest(selector) : null;
}

/**
 * Calls `act` with what an event of this name carries.
 *
 * @template T
 * @param {EventTarget} target
 * @param {string} name
 * @param {(detail: T) => void} act
 * @param {AddEventListenerOptions} [options]
 */
export function onDetail(target, name, act, options) {
  target.addEventListener(
    name,
    (event) => {
      if (event instanceof CustomEvent) act(event.detail);
    },
    options,
  );
}

/** Does nothing: for a failure that is handled where the same promise is awaited, or that does not matter. */
export function ignore() {
  // nothing to do
}
