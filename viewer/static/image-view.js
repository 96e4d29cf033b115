// A picture that can be zoomed, turned and moved about.

import { onPinch } from "./pinch.js";

const STEP = 1.25;
const LEAST = 0.05;
const MOST = 8;

/** Shows one picture in `container`; the toolbar talks to it as to a PdfView. Events: "scale". */
export class ImageView extends EventTarget {
  pages = 1;
  page = 1;
  #container;
  #content;
  #frame = document.createElement("div");
  #image = document.createElement("img");
  #scale = null; // null: fitted to the width
  #turns = 0;

  constructor(container, content, description) {
    super();
    this.#container = container;
    this.#content = content;
    this.#image.alt = description;
    this.#image.draggable = false;
    this.#frame.className = "picture__frame";
    this.#frame.append(this.#image);
    container.replaceChildren(this.#frame);
    onPinch(container, (factor, at) => this.#zoomTo(this.#current() * factor, at));
    this.#followDrags();
    new ResizeObserver(() => this.#layout()).observe(container);
  }

  /** Load and draw; settles when the picture is on the screen. */
  async open() {
    try {
      await this.#load();
    } catch {
      await this.#content.renew(); // the link may have expired between the answer and now
      await this.#load();
    }
    this.#container.hidden = false;
    this.#layout();
  }

  zoomIn() {
    this.#zoomTo(this.#current() * STEP);
  }

  zoomOut() {
    this.#zoomTo(this.#current() / STEP);
  }

  fitWidth() {
    this.#scale = null;
    this.#layout();
  }

  rotate() {
    this.#turns = (this.#turns + 1) % 4;
    this.#layout();
  }

  focus() {
    this.#container.focus({ preventScroll: true });
  }

  async #load() {
    this.#image.src = this.#content.url;
    await this.#image.decode();
  }

  #lying() {
    return this.#turns % 2 === 1;
  }

  #fitted() {
    const { naturalWidth, naturalHeight } = this.#image;
    return Math.min(1, (this.#container.clientWidth - 16) / (this.#lying() ? naturalHeight : naturalWidth));
  }

  #current() {
    return this.#scale ?? this.#fitted();
  }

  #zoomTo(scale, at = null) {
    const before = this.#current();
    this.#scale = Math.max(LEAST, Math.min(MOST, scale));
    const box = this.#container.getBoundingClientRect();
    const [x, y] = at ? [at[0] - box.left, at[1] - box.top] : [box.width / 2, box.height / 2];
    const grown = this.#scale / before;
    const left = (this.#container.scrollLeft + x) * grown - x;
    const top = (this.#container.scrollTop + y) * grown - y;
    this.#layout();
    this.#container.scrollTo({ left, top, behavior: "instant" });
  }

  #layout() {
    const { naturalWidth, naturalHeight } = this.#image;
    if (!naturalWidth || this.#container.hidden) return;
    const scale = this.#current();
    const [width, height] = [naturalWidth * scale, naturalHeight * scale];
    Object.assign(this.#image.style, { width: `${width}px`, height: `${height}px` });
    Object.assign(this.#frame.style, {
      width: `${this.#lying() ? height : width}px`,
      height: `${this.#lying() ? width : height}px`,
    });
    this.#frame.dataset.turns = this.#turns;
    this.dispatchEvent(new CustomEvent("scale", { detail: scale }));
  }

  #followDrags() {
    let last = null;
    this.#container.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && event.button === 0) {
        last = event;
        this.#container.setPointerCapture(event.pointerId);
      }
    });
    this.#container.addEventListener("pointermove", (event) => {
      if (!last) return;
      this.#container.scrollBy({ left: last.clientX - event.clientX, top: last.clientY - event.clientY, behavior: "instant" });
      last = event;
    });
    for (const name of ["pointerup", "pointercancel"]) {
      this.#container.addEventListener(name, () => { last = null; });
    }
  }
}
