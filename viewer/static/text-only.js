// The document's text alone, page by page, as ordinary text: for screen readers, large letters and narrow screens.

import { wordsOf } from "./page-words.js";
import { printWhatIsShown } from "./printing.js";
import { announce } from "./stage.js";
import { TextSize } from "./text-size.js";
import { arrangeToolbar } from "./toolbar.js";

const AHEAD = "1500px";
const ALL_AT_ONCE_UP_TO = 60; // pages; beyond, a page is read when it is about to be seen

const byId = (id) => document.getElementById(id);

/** Shows the text of a PdfView over it; both stay on the same page. */
export class TextOnly {
  #view;
  #container = byId("words");
  #sheet = document.createElement("div");
  #size = new TextSize(this.#sheet);
  #filling = new Map();
  #page = 1;

  constructor(view, signal) {
    this.#view = view;
    this.#sheet.className = "words__sheet";
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

  /** Print the text of all pages. */
  async print() {
    announce("Preparing the text of all pages.");
    await Promise.all(this.#sections().map((section) => this.#fill(section)));
    printWhatIsShown();
  }

  async #open() {
    if (!this.#sheet.hasChildNodes()) this.#lay();
    this.#show(true);
    await this.#goTo(this.#view.page);
    this.#tellScale(this.#size.scale);
    this.#container.focus({ preventScroll: true, focusVisible: false });
    announce(`The text of the document is shown, from page ${this.#page}.`);
    if (this.#view.pages <= ALL_AT_ONCE_UP_TO) {
      for (const section of this.#sections()) await this.#fill(section);
    }
  }

  #close() {
    this.#show(false);
    this.#tellScale(this.#view.scale);
    this.#view.focus();
    announce("The document is shown as it looks.");
  }

  #show(open) {
    this.#container.hidden = !open;
    byId("pages").classList.toggle("is-behind", open);
    byId("pages").inert = open;
    document.querySelector('[data-do="words"]').setAttribute("aria-pressed", open);
    arrangeToolbar(open ? "words" : "pdf");
  }

  /** A section for each page; its words come when it comes near the screen. */
  #lay() {
    const near = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) this.#fill(target);
    }, { root: this.#container, rootMargin: AHEAD });
    for (let number = 1; number <= this.#view.pages; number += 1) {
      const section = document.createElement("section");
      const heading = document.createElement("h2");
      heading.textContent = `Page ${number}`;
      section.className = "words__page";
      section.dataset.number = number;
      section.append(heading);
      this.#sheet.append(section);
      near.observe(section);
    }
  }

  #sections() {
    return [...this.#sheet.children];
  }

  #fill(section) {
    const number = Number(section.dataset.number);
    if (!this.#filling.has(number)) this.#filling.set(number, this.#write(section, number));
    return this.#filling.get(number);
  }

  async #write(section, number) {
    const words = await wordsOf(await this.#view.pdf.getPage(number));
    const above = number < this.#page ? section.offsetHeight : null;
    section.append(words);
    section.classList.add("is-written");
    // what grows above must not push away what is being read
    if (above !== null) this.#container.scrollTop += section.offsetHeight - above;
  }

  async #goTo(number) {
    this.#page = number;
    const section = this.#sheet.children[number - 1];
    await this.#fill(section);
    this.#container.scrollTop = section.offsetTop;
  }

  #followScroll() {
    if (!this.isOpen) return;
    const top = this.#container.scrollTop + this.#container.clientHeight / 4;
    const seen = this.#sections().findLastIndex((section) => section.offsetTop <= top) + 1 || 1;
    if (seen === this.#page) return;
    this.#page = seen;
    this.#view.page = seen;
  }

  #followView() {
    if (this.isOpen && this.#view.page !== this.#page) this.#goTo(this.#view.page);
  }

  #resize(by) {
    this.#tellScale(this.#size.change(by));
    this.#container.scrollTop = this.#sheet.children[this.#page - 1].offsetTop;
  }

  #tellScale(scale) {
    this.#view.dispatchEvent(new CustomEvent("scale", { detail: scale }));
  }
}
