// The panel beside the document: its own headings where it has an outline, else its pages in small.

const byId = (id) => document.getElementById(id);
const THUMBNAIL_WIDTH = 120;
const DEEPEST = 4;

/** Connects the contents panel to a PdfView. */
export class Contents {
  #view;
  #panel = byId("contents");
  #filled = null;

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
    this.#setExpanded(true);
    this.#filled ??= this.#fill();
    await this.#filled;
    this.#markPage();
    (this.#panel.querySelector('[aria-current="true"]') ?? this.#panel.querySelector("button"))?.focus();
  }

  close() {
    this.#panel.hidden = true;
    this.#setExpanded(false);
    this.#view.focus();
  }

  async #fill() {
    const outline = await this.#view.pdf.getOutline();
    if (outline?.length) this.#panel.replaceChildren(this.#headings(outline, 1));
    else this.#panel.replaceChildren(this.#thumbnails());
  }

  #headings(items, depth) {
    const list = document.createElement("ul");
    for (const item of items) {
      const entry = document.createElement("li");
      entry.append(this.#button(item.title, () => this.#view.goTo(item.dest)));
      if (item.items.length && depth < DEEPEST) entry.append(this.#headings(item.items, depth + 1));
      list.append(entry);
    }
    return list;
  }

  #thumbnails() {
    const list = document.createElement("ol");
    list.className = "contents__pages";
    const painter = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        painter.unobserve(target);
        this.#paint(target);
      }
    }, { root: this.#panel, rootMargin: "200px" });
    for (let number = 1; number <= this.#view.pages; number += 1) {
      const entry = document.createElement("li");
      const button = this.#button(`Page ${number}`, () => { this.#view.page = number; });
      button.dataset.page = number;
      button.prepend(document.createElement("canvas"));
      entry.append(button);
      list.append(entry);
      painter.observe(button);
    }
    return list;
  }

  async #paint(button) {
    const page = await this.#view.pdf.getPage(Number(button.dataset.page));
    const { width } = page.getViewport({ scale: 1 });
    const viewport = page.getViewport({ scale: (THUMBNAIL_WIDTH * window.devicePixelRatio) / width });
    const canvas = button.querySelector("canvas");
    Object.assign(canvas, { width: Math.floor(viewport.width), height: Math.floor(viewport.height) });
    await page.render({ canvas, viewport }).promise;
  }

  #button(text, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "contents__entry";
    const label = document.createElement("span");
    label.textContent = text;
    button.append(label);
    button.addEventListener("click", () => {
      act();
      // on a phone the panel covers the document
      if (window.matchMedia("(max-width: 40em)").matches) this.close();
    });
    return button;
  }

  #markPage() {
    for (const button of this.#panel.querySelectorAll("[data-page]")) {
      const current = Number(button.dataset.page) === this.#view.page;
      button.setAttribute("aria-current", current);
      if (current && this.isOpen) button.scrollIntoView({ block: "nearest" });
    }
  }

  #setExpanded(open) {
    document.querySelector('[data-do="contents"]').setAttribute("aria-expanded", open);
  }
}
