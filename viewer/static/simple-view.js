// What the views of a single page have in common: text, table, picture, recording and listing.

import { focusQuietly } from "./dom.js";

/**
 * Shows a document as one page in `container`. The toolbar and the keys use it as they use a PdfView.
 * Events: "scale" (detail: the zoom as a factor), "failed" (detail: the error, after which the document cannot go on).
 */
export class SimpleView extends EventTarget {
  pages = 1;
  page = 1;
  /**
   * Sentences about what the view leaves out of the document.
   *
   * @type {string[]}
   */
  notes = [];
  /** @protected */
  container;

  /** @param {HTMLElement} container */
  constructor(container) {
    super();
    this.container = container;
  }

  focus() {
    focusQuietly(this.container);
  }

  /**
   * Tells whoever listens that the zoom has changed.
   *
   * @protected
   * @param {number} scale as a factor
   */
  tellScale(scale) {
    this.dispatchEvent(new CustomEvent("scale", { detail: scale }));
  }
}
