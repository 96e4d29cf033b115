// The document page: asks for the document, shows it, and says what is going on meanwhile.

import { Content } from "./content.js";
import { connectDownload } from "./download.js";
import { showFacts, showNotes } from "./facts.js";
import { coverWhenIdle } from "./idle.js";
import { showAttachments } from "./parts.js";
import { loadPdfJs } from "./pdf-view.js";
import { Problem, askForRendition, get } from "./rendition.js";
import { announce, showBanner, showDocument, showProblem, showProgress } from "./stage.js";
import { arrangeToolbar } from "./toolbar.js";
import { VIEWS } from "./views.js";
import { drawWatermark } from "./watermark.js";

const ALMOST_AFTER_MS = 8000;

const byId = (id) => document.getElementById(id);
const shell = byId("main").dataset;
// most documents are PDFs by now: get PDF.js ready while the document is being prepared
const pdfjs = loadPdfJs(shell);
pdfjs.catch(() => {}); // who needs it will see the failure

async function show() {
  for (let attempt = 0; ; attempt += 1) {
    const attached = new AbortController(); // what a failed attempt listens to is let go
    try {
      await open(attached.signal);
      return;
    } catch (error) {
      attached.abort();
      // replaced while it was being opened: the newest version is what people want
      if (error.code === "changed") continue;
      await showProblem(error instanceof Problem ? error : undrawable(error), attempt);
    }
  }
}

async function open(signal) {
  showProgress(`Fetching the document from ${shell.source}…`);
  const asked = new Date();
  const ready = await askForRendition(shell.rendition, patiently(showProgress));
  showProgress("Almost there…");
  showFacts(ready, asked, shell);
  const content = new Content(shell.rendition, ready);
  arrangeToolbar(ready.show);
  const { view, words } = await drawn(VIEWS[ready.show]({ content, pdfjs, shell, signal, ...ready }), content);
  connectDownload(content, explainFailure, signal);
  const attached = showAttachments(ready.show === "listing" ? [] : ready.parts ?? []);
  const notes = showNotes([...(ready.notes ?? []), ...(view.notes ?? [])]);
  finish(view, [words, attached, notes].filter(Boolean).join(" "));
  view.addEventListener?.("failed", ({ detail }) => explainFailure(detail), { signal });
}

/** What `drawing` gives; where the browser cannot draw, the record is told: it says already that the person saw it. */
async function drawn(drawing, content) {
  try {
    return await drawing;
  } catch (error) {
    if (!(error instanceof Problem)) get(content.notDrawnUrl, { method: "POST", keepalive: true }).catch(() => {});
    throw error;
  }
}

/** Passes the service's words on, and after a while of the same ones says that it cannot be long now. */
function patiently(say) {
  let words = null;
  let since = 0;
  return (message) => {
    if (message !== words) [words, since] = [message, Date.now()];
    const long = words.startsWith("Converting the document") && Date.now() - since > ALMOST_AFTER_MS;
    say(long ? "Almost there…" : words);
  };
}

function finish(view, words) {
  showDocument();
  drawWatermark(shell.watermark);
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

function undrawable(error) {
  console.warn(error.name); // the name only: a message may hold words of the document
  return new Problem({ code: "undrawable" });
}

coverWhenIdle();
show();
