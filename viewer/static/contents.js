// The panel beside the document: its own headings where it has an outline, else its pages as small pictures.

import { byId, element } from "./dom.js";
import { buttonFor } from "./toolbar.js";

/** @import { PDFDocumentProxy } from "pdfjs-dist" */
/** @import { PdfView } from "./pdf-view.js" */
/** @typedef {Awaited<ReturnType<PDFDocumentProxy["getOutline"]>>} Outline */

const THUMBNAIL_WIDTH = 120;
const MAX_DEPTH = 4;

/** Connects the panel to a PdfView. */
export class Contents {
  #view;
  #panel = byId("contents");
  /** @type {Promise<void> | null} */
  #filled = null;

  /** @param {PdfView} view */
  constructor(view) {
    this.#view = view;
    view.addEventListener("page", () => this.#markPage());
  }

  get isOpen() {
    return !this.#panel.hidden;
  }

  async toggle() {
    if (this.isOpen) {
      this.close();
      return;
    }
    this.#panel.hidden = false;
    setExpanded(true);
    this.#filled ??= this.#fill();
    await this.#filled;
    this.#markPage();
    const first = this.#panel.querySelector('[aria-current="true"]') ?? this.#panel.querySelector("button");
    if (first instanceof HTMLElement) first.focus();
  }

  close() {
    this.#panel.hidden = true;
    setExpanded(false);
    this.#view.focus();
  }

  async #fill() {
    /** @type {Outline | null} */
    const outline = await this.#view.pdf.getOutline(); // null where there is none, whatever PDF.js's types say
    this.#panel.replaceChildren(
      outline && outline.length > 0 ? this.#headings(outline, 1) : this.#thumbnails(),
    );
  }

  /**
   * @param {Outline} items
   * @param {number} depth
   * @returns {HTMLUListElement}
   */
  #headings(items, depth) {
    const list = element("ul");
    for (const { title, dest, items: below } of items) {
      const entry = element(
        "li",
        "",
        this.#button(title, () => {
          if (dest) this.#view.goTo(dest);
        }),
      );
      if (below.length > 0 && depth < MAX_DEPTH) entry.append(this.#headings(below, depth + 1));
      list.append(entry);
    }
    return list;
  }

  #thumbnails() {
    const list = element("ol", "contents__pages");
    const painter = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting || !(target instanceof HTMLElement)) continue;
          painter.unobserve(target);
          this.#paint(target);
        }
      },
      { root: this.#panel, rootMargin: "200px" },
    );
    for (let number = 1; number <= this.#view.pages; number += 1) {
      const button = this.#button(`Page ${number}`, () => {
        this.#view.page = number;
      });
      button.dataset.page = String(number);
      button.prepend(document.createElement("canvas"));
      list.append(element("li", "", button));
      painter.observe(button);
    }
    return list;
  }

  /**
   * Draws the page that a button leads to.
   *
   * @param {HTMLElement} button
   */
  async #paint(button) {
    const page = await this.#view.pdf.getPage(Number(button.dataset.page));
    const { width } = page.getViewport({ scale: 1 });
    const viewport = page.getViewport({ scale: (THUMBNAIL_WIDTH * window.devicePixelRatio) / width });
    const canvas = button.querySelector("canvas");
    if (!canvas) return;
    Object.assign(canvas, { width: Math.floor(viewport.width), height: Math.floor(viewport.height) });
    await page.render({ canvas, viewport }).promise;
  }

  /**
   * @param {string} text
   * @param {() => void} act
   */
  #button(text, act) {
    const button = element("button", "contents__entry", element("span", "", text));
    button.type = "button";
    button.addEventListener("click", () => {
      act();
      // on a phone the panel covers the document
      if (window.matchMedia("(max-width: 40em)").matches) this.close();
    });
    return button;
  }

  #markPage() {
    for (const button of this.#panel.querySelectorAll("[data-page]")) {
      const isCurrent = button instanceof HTMLElement && Number(button.dataset.page) === this.#view.page;
      button.setAttribute("aria-current", String(isCurrent));
      if (isCurrent && this.isOpen) button.scrollIntoView({ block: "nearest" });
    }
  }
}

/** @param {boolean} open */
function setExpanded(open) {
  buttonFor("contents").setAttribute("aria-expanded", String(open));
}
