// Faint words over the document, at every zoom: who looked, and when. Paper and photographs of screens get about.

const TILE_WIDTH = 420;
const TILE_HEIGHT = 260;
const SLANT = -Math.PI / 9;

/** Draw the words over the stage; nothing where there are none. */
export function drawWatermark(words) {
  const overlay = document.getElementById("watermark");
  if (!words) return;
  overlay.style.backgroundImage = `url(${tile(words, window.devicePixelRatio).toDataURL()})`;
  overlay.style.backgroundSize = `${TILE_WIDTH}px ${TILE_HEIGHT}px`;
  overlay.hidden = false;
}

/** Draw the words all over a canvas, as they would be on paper; `scale` is its pixels to a CSS pixel. */
export function stamp(canvas, words, scale) {
  const context = canvas.getContext("2d");
  context.fillStyle = context.createPattern(tile(words, scale), "repeat");
  context.fillRect(0, 0, canvas.width, canvas.height);
}

function tile(words, scale) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: TILE_WIDTH * scale, height: TILE_HEIGHT * scale });
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.translate(TILE_WIDTH / 2, TILE_HEIGHT / 2);
  context.rotate(SLANT);
  context.textAlign = "center";
  context.font = "500 15px system-ui, sans-serif";
  // dark on a light edge: it shows on white paper and on dark photographs
  context.strokeStyle = "rgb(255 255 255 / 22%)";
  context.lineWidth = 2;
  context.fillStyle = "rgb(60 60 60 / 20%)";
  for (const [line, text] of inLines(words).entries()) {
    context.strokeText(text, 0, line * 20, TILE_WIDTH - 20);
    context.fillText(text, 0, line * 20, TILE_WIDTH - 20);
  }
  return canvas;
}

/** One line, or two of about the same length. */
function inLines(words) {
  if (words.length <= 40) return [words];
  const middle = words.indexOf(" ", Math.floor(words.length / 2) - 4);
  return middle < 0 ? [words] : [words.slice(0, middle), words.slice(middle + 1)];
}
