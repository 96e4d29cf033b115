// Sets the size of letters where the document is text, in steps from the size that the person's browser has.

import { rememberedTextSize, rememberTextSize } from "./session-state.js";

const STEPS = [0.75, 0.875, 1, 1.125, 1.25, 1.5, 1.75, 2, 2.5, 3];

/** Sets the size of the letters in an element. */
export class TextSize {
  #element;
  #step;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
    const remembered = STEPS.indexOf(Number(rememberedTextSize()));
    this.#step = remembered < 0 ? STEPS.indexOf(1) : remembered;
    this.#apply();
  }

  /** The size as a factor. */
  get scale() {
    return STEPS[this.#step] ?? 1;
  }

  /**
   * Makes the letters one step larger, or smaller with -1; gives the factor.
   *
   * @param {1 | -1} by
   */
  change(by) {
    this.#step = Math.max(0, Math.min(STEPS.length - 1, this.#step + by));
    this.#apply();
    rememberTextSize(this.scale);
    return this.scale;
  }

  #apply() {
    this.#element.style.fontSize = `${this.scale}em`;
  }
}
