// Limits the time that the browser may take to draw a document: the page says so after seconds, and gives up later.

import { Problem } from "./rendition.js";

/** @import { Content } from "./content.js" */

const STEP_MS = 500;
const LONG_MS = 8000;
const MAX_DRAWING_MS = 30_000; // without a pause to wait for bytes
const MAX_WAITING_MS = 180_000; // for one piece of the bytes

/**
 * Settles as `drawing` does, or fails where that takes too long. Time in which the tab is hidden does not count:
 * browsers draw nothing in a hidden tab.
 *
 * @template T
 * @param {Promise<T>} drawing
 * @param {Content} content
 * @param {() => void} onLong called once, where it takes long
 * @returns {Promise<T>}
 */
export async function untilDrawn(drawing, content, onLong) {
  let timer = 0;
  /** @type {Promise<never>} */
  const end = new Promise((_resolve, reject) => {
    timer = window.setInterval(watch(content, onLong, reject), STEP_MS);
  });
  try {
    return await Promise.race([drawing, end]);
  } finally {
    clearInterval(timer);
  }
}

/**
 * @param {Content} content
 * @param {() => void} onLong
 * @param {(error: Error) => void} giveUp
 */
function watch(content, onLong, giveUp) {
  let drawing = 0;
  let waiting = 0;
  return () => {
    if (document.hidden) return;
    if (content.isAwaited) [drawing, waiting] = [0, waiting + STEP_MS];
    else [drawing, waiting] = [drawing + STEP_MS, 0];
    if (drawing === LONG_MS) onLong();
    if (drawing >= MAX_DRAWING_MS) giveUp(new Error("the drawing does not end"));
    if (waiting >= MAX_WAITING_MS) giveUp(new Problem({ code: "offline", retryAfter: 3 }));
  };
}
