// Shows the document's text alone, page by page, for screen readers, large letters and narrow screens.

import { byId, element, focusQuietly } from "./dom.js";
import { textOf } from "./page-text.js";
import { printWhatIsShown } from "./printing.js";
import { announce } from "./stage.js";
import { TextSize } from "./text-size.js";
import { arrangeToolbar, buttonFor } from "./toolbar.js";

/** @import { PdfView } from "./pdf-view.js" */

const AHEAD = "1500px";
const MAX_PAGES_AT_ONCE = 60; // pages; beyond, a page is read when it is about to be seen

/** Shows the text of a PdfView over it; both stay on the same page. */
export class TextOnly {
  #view;
  #container = byId("text-only");
  #sheet = element("div", "text-only__sheet");
  #size = new TextSize(this.#sheet);
  /** @type {HTMLElement[]} */
  #sections = [];
  /** @type {Map<number, Promise<void>>} */
  #filling = new Map();
  #page = 1;

  /**
   * @param {PdfView} view
   * @param {AbortSignal} signal
   */
  constructor(view, signal) {
    this.#view = view;
    this.#container.replaceChildren(this.#sheet);
    this.#container.addEventListener("scroll", () => this.#followScroll(), { passive: true, signal });
    view.addEventListener("page", () => this.#followView(), { signal });
  }

  get isOpen() {
    return !this.#container.hidden;
  }

  async toggle() {
    if (this.isOpen) this.#close();
    else await this.#open();
  }

  zoomIn() {
    this.#resize(1);
  }

  zoomOut() {
    this.#resize(-1);
  }

  /** Prints the text of all pages. */
  async print() {
    announce("Preparing the text of all pages.");
    await Promise.all(this.#sections.map((_, index) => this.#fill(index + 1)));
    printWhatIsShown();
  }

  async #open() {
    if (this.#sections.length === 0) this.#addSections();
    this.#show(true);
    await this.#goTo(this.#view.page);
    this.#tellScale(this.#size.scale);
    focusQuietly(this.#container);
    announce(`The text of the document is shown, from page ${this.#page}.`);
    if (this.#view.pages <= MAX_PAGES_AT_ONCE) {
      for (let number = 1; number <= this.#view.pages; number += 1) await this.#fill(number);
    }
  }

  #close() {
    this.#show(false);
    this.#tellScale(this.#view.scale);
    this.#view.focus();
    announce("The document is shown as it looks.");
  }

  /** @param {boolean} open */
  #show(open) {
    this.#container.hidden = !open;
    byId("pages").classList.toggle("is-behind", open);
    byId("pages").inert = open;
    buttonFor("text-only").setAttribute("aria-pressed", String(open));
    arrangeToolbar(open ? "text-only" : "pdf");
  }

  /** Adds a section for each page; its text is read when it comes near the screen. */
  #addSections() {
    const near = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (isIntersecting && target instanceof HTMLElement) this.#fill(this.#sections.indexOf(target) + 1);
        }
      },
      { root: this.#container, rootMargin: AHEAD },
    );
    for (let number = 1; number <= this.#view.pages; number += 1) {
      const section = element("section", "text-only__page", element("h2", "", `Page ${number}`));
      this.#sections.push(section);
      this.#sheet.append(section);
      near.observe(section);
    }
  }

  /**
   * Reads the text of a page into its section, once.
   *
   * @param {number} number
   */
  #fill(number) {
    const filling = this.#filling.get(number) ?? this.#write(number);
    this.#filling.set(number, filling);
    return filling;
  }

  /** @param {number} number */
  async #write(number) {
    const text = await textOf(await this.#view.pdf.getPage(number));
    const section = this.#sections[number - 1];
    if (!section) return;
    const before = number < this.#page ? section.offsetHeight : null;
    section.append(text);
    section.classList.add("is-written");
    // a page above that grows must not push away what is being read
    if (before !== null) this.#container.scrollTop += section.offsetHeight - before;
  }

  /** @param {number} number */
  async #goTo(number) {
    this.#page = number;
    await this.#fill(number);
    this.#scrollToPage();
  }

  #scrollToPage() {
    this.#container.scrollTop = this.#sections[this.#page - 1]?.offsetTop ?? 0;
  }

  #followScroll() {
    if (!this.isOpen) return;
    const top = this.#container.scrollTop + this.#container.clientHeight / 4;
    const seen = this.#sections.findLastIndex((section) => section.offsetTop <= top) + 1 || 1;
    if (seen === this.#page) return;
    this.#page = seen;
    this.#view.page = seen;
  }

  #followView() {
    if (this.isOpen && this.#view.page !== this.#page) this.#goTo(this.#view.page);
  }

  /** @param {1 | -1} by */
  #resize(by) {
    this.#tellScale(this.#size.change(by));
    this.#scrollToPage();
  }

  /** @param {number} scale */
  #tellScale(scale) {
    this.#view.dispatchEvent(new CustomEvent("scale", { detail: scale }));
  }
}
