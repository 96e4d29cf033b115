// What the template of the page tells the scripts, in the attributes of its main element.

import { byId } from "./dom.js";

/**
 * @typedef {object} Shell
 * @property {string} source the name of the document system, as people know it
 * @property {string} number the document's number in it
 * @property {string} rendition the address at which the document is asked for
 * @property {string} [watermark] the words that lie over the document; absent where there are none
 * @property {string} pdfjs the address of PDF.js
 * @property {string} pdfjsViewer the address of its components
 * @property {string} pdfjsWorker the address of its worker
 * @property {string} pdfjsFolder the address of its folder, with a slash at the end
 */

/** Reads what the template tells. */
export function readShell() {
  return /** @type {Shell} */ (/** @type {unknown} */ ({ ...byId("main").dataset }));
}
