// A text file, as text: it wraps, its letters grow, and the browser's own find finds in it.

import { TextSize } from "./text-size.js";

const BLOCK = 16 * 1024; // characters; browsers skip the blocks that are out of sight

/** Shows a text in `container`; the toolbar talks to it as to a PdfView. Events: "scale". */
export class TextView extends EventTarget {
  pages = 1;
  page = 1;
  #container;
  #content;
  #sheet = document.createElement("div");
  #size = new TextSize(this.#sheet);

  constructor(container, content) {
    super();
    this.#container = container;
    this.#content = content;
    this.#sheet.className = "plain-text__sheet";
    container.replaceChildren(this.#sheet);
  }

  /** Fetch and show; settles when the text is on the screen. */
  async open() {
    const text = new TextDecoder().decode(await this.#content.whole());
    this.#sheet.replaceChildren(...blocks(text).map(asElement));
    this.#container.hidden = false;
    this.#tellScale(this.#size.scale);
  }

  zoomIn() {
    this.#tellScale(this.#size.change(1));
  }

  zoomOut() {
    this.#tellScale(this.#size.change(-1));
  }

  focus() {
    this.#container.focus({ preventScroll: true, focusVisible: false });
  }

  #tellScale(scale) {
    this.dispatchEvent(new CustomEvent("scale", { detail: scale }));
  }
}

/** The text in parts that end where its lines do. */
function blocks(text) {
  const parts = [];
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf("\n", at + BLOCK);
    const end = newline < 0 ? text.length : newline;
    parts.push(text.slice(at, end));
    at = end + 1;
  }
  return parts;
}

function asElement(text) {
  const block = document.createElement("pre");
  block.className = "plain-text__block";
  block.textContent = text;
  return block;
}
