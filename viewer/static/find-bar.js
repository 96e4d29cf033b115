// Find in the document: how many, which one, next and previous.

const PENDING = 3; // PDF.js's FindState
const NOT_FOUND = 1;
const PAGES_THAT_TELL_A_SCAN = 3;

const byId = (id) => document.getElementById(id);

/** Connects the find bar to a PdfView. */
export class FindBar {
  #view;
  #bar = byId("find-bar");
  #text = byId("find-text");
  #count = byId("find-count");

  constructor(view, signal) {
    this.#view = view;
    this.#text.addEventListener("input", () => this.#search(""), { signal });
    this.#bar.addEventListener("submit", (event) => {
      event.preventDefault();
      this.next();
    }, { signal });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.shiftKey) return;
      event.preventDefault();
      this.previous();
    }, { signal });
    view.bus.on("updatefindmatchescount", ({ matchesCount }) => this.#show(matchesCount));
    view.bus.on("updatefindcontrolstate", ({ state, matchesCount }) => this.#show(matchesCount, state));
  }

  get isOpen() {
    return !this.#bar.hidden;
  }

  /** Open, or go to its field where it is open. */
  open() {
    this.#bar.hidden = false;
    this.#setExpanded(true);
    this.#text.focus();
    this.#text.select();
    if (this.#text.value) this.#search("");
  }

  close() {
    this.#bar.hidden = true;
    this.#setExpanded(false);
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

  #show({ current, total }, state = null) {
    this.#count.classList.toggle("is-none", state === NOT_FOUND);
    if (!this.#text.value) this.#count.textContent = "";
    else if (total) this.#count.textContent = `${current} of ${total}`;
    else if (state === NOT_FOUND) this.#sayNone();
    else if (state === PENDING) this.#count.textContent = "Searching…";
  }

  async #sayNone() {
    this.#count.textContent = "No matches";
    if (await this.#looksLikeAScan()) this.#count.textContent = "No text: a scan";
  }

  async #looksLikeAScan() {
    const { pdf, pages } = this.#view;
    for (let number = 1; number <= Math.min(pages, PAGES_THAT_TELL_A_SCAN); number += 1) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      if (items.length) return false;
    }
    return true;
  }

  #setExpanded(open) {
    document.querySelector('[data-do="find"]').setAttribute("aria-expanded", open);
  }
}
