// Finds words in the document: how many matches there are, which one is shown, the next and the previous one.

import { byId } from "./dom.js";
import { buttonFor } from "./toolbar.js";

/** @import { PdfView } from "./pdf-view.js" */

/**
 * What PDF.js tells of a search.
 *
 * @typedef {object} Found
 * @property {{current: number, total: number}} matchesCount
 * @property {number} [state] one of PDF.js's FindState
 */

const PAGES_SEARCHED_FOR_TEXT = 3;

/** Connects the find bar to a PdfView. */
export class FindBar {
  #view;
  #bar = byId("find-bar");
  #text = byId("find-text", HTMLInputElement);
  #count = byId("find-count");

  /**
   * @param {PdfView} view
   * @param {AbortSignal} signal
   */
  constructor(view, signal) {
    this.#view = view;
    this.#text.addEventListener("input", () => this.#search(""), { signal });
    this.#bar.addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        this.next();
      },
      { signal },
    );
    this.#text.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Enter" || !event.shiftKey) return;
        event.preventDefault();
        this.previous();
      },
      { signal },
    );
    const show = (/** @type {Found} */ found) => this.#show(found);
    view.bus.on("updatefindmatchescount", show);
    view.bus.on("updatefindcontrolstate", show);
  }

  get isOpen() {
    return !this.#bar.hidden;
  }

  /** Opens the bar, or goes to its field where it is open. */
  open() {
    this.#bar.hidden = false;
    setExpanded(true);
    this.#text.focus();
    this.#text.select();
    if (this.#text.value) this.#search("");
  }

  close() {
    this.#bar.hidden = true;
    setExpanded(false);
    this.#view.bus.dispatch("findbarclose", { source: this });
    this.#view.focus();
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  next() {
    this.#search("again");
  }

  previous() {
    this.#search("again", true);
  }

  /**
   * @param {"" | "again"} type
   * @param {boolean} [findPrevious]
   */
  #search(type, findPrevious = false) {
    this.#view.bus.dispatch("find", {
      source: this,
      type,
      query: this.#text.value,
      findPrevious,
      highlightAll: true,
      caseSensitive: false,
      entireWord: false,
      matchDiacritics: false,
    });
  }

  /** @param {Found} found */
  #show({ matchesCount: { current, total }, state }) {
    const { NOT_FOUND, PENDING } = this.#view.findStates;
    this.#count.classList.toggle("is-none", state === NOT_FOUND);
    if (!this.#text.value) this.#count.textContent = "";
    else if (total) this.#count.textContent = `${current} of ${total}`;
    else if (state === NOT_FOUND) this.#sayNone();
    else if (state === PENDING) this.#count.textContent = "Searching…";
  }

  async #sayNone() {
    this.#count.textContent = "No matches";
    if (await this.#isProbablyScan()) this.#count.textContent = "No text: a scan";
  }

  async #isProbablyScan() {
    const { pdf, pages } = this.#view;
    for (let number = 1; number <= Math.min(pages, PAGES_SEARCHED_FOR_TEXT); number += 1) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      if (items.length > 0) return false;
    }
    return true;
  }
}

/** @param {boolean} open */
function setExpanded(open) {
  buttonFor("find").setAttribute("aria-expanded", String(open));
}
