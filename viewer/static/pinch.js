// Zooms by two fingers on a touch screen, or by a pinch on a trackpad, which browsers report as Ctrl and the wheel.

const SMALLEST_STEP = 0.02;
const MAX_TURN = 50; // of the wheel in one event

/**
 * A point in the window: [clientX, clientY].
 *
 * @typedef {[number, number]} Point
 */

/**
 * Calls `zoom` while somebody pinches on the element.
 *
 * @param {HTMLElement} element
 * @param {(factor: number, at: Point) => void} zoom
 */
export function onPinch(element, zoom) {
  onFingers(element, zoom);
  onTrackpad(element, zoom);
}

/**
 * @param {HTMLElement} element
 * @param {(factor: number, at: Point) => void} zoom
 */
function onFingers(element, zoom) {
  /** @type {number | null} */
  let reached = null;
  const begin = (/** @type {TouchEvent} */ event) => {
    reached = pair(event)?.distance ?? null;
  };
  const move = (/** @type {TouchEvent} */ event) => {
    const fingers = pair(event);
    if (reached === null || !fingers) return;
    event.preventDefault();
    const factor = fingers.distance / reached;
    if (Math.abs(factor - 1) < SMALLEST_STEP) return;
    zoom(factor, fingers.middle);
    reached = fingers.distance;
  };
  const end = () => {
    reached = null;
  };
  element.addEventListener("touchstart", begin, { passive: true });
  element.addEventListener("touchmove", move, { passive: false });
  element.addEventListener("touchend", end, { passive: true });
  element.addEventListener("touchcancel", end, { passive: true });
}

/**
 * @param {HTMLElement} element
 * @param {(factor: number, at: Point) => void} zoom
 */
function onTrackpad(element, zoom) {
  let factor = 1;
  element.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      factor *= Math.exp(-Math.max(-MAX_TURN, Math.min(MAX_TURN, event.deltaY)) / 100);
      if (Math.abs(factor - 1) < SMALLEST_STEP) return;
      zoom(factor, [event.clientX, event.clientY]);
      factor = 1;
    },
    { passive: false },
  );
}

/**
 * Gives the distance and the middle of two fingers; null where it is another number of them.
 *
 * @param {TouchEvent} event
 */
function pair({ touches }) {
  const [one, other] = touches;
  if (!one || !other || touches.length !== 2) return null;
  /** @type {Point} */
  const middle = [(one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2];
  return { distance: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1, middle };
}
