// Shows each kind of rendition: what is drawn, and what the toolbar and the keys do to it.

import { Contents } from "./contents.js";
import { byId, ignore, onDetail } from "./dom.js";
import { untilDrawn } from "./drawing-timeout.js";
import { FindBar } from "./find-bar.js";
import { ImageView } from "./image-view.js";
import { connectKeyboard } from "./keyboard.js";
import { ListingView } from "./listing-view.js";
import { MediaView } from "./media-view.js";
import { countOf } from "./parts.js";
import { PdfView } from "./pdf-view.js";
import { printPages, printWhatIsShown } from "./printing.js";
import { showProgress } from "./stage.js";
import { TableView } from "./table-view.js";
import { TextOnly } from "./text-only.js";
import { TextView } from "./text-view.js";
import { closeMore, connectToolbar, showPage } from "./toolbar.js";

/** @import { Content } from "./content.js" */
/** @import { PdfJs } from "./pdf-view.js" */
/** @import { Ready } from "./rendition.js" */
/** @import { Shell } from "./shell.js" */
/** @import { SimpleView } from "./simple-view.js" */

/**
 * What there is to show.
 *
 * @typedef {object} Opening
 * @property {Content} content
 * @property {Ready} ready
 * @property {Shell} shell
 * @property {Promise<PdfJs>} pdfjs
 * @property {AbortSignal} signal ends what the view listens to in the page
 */

/**
 * What is on the screen.
 *
 * @typedef {object} Shown
 * @property {PdfView | SimpleView} view
 * @property {string} summary a sentence for screen readers
 */

/**
 * How each kind of rendition is shown.
 *
 * @type {Record<Ready["show"], (opening: Opening) => Promise<Shown>>}
 */
export const VIEWS = {
  pdf: showPages,
  image: showPicture,
  text: showText,
  table: showTable,
  audio: showMedia,
  video: showMedia,
  listing: showListing,
};

/**
 * @param {Opening} opening
 * @returns {Promise<Shown>}
 */
async function showPages({ content, pdfjs, shell, signal }) {
  const view = new PdfView(byId("pages"), content, await pdfjs);
  const firstPage = isDrawn(view);
  const drawing = view.open().then(() => {
    connectPages(view, shell, signal);
    return firstPage;
  });
  try {
    await untilDrawn(drawing, content, () => showProgress("Your browser takes long to draw this document…"));
  } catch (error) {
    view.close();
    throw error;
  }
  return { view, summary: `The document is shown. It has ${view.pages} page${view.pages === 1 ? "" : "s"}.` };
}

/**
 * @param {PdfView} view
 * @param {Shell} shell
 * @param {AbortSignal} signal
 */
function connectPages(view, shell, signal) {
  const find = new FindBar(view, signal);
  const contents = new Contents(view);
  const text = new TextOnly(view, signal);
  const shown = () => (text.isOpen ? text : view);
  const more = {
    "zoom-in": () => shown().zoomIn(),
    "zoom-out": () => shown().zoomOut(),
    find: () => find.toggle(),
    // the text alone is ordinary text, in which the browser's own search finds
    "find-open": () => (text.isOpen ? false : find.open()),
    "find-next": () => find.next(),
    "find-previous": () => find.previous(),
    "find-close": () => find.close(),
    contents: () => text.isOpen || contents.toggle(),
    "text-only": () => {
      if (find.isOpen) find.close();
      if (contents.isOpen) contents.close();
      return text.toggle();
    },
    print: () => (text.isOpen ? text.print() : printPages(view, shell.watermark)),
  };
  const closeOpen = () => {
    if (closeMore()) return;
    if (find.isOpen) find.close();
    else if (contents.isOpen) contents.close();
    else if (text.isOpen) text.toggle();
  };
  connectKeyboard(connectToolbar(view, more, signal), closeOpen, signal);
  showPage(view);
}

/**
 * @param {Opening} opening
 * @returns {Promise<Shown>}
 */
async function showPicture({ content, shell, signal }) {
  const view = new ImageView(byId("picture"), content, `Picture: ${shell.source} document ${shell.number}`);
  connectSimple(view, signal);
  await view.open();
  return { view, summary: "The picture is shown." };
}

/**
 * @param {Opening} opening
 * @returns {Promise<Shown>}
 */
async function showText({ content, signal }) {
  const view = new TextView(byId("plain-text"), content);
  connectSimple(view, signal);
  await view.open();
  return { view, summary: "The text is shown." };
}

/**
 * @param {Opening} opening
 * @returns {Promise<Shown>}
 */
async function showTable({ content, signal }) {
  const view = new TableView(byId("table"), content);
  connectSimple(view, signal);
  await view.open();
  return { view, summary: `The table is shown. It has ${view.rows} rows.` };
}

/**
 * @param {Opening} opening
 * @returns {Promise<Shown>}
 */
async function showMedia({ content, ready, shell, signal }) {
  const view = new MediaView(byId("media"), content, ready.show === "audio" ? "audio" : "video", shell);
  connectSimple(view, signal);
  await view.open();
  return { view, summary: "The recording is ready to play." };
}

/**
 * @param {Opening} opening
 * @returns {Promise<Shown>}
 */
function showListing({ ready: { parts }, signal }) {
  const view = new ListingView(byId("listing"), parts);
  connectSimple(view, signal);
  return Promise.resolve({ view, summary: `The archive is shown. It holds ${countOf(parts, "file")}.` });
}

/**
 * @param {SimpleView} view
 * @param {AbortSignal} signal
 */
function connectSimple(view, signal) {
  connectKeyboard(connectToolbar(view, { print: printWhatIsShown }, signal), closeMore, signal);
}

/**
 * Settles when a first page is on the screen; fails when the document cannot be shown.
 *
 * @param {PdfView} view
 * @returns {Promise<void>}
 */
function isDrawn(view) {
  /** @type {Promise<void>} */
  const outcome = new Promise((resolve, reject) => {
    view.addEventListener("drawn", () => resolve(), { once: true });
    onDetail(view, "failed", reject, { once: true });
  });
  outcome.catch(ignore); // it may fail before anybody awaits it
  return outcome;
}
