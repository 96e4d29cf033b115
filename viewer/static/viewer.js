// The document page: asks for the document, shows it, and says what is going on meanwhile.

import { Content } from "./content.js";
import { Contents } from "./contents.js";
import { FindBar } from "./find-bar.js";
import { ImageView } from "./image-view.js";
import { connectKeyboard } from "./keyboard.js";
import { PdfView, loadPdfJs } from "./pdf-view.js";
import { Problem, askForRendition } from "./rendition.js";
import { announce, showBanner, showDocument, showProblem, showProgress } from "./stage.js";
import { closeMore, connectToolbar, showPage } from "./toolbar.js";

const byId = (id) => document.getElementById(id);
const shell = byId("main").dataset;
// most documents are PDFs by now: get PDF.js ready while the document is being prepared
const pdfjs = loadPdfJs(shell);
pdfjs.catch(() => {}); // who needs it will see the failure

async function show() {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await open();
      return;
    } catch (error) {
      // replaced while it was being opened: the newest version is what people want
      if (error.code === "changed") continue;
      await showProblem(error instanceof Problem ? error : undrawable(error), attempt);
    }
  }
}

async function open() {
  showProgress(`Fetching the document from ${shell.source}…`);
  const asked = new Date();
  const ready = await askForRendition(shell.rendition, showProgress);
  showProgress("Almost there…");
  showFacts(ready, asked);
  const content = new Content(shell.rendition, ready);
  if (ready.show === "image") await showPicture(content);
  else await showPages(content);
}

async function showPicture(content) {
  const view = new ImageView(byId("picture"), content, `Picture: ${shell.source} document ${shell.number}`);
  document.documentElement.classList.add("is-picture");
  connectKeyboard(connectToolbar(view, {}), closeMore);
  await view.open();
  finish(view, "The picture is shown.");
}

async function showPages(content) {
  const view = new PdfView(byId("pages"), content, await pdfjs);
  const drawn = firstOf(view, "drawn", "failed");
  await view.open();
  connectPages(view);
  await drawn;
  finish(view, `The document is shown. It has ${view.pages} page${view.pages === 1 ? "" : "s"}.`);
  view.addEventListener("failed", ({ detail }) => explainFailure(detail));
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

function connectPages(view) {
  const find = new FindBar(view);
  const contents = new Contents(view);
  const actions = connectToolbar(view, {
    find: () => find.toggle(),
    "find-open": () => find.open(),
    "find-next": () => find.next(),
    "find-previous": () => find.previous(),
    "find-close": () => find.close(),
    contents: () => contents.toggle(),
  });
  connectKeyboard(actions, () => {
    if (closeMore()) return;
    if (find.isOpen) find.close();
    else if (contents.isOpen) contents.close();
  });
  showPage(view);
}

function finish(view, words) {
  showDocument();
  announce(words);
  if (document.activeElement === document.body) view.focus();
  // where the screen is low, the header scrolls away to leave it to the document
  if (window.matchMedia("(max-height: 30em)").matches) byId("toolbar").scrollIntoView();
}

function explainFailure(problem) {
  const reload = () => location.reload();
  if (problem.code === "changed") showBanner("A newer version of this document was saved.", "Show it", reload);
  else if (problem.status === 401) showBanner("You have been signed out.", "Sign in again", reload);
  else showBanner("The rest of the document could not be fetched.", "Try again", reload);
}

// a document that was being converted comes without the time: it was fetched when it was first asked for
function showFacts({ fetched_at: fetchedAt, changed, label = "" }, asked) {
  const time = (fetchedAt ? new Date(fetchedAt) : asked).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  byId("kind").textContent = label;
  byId("freshness").replaceChildren("Fetched ", longWords(`from ${shell.source} at `), time);
  if (typeof changed === "boolean") byId("freshness").append(changeTag(changed));
}

/** Words that small screens leave out. */
function longWords(text) {
  const span = document.createElement("span");
  span.className = "freshness__long";
  span.textContent = text;
  return span;
}

function changeTag(changed) {
  const tag = document.createElement("strong");
  tag.className = changed ? "change-tag is-new" : "change-tag";
  tag.textContent = changed ? "New version" : "Unchanged";
  tag.title = changed
    ? "The document is another version than when you last opened it"
    : "The document is the same as when you last opened it";
  return tag;
}

function undrawable(error) {
  console.warn(error.name); // the name only: a message may hold words of the document
  return new Problem({ code: "undrawable" });
}

show();
