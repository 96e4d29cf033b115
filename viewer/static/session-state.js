// Remembers, in this tab only, the zoom and the place in the document. It never holds anything of a document's content.

const ZOOM = "zoom";
const TEXT_SIZE = "text-size";
const SINGLE_KEYS = "single-keys";
const PLACE_EVERY_MS = 400; // Safari allows 100 changes of the history in 30 seconds

/**
 * A place in a PDF, as PDF.js describes it.
 *
 * @typedef {object} Place
 * @property {number} page
 * @property {number} left
 * @property {number} top
 * @property {number} rotation
 */

/** @type {Place | null} */
let newest = null;
let timer = 0;

/** Gives the zoom that was chosen last in this tab, a number or PDF.js's name for one; null at first. */
export function rememberedZoom() {
  return read(ZOOM);
}

/** @param {string} value */
export function rememberZoom(value) {
  write(ZOOM, value);
}

/** Gives the size of letters that was chosen last for text, as a factor; null at first. */
export function rememberedTextSize() {
  return read(TEXT_SIZE);
}

/** @param {number} factor */
export function rememberTextSize(factor) {
  write(TEXT_SIZE, String(factor));
}

/** Whether shortcuts of a single key are on; people who dictate to their computer turn them off. */
export function singleKeys() {
  return read(SINGLE_KEYS) !== "off";
}

/** @param {boolean} on */
export function rememberSingleKeys(on) {
  write(SINGLE_KEYS, on ? "on" : "off");
}

/**
 * Gives the place in the document that survives a reload of this tab; null at first.
 *
 * @returns {Place | null}
 */
export function rememberedPlace() {
  return history.state?.place ?? null;
}

/** @param {Place} place */
export function rememberPlace(place) {
  newest = place;
  timer ||= window.setTimeout(writePlace, PLACE_EVERY_MS);
}

function writePlace() {
  clearTimeout(timer);
  timer = 0;
  if (newest) history.replaceState({ ...history.state, place: newest }, "");
}

window.addEventListener("pagehide", writePlace);

/** @param {string} key */
function read(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null; // storage is switched off: the page remembers nothing, and works
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
function write(key, value) {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // storage is switched off
  }
}
