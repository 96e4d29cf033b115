// How each kind of rendition is shown: what is drawn, and what the toolbar and the keys do to it.

import { Contents } from "./contents.js";
import { FindBar } from "./find-bar.js";
import { ImageView } from "./image-view.js";
import { connectKeyboard } from "./keyboard.js";
import { ListingView } from "./listing-view.js";
import { MediaView } from "./media-view.js";
import { untilDrawn } from "./patience.js";
import { PdfView } from "./pdf-view.js";
import { countOf } from "./parts.js";
import { printPages, printWhatIsShown } from "./printing.js";
import { showProgress } from "./stage.js";
import { TableView } from "./table-view.js";
import { TextOnly } from "./text-only.js";
import { TextView } from "./text-view.js";
import { closeMore, connectToolbar, showPage } from "./toolbar.js";

const byId = (id) => document.getElementById(id);

/** By what a rendition is to be shown as; each gives {view, words}: the words tell what is on the screen now. */
export const VIEWS = {
  pdf: showPages, image: showPicture, text: showText, table: showTable, audio: showMedia, video: showMedia, listing: showListing,
};

async function showPages({ content, pdfjs, shell, signal }) {
  const view = new PdfView(byId("pages"), content, await pdfjs);
  const drawn = firstOf(view, "drawn", "failed");
  const drawing = view.open().then(() => {
    connectPages(view, shell, signal);
    return drawn;
  });
  try {
    await untilDrawn(drawing, content, () => showProgress("Your browser takes long to draw this document…"));
  } catch (error) {
    view.close();
    throw error;
  }
  return { view, words: `The document is shown. It has ${view.pages} page${view.pages === 1 ? "" : "s"}.` };
}

function connectPages(view, shell, signal) {
  const find = new FindBar(view, signal);
  const contents = new Contents(view);
  const text = new TextOnly(view, signal);
  const shown = () => (text.isOpen ? text : view);
  const actions = connectToolbar(view, {
    "zoom-in": () => shown().zoomIn(),
    "zoom-out": () => shown().zoomOut(),
    find: () => find.toggle(),
    // the text alone is ordinary text: the browser's own find finds in it
    "find-open": () => (text.isOpen ? false : find.open()),
    "find-next": () => find.next(),
    "find-previous": () => find.previous(),
    "find-close": () => find.close(),
    contents: () => text.isOpen || contents.toggle(),
    words: () => {
      if (find.isOpen) find.close();
      if (contents.isOpen) contents.close();
      return text.toggle();
    },
    print: () => (text.isOpen ? text.print() : printPages(view, shell.watermark)),
  }, signal);
  connectKeyboard(actions, () => {
    if (closeMore()) return;
    if (find.isOpen) find.close();
    else if (contents.isOpen) contents.close();
    else if (text.isOpen) text.toggle();
  }, signal);
  showPage(view);
}

async function showPicture({ content, shell, signal }) {
  const view = new ImageView(byId("picture"), content, `Picture: ${shell.source} document ${shell.number}`);
  connectSimple(view, signal);
  await view.open();
  return { view, words: "The picture is shown." };
}

async function showText({ content, signal }) {
  const view = new TextView(byId("plain-text"), content);
  connectSimple(view, signal);
  await view.open();
  return { view, words: "The text is shown." };
}

async function showListing({ parts, signal }) {
  const view = new ListingView(byId("listing"), parts);
  connectSimple(view, signal);
  return { view, words: `The archive is shown. It holds ${countOf(parts, "file")}.` };
}

async function showTable({ content, signal }) {
  const view = new TableView(byId("table"), content);
  connectSimple(view, signal);
  await view.open();
  return { view, words: `The table is shown. It has ${view.rows} rows.` };
}

async function showMedia({ content, shell, signal, show }) {
  const view = new MediaView(byId("media"), content, show, shell);
  connectSimple(view, signal);
  await view.open();
  return { view, words: "The recording is ready to play." };
}

function connectSimple(view, signal) {
  connectKeyboard(connectToolbar(view, { print: printWhatIsShown }, signal), closeMore, signal);
}

/** Settles with one event, or fails with the other, whichever comes first. */
function firstOf(view, good, bad) {
  const outcome = new Promise((resolve, reject) => {
    view.addEventListener(good, resolve, { once: true });
    view.addEventListener(bad, ({ detail }) => reject(detail), { once: true });
  });
  outcome.catch(() => {}); // who waits for it sees the failure
  return outcome;
}
