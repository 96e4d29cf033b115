// Prints, where policy allows it: PDF pages are drawn one by one as pictures, since browsers print only what is in the page.

import { announce } from "./stage.js";
import { stamp } from "./watermark.js";

const MOST_PAGES = 200;
const DOTS_PER_INCH = 150;
const POINTS_PER_INCH = 72;
const QUALITY = 0.9;

const byId = (id) => document.getElementById(id);

/** Print what the page shows as it is: a picture, or text. */
export function printWhatIsShown() {
  document.documentElement.classList.add("is-printing");
  window.addEventListener("afterprint", () => document.documentElement.classList.remove("is-printing"), { once: true });
  window.print();
}

/** Print every page of a PdfView, up to MOST_PAGES, saying how far it is meanwhile. */
export async function printPages(view, watermark) {
  const dialog = byId("printing");
  if (dialog.open) return;
  dialog.showModal();
  const sheet = new CSSStyleSheet();
  const count = Math.min(view.pages, MOST_PAGES);
  for (let number = 1; number <= count && dialog.open; number += 1) {
    byId("printing-words").textContent = words(number, count, view.pages);
    byId("paper").append(await onPaper(await view.pdf.getPage(number), sheet, watermark));
  }
  if (dialog.open) send(sheet);
  else clear(sheet);
  dialog.close();
}

function words(number, count, pages) {
  const limit = pages > count ? ` Only the first ${count} of ${pages} pages can be printed here.` : "";
  return `Preparing page ${number} of ${count}…${limit}`;
}

function send(sheet) {
  byId("printing").close();
  document.adoptedStyleSheets.push(sheet);
  document.documentElement.classList.add("is-printing", "is-on-paper");
  window.addEventListener("afterprint", () => clear(sheet), { once: true });
  window.print();
  announce("The document was handed to the printer dialogue.");
}

function clear(sheet) {
  document.documentElement.classList.remove("is-printing", "is-on-paper");
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
  byId("paper").replaceChildren();
}

/** One page as a picture, on paper of its own size. It stays in memory: no address that outlives the page. */
async function onPaper(page, sheet, watermark) {
  const scale = DOTS_PER_INCH / POINTS_PER_INCH;
  const viewport = page.getViewport({ scale });
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: Math.floor(viewport.width), height: Math.floor(viewport.height) });
  await page.render({ canvas, viewport, intent: "print" }).promise;
  if (watermark) stamp(canvas, watermark, DOTS_PER_INCH / 96);
  const picture = document.createElement("img");
  picture.src = canvas.toDataURL("image/jpeg", QUALITY);
  picture.alt = "";
  await picture.decode();
  canvas.width = 0; // phones give the memory back at once
  const holder = document.createElement("div");
  holder.className = "paper__page";
  holder.style.page = sizeOf(viewport.width / scale, viewport.height / scale, sheet);
  holder.append(picture);
  return holder;
}

/** The name of a paper of this size in points; sizes that occur first are added to the sheet. */
function sizeOf(width, height, sheet) {
  const [wide, high] = [Math.round(width), Math.round(height)];
  const name = `paper-${wide}-${high}`;
  const known = [...sheet.cssRules].some(({ selectorText }) => selectorText === name);
  if (!known) sheet.insertRule(`@page ${name} { size: ${wide}pt ${high}pt; margin: 0; }`);
  return name;
}
