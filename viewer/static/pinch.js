// Two fingers on a touch screen, or a pinch on a trackpad (which browsers report as Ctrl and the wheel).

const SMALLEST_STEP = 0.02;

/** Call `zoom(factor, [clientX, clientY])` while somebody pinches on the element. */
export function onPinch(element, zoom) {
  let reached = null;

  element.addEventListener("touchstart", (event) => {
    reached = event.touches.length === 2 ? distance(event.touches) : null;
  }, { passive: true });

  element.addEventListener("touchmove", (event) => {
    if (reached === null || event.touches.length !== 2) return;
    event.preventDefault();
    const now = distance(event.touches);
    if (Math.abs(now / reached - 1) < SMALLEST_STEP) return;
    zoom(now / reached, middle(event.touches));
    reached = now;
  }, { passive: false });

  for (const name of ["touchend", "touchcancel"]) {
    element.addEventListener(name, () => { reached = null; }, { passive: true });
  }

  let turned = 1;
  element.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    turned *= Math.exp(-Math.max(-50, Math.min(50, event.deltaY)) / 100);
    if (Math.abs(turned - 1) < SMALLEST_STEP) return;
    zoom(turned, [event.clientX, event.clientY]);
    turned = 1;
  }, { passive: false });
}

function distance([one, other]) {
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
}

function middle([one, other]) {
  return [(one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2];
}
