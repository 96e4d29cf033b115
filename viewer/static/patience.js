// Drawing that never ends: said after seconds, given up after half a minute.

import { Problem } from "./rendition.js";

const STEP_MS = 500;
const LONG_MS = 8000;
const STUCK_MS = 30_000; // of drawing alone
const LOST_MS = 180_000; // of waiting for one piece of the bytes

/**
 * Settles as `drawing` does, or fails where that does not come to an end. `onLong` is called once, where it takes long.
 * Time in which nobody looks does not count: browsers draw nothing in a hidden tab.
 */
export async function untilDrawn(drawing, content, onLong) {
  let timer;
  const end = new Promise((_resolve, reject) => { timer = setInterval(watch(content, onLong, reject), STEP_MS); });
  try {
    return await Promise.race([drawing, end]);
  } finally {
    clearInterval(timer);
  }
}

function watch(content, onLong, giveUp) {
  let drawing = 0;
  let waiting = 0;
  return () => {
    if (document.hidden) return;
    if (content.isAwaited) [drawing, waiting] = [0, waiting + STEP_MS];
    else [drawing, waiting] = [drawing + STEP_MS, 0];
    if (drawing === LONG_MS) onLong();
    if (drawing >= STUCK_MS) giveUp(new Error("the drawing does not end"));
    if (waiting >= LOST_MS) giveUp(new Problem({ code: "offline", retryAfter: 3 }));
  };
}
