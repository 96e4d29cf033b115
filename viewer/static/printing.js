// Prints where policy allows it. Browsers print only what is in the page, so PDF pages are drawn one by one as pictures.

import { byId, element } from "./dom.js";
import { announce } from "./stage.js";
import { stamp } from "./watermark.js";

/** @import { PDFPageProxy } from "pdfjs-dist" */
/** @import { PdfView } from "./pdf-view.js" */

const MAX_PAGES = 200;
const DOTS_PER_INCH = 150;
const POINTS_PER_INCH = 72;
const CSS_PIXELS_PER_INCH = 96;
const QUALITY = 0.9;

/** Prints what the page shows as it is: a picture, a table or text. */
export function printWhatIsShown() {
  const { classList } = document.documentElement;
  classList.add("is-printing");
  window.addEventListener("afterprint", () => classList.remove("is-printing"), { once: true });
  window.print();
}

/**
 * Prints every page of a PDF, up to MAX_PAGES, and says meanwhile how far it is.
 *
 * @param {PdfView} view
 * @param {string | undefined} watermark
 */
export async function printPages(view, watermark) {
  const dialog = byId("printing", HTMLDialogElement);
  if (dialog.open) return;
  dialog.showModal();
  const sheet = new CSSStyleSheet();
  const count = Math.min(view.pages, MAX_PAGES);
  for (let number = 1; number <= count && dialog.open; number += 1) {
    byId("printing-words").textContent = progress(number, count, view.pages);
    byId("paper").append(await onPaper(await view.pdf.getPage(number), sheet, watermark));
  }
  if (dialog.open) send(sheet);
  else clear(sheet);
  dialog.close();
}

/**
 * @param {number} number
 * @param {number} count
 * @param {number} pages
 */
function progress(number, count, pages) {
  const limit = pages > count ? ` Only the first ${count} of ${pages} pages can be printed here.` : "";
  return `Preparing page ${number} of ${count}…${limit}`;
}

/** @param {CSSStyleSheet} sheet */
function send(sheet) {
  byId("printing", HTMLDialogElement).close();
  document.adoptedStyleSheets.push(sheet);
  document.documentElement.classList.add("is-printing", "is-on-paper");
  window.addEventListener("afterprint", () => clear(sheet), { once: true });
  window.print();
  announce("The document was handed to the printer dialogue.");
}

/** @param {CSSStyleSheet} sheet */
function clear(sheet) {
  document.documentElement.classList.remove("is-printing", "is-on-paper");
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
  byId("paper").replaceChildren();
}

/**
 * Draws one page as a picture, on paper of its own size. The picture stays in memory: it has no address that outlives
 * the page.
 *
 * @param {PDFPageProxy} page
 * @param {CSSStyleSheet} sheet
 * @param {string | undefined} watermark
 */
async function onPaper(page, sheet, watermark) {
  const scale = DOTS_PER_INCH / POINTS_PER_INCH;
  const viewport = page.getViewport({ scale });
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: Math.floor(viewport.width), height: Math.floor(viewport.height) });
  await page.render({ canvas, viewport, intent: "print" }).promise;
  if (watermark) stamp(canvas, watermark, DOTS_PER_INCH / CSS_PIXELS_PER_INCH);
  const picture = document.createElement("img");
  picture.src = canvas.toDataURL("image/jpeg", QUALITY);
  picture.alt = "";
  await picture.decode();
  canvas.width = 0; // phones give the memory back at once
  const holder = element("div", "paper__page", picture);
  holder.style.setProperty("page", paperOf(viewport.width / scale, viewport.height / scale, sheet));
  return holder;
}

/**
 * Gives the name of a paper of this size in points, and adds it to the sheet where it is new.
 *
 * @param {number} width
 * @param {number} height
 * @param {CSSStyleSheet} sheet
 */
function paperOf(width, height, sheet) {
  const [wide, high] = [Math.round(width), Math.round(height)];
  const name = `paper-${wide}-${high}`;
  const isKnown = [...sheet.cssRules].some(
    (rule) => rule instanceof CSSPageRule && rule.selectorText === name,
  );
  if (!isKnown) sheet.insertRule(`@page ${name} { size: ${wide}pt ${high}pt; margin: 0; }`);
  return name;
}
