// Shows a text file as text: lines wrap, letters grow, and the browser's own search finds in it.

import { element } from "./dom.js";
import { SimpleTextView } from "./simple-text-view.js";

/** @import { Content } from "./content.js" */

const BLOCK = 16 * 1024; // characters; browsers do not lay out the blocks that are out of sight

/** Shows a text. */
export class TextView extends SimpleTextView {
  #content;

  /**
   * @param {HTMLElement} container
   * @param {Content} content
   */
  constructor(container, content) {
    super(container, element("div", "plain-text__sheet"));
    this.#content = content;
  }

  /** Fetches and shows the text; settles when it is on the screen. */
  async open() {
    const text = new TextDecoder().decode(await this.#content.whole());
    this.sheet.replaceChildren(...blocks(text).map((block) => element("pre", "plain-text__block", block)));
    this.show();
  }
}

/**
 * Cuts a text into parts that end where a line ends.
 *
 * @param {string} text
 */
function blocks(text) {
  const parts = [];
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf("\n", at + BLOCK);
    const end = newline < 0 ? text.length : newline;
    parts.push(text.slice(at, end));
    at = end + 1;
  }
  return parts;
}
