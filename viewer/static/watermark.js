// Lays faint words over the document, at every zoom: who looked, and when. Paper and photographs of screens get about.

import { byId } from "./dom.js";

const TILE_WIDTH = 420;
const TILE_HEIGHT = 260;
const SLANT = -Math.PI / 9;
const MAX_LINE = 40; // characters

/**
 * Lays the words over the stage; nothing where there are none.
 *
 * @param {string | undefined} words
 */
export function drawWatermark(words) {
  if (!words) return;
  const overlay = byId("watermark");
  overlay.style.backgroundImage = `url(${tile(words, window.devicePixelRatio).toDataURL()})`;
  overlay.style.backgroundSize = `${TILE_WIDTH}px ${TILE_HEIGHT}px`;
  overlay.hidden = false;
}

/**
 * Draws the words all over a canvas, for paper.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {string} words
 * @param {number} scale the canvas's pixels to a CSS pixel
 */
export function stamp(canvas, words, scale) {
  const context = contextOf(canvas);
  const pattern = context.createPattern(tile(words, scale), "repeat");
  if (!pattern) throw new Error("the browser gives no pattern: paper without the watermark is not printed");
  context.fillStyle = pattern;
  context.fillRect(0, 0, canvas.width, canvas.height);
}

/**
 * @param {string} words
 * @param {number} scale
 */
function tile(words, scale) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: TILE_WIDTH * scale, height: TILE_HEIGHT * scale });
  const context = contextOf(canvas);
  context.scale(scale, scale);
  context.translate(TILE_WIDTH / 2, TILE_HEIGHT / 2);
  context.rotate(SLANT);
  context.textAlign = "center";
  context.font = "500 15px system-ui, sans-serif";
  // dark letters with a light edge can be read on white paper and on dark photographs
  context.strokeStyle = "rgb(255 255 255 / 22%)";
  context.lineWidth = 2;
  context.fillStyle = "rgb(60 60 60 / 20%)";
  for (const [line, text] of inLines(words).entries()) {
    context.strokeText(text, 0, line * 20, TILE_WIDTH - 20);
    context.fillText(text, 0, line * 20, TILE_WIDTH - 20);
  }
  return canvas;
}

/** @param {HTMLCanvasElement} canvas */
function contextOf(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("the browser has no canvas to draw on");
  return context;
}

/**
 * Gives one line, or two of about the same length.
 *
 * @param {string} words
 */
function inLines(words) {
  if (words.length <= MAX_LINE) return [words];
  const middle = words.indexOf(" ", Math.floor(words.length / 2) - 4);
  return middle < 0 ? [words] : [words.slice(0, middle), words.slice(middle + 1)];
}
