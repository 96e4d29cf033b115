// A picture that can be zoomed, turned and moved about.

import { onPinch } from "./pinch.js";

const STEP = 1.25;
const LEAST = 0.05;
const MOST = 8;
const MARGINS = 16;

/** Shows one picture in `container`; the toolbar talks to it as to a PdfView. Events: "scale". */
export class ImageView extends EventTarget {
  pages = 1;
  page = 1;
  #container;
  #content;
  #frame = document.createElement("div");
  #image = document.createElement("img");
  #scale = null; // null: all of it is seen
  #turns = 0;

  constructor(container, content, description) {
    super();
    this.#container = container;
    this.#content = content;
    this.#image.alt = description;
    this.#image.draggable = false;
    // its menu would save a copy
    container.addEventListener("contextmenu", (event) => event.preventDefault());
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
    this.#zoomTo(this.#room().width / this.#turned().width);
  }

  rotate() {
    this.#turns = (this.#turns + 1) % 4;
    this.#layout();
  }

  focus() {
    this.#container.focus({ preventScroll: true, focusVisible: false });
  }

  async #load() {
    this.#image.src = this.#content.url;
    await this.#image.decode();
  }

  #turned() {
    const { naturalWidth, naturalHeight } = this.#image;
    return this.#turns % 2 ? { width: naturalHeight, height: naturalWidth } : { width: naturalWidth, height: naturalHeight };
  }

  #room() {
    const { clientWidth, clientHeight } = this.#container;
    return { width: clientWidth - MARGINS, height: clientHeight - MARGINS };
  }

  #fitted() {
    const [picture, room] = [this.#turned(), this.#room()];
    return Math.min(1, room.width / picture.width, room.height / picture.height);
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
    resize(this.#image, { width: naturalWidth * scale, height: naturalHeight * scale });
    resize(this.#frame, { width: this.#turned().width * scale, height: this.#turned().height * scale });
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

function resize(element, { width, height }) {
  Object.assign(element.style, { width: `${width}px`, height: `${height}px` });
}
