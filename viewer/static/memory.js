// What this tab remembers: the zoom, and the place in the document. Never anything of a document's content.

const ZOOM = "zoom";
const TEXT_SIZE = "text-size";
const SINGLE_KEYS = "single-keys";
const PLACE_EVERY_MS = 400; // Safari allows 100 changes of the history in 30 seconds

let newest = null;
let timer = null;

/** The zoom that was chosen last in this tab: a number or PDF.js's name of one; null at first. */
export function rememberedZoom() {
  return read(ZOOM);
}

export function rememberZoom(value) {
  write(ZOOM, String(value));
}

/** The size of letters that was chosen last for text; null at first. */
export function rememberedTextSize() {
  return read(TEXT_SIZE);
}

export function rememberTextSize(factor) {
  write(TEXT_SIZE, String(factor));
}

/** Whether shortcuts of one key are on; people who speak to their computer turn them off. */
export function singleKeys() {
  return read(SINGLE_KEYS) !== "off";
}

export function rememberSingleKeys(on) {
  write(SINGLE_KEYS, on ? "on" : "off");
}

/** The place in the document {page, left, top, rotation} that survives a reload of this tab. */
export function rememberedPlace() {
  return history.state?.place ?? null;
}

export function rememberPlace(place) {
  newest = place;
  timer ??= setTimeout(writePlace, PLACE_EVERY_MS);
}

function writePlace() {
  clearTimeout(timer);
  timer = null;
  if (newest) history.replaceState({ ...history.state, place: newest }, "");
}

window.addEventListener("pagehide", writePlace);

function read(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null; // storage is switched off: nothing is remembered, everything works
  }
}

function write(key, value) {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // as above
  }
}
