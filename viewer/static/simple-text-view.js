// What the views of text and of tables have in common.

import { SimpleView } from "./simple-view.js";
import { TextSize } from "./text-size.js";

/** Shows a document as text in `sheet`, which stands in `container`. The zoom changes the size of the letters. */
export class SimpleTextView extends SimpleView {
  /** @protected */
  sheet;
  #size;

  /**
   * @param {HTMLElement} container
   * @param {HTMLElement} sheet
   */
  constructor(container, sheet) {
    super(container);
    this.sheet = sheet;
    this.#size = new TextSize(sheet);
    container.replaceChildren(sheet);
  }

  /** Puts the sheet on the screen. */
  show() {
    this.container.hidden = false;
    this.tellScale(this.#size.scale);
  }

  zoomIn() {
    this.tellScale(this.#size.change(1));
  }

  zoomOut() {
    this.tellScale(this.#size.change(-1));
  }
}
