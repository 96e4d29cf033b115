// Shows a picture that can be zoomed, turned and moved about.

import { element } from "./dom.js";
import { onPinch } from "./pinch.js";
import { SimpleView } from "./simple-view.js";

/** @import { Content } from "./content.js" */
/** @import { Point } from "./pinch.js" */

/**
 * @typedef {object} Size
 * @property {number} width in CSS pixels
 * @property {number} height in CSS pixels
 */

const STEP = 1.25;
const MIN_ZOOM = 0.05;
const MAX_ZOOM = 8;
const MARGIN = 16;

/** Shows one picture. */
export class ImageView extends SimpleView {
  #content;
  #image = document.createElement("img");
  #frame = element("div", "picture__frame", this.#image);
  /**
   * The zoom that the person chose; null shows the whole picture.
   *
   * @type {number | null}
   */
  #scale = null;
  #turns = 0;

  /**
   * @param {HTMLElement} container
   * @param {Content} content
   * @param {string} description for screen readers
   */
  constructor(container, content, description) {
    super(container);
    this.#content = content;
    this.#image.alt = description;
    this.#image.draggable = false;
    // its menu would save a copy
    container.addEventListener("contextmenu", (event) => event.preventDefault());
    container.replaceChildren(this.#frame);
    onPinch(container, (factor, at) => this.#zoomTo(this.#current() * factor, at));
    followDrags(container);
    new ResizeObserver(() => this.#layout()).observe(container);
  }

  /** Loads and draws; settles when the picture is on the screen. */
  async open() {
    await this.#content.loadWithRenewal(() => this.#load());
    this.container.hidden = false;
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

  #load() {
    this.#image.src = this.#content.url;
    return this.#image.decode();
  }

  /**
   * The picture's own size, as it is turned now.
   *
   * @returns {Size}
   */
  #turned() {
    const { naturalWidth: width, naturalHeight: height } = this.#image;
    return this.#turns % 2 === 1 ? { width: height, height: width } : { width, height };
  }

  /** @returns {Size} */
  #room() {
    const { clientWidth, clientHeight } = this.container;
    return { width: clientWidth - MARGIN, height: clientHeight - MARGIN };
  }

  #current() {
    const [picture, room] = [this.#turned(), this.#room()];
    return this.#scale ?? Math.min(1, room.width / picture.width, room.height / picture.height);
  }

  /**
   * Zooms, and keeps what is at a point of the window where it is; the middle where none is given.
   *
   * @param {number} scale
   * @param {Point | null} [at]
   */
  #zoomTo(scale, at = null) {
    const before = this.#current();
    this.#scale = Math.max(MIN_ZOOM, Math.min(MAX_ZOOM, scale));
    const box = this.container.getBoundingClientRect();
    const [x, y] = at ? [at[0] - box.left, at[1] - box.top] : [box.width / 2, box.height / 2];
    const grown = this.#scale / before;
    const left = (this.container.scrollLeft + x) * grown - x;
    const top = (this.container.scrollTop + y) * grown - y;
    this.#layout();
    this.container.scrollTo({ left, top, behavior: "instant" });
  }

  #layout() {
    const { naturalWidth: width, naturalHeight: height } = this.#image;
    if (width === 0 || this.container.hidden) return;
    const scale = this.#current();
    resize(this.#image, { width, height }, scale);
    resize(this.#frame, this.#turned(), scale);
    this.#frame.dataset.turns = String(this.#turns);
    this.tellScale(scale);
  }
}

/**
 * Scrolls as somebody drags with the mouse.
 *
 * @param {HTMLElement} container
 */
function followDrags(container) {
  /** @type {PointerEvent | null} */
  let last = null;
  const end = () => {
    last = null;
  };
  container.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    last = event;
    container.setPointerCapture(event.pointerId);
  });
  container.addEventListener("pointermove", (event) => {
    if (!last) return;
    const [left, top] = [last.clientX - event.clientX, last.clientY - event.clientY];
    container.scrollBy({ left, top, behavior: "instant" });
    last = event;
  });
  container.addEventListener("pointerup", end);
  container.addEventListener("pointercancel", end);
}

/**
 * @param {HTMLElement} target
 * @param {Size} size
 * @param {number} scale
 */
function resize(target, { width, height }, scale) {
  Object.assign(target.style, { width: `${width * scale}px`, height: `${height * scale}px` });
}
