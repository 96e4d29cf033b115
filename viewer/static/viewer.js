// The document page: asks for the document, shows it, and says meanwhile what is going on.

import { Content } from "./content.js";
import { showFacts, showNotes } from "./document-facts.js";
import { byId, ignore, onDetail } from "./dom.js";
import { connectDownload } from "./download.js";
import { coverWhenIdle } from "./idle-cover.js";
import { showAttachments } from "./parts.js";
import { loadPdfJs } from "./pdf-view.js";
import { askForRendition, get, Problem } from "./rendition.js";
import { readShell } from "./shell.js";
import { announce, showBanner, showDocument, showProblem, showProgress } from "./stage.js";
import { arrangeToolbar } from "./toolbar.js";
import { VIEWS } from "./views.js";
import { drawWatermark } from "./watermark.js";

/** @import { Shown } from "./views.js" */

const LONG_CONVERSION_MS = 8000;

const shell = readShell();
// most documents are shown as PDF, so PDF.js is loaded while the document is being prepared
const pdfjs = loadPdfJs(shell);
pdfjs.catch(ignore); // the view that awaits it sees the failure

async function show() {
  for (let attempt = 0; ; attempt += 1) {
    const attached = new AbortController(); // ends what a failed attempt listens to
    try {
      await open(attached.signal);
      return;
    } catch (error) {
      attached.abort();
      const problem = error instanceof Problem ? error : undrawable(error);
      // the document was replaced while it was being opened, and people want the newest version
      if (problem.code !== "changed") await showProblem(problem, attempt);
    }
  }
}

/** @param {AbortSignal} signal */
async function open(signal) {
  showProgress(`Fetching the document from ${shell.source}…`);
  const ready = await askForRendition(shell.rendition, patiently(showProgress));
  showProgress("Almost there…");
  showFacts(ready, shell);
  const content = new Content(shell.rendition, ready);
  arrangeToolbar(ready.show);
  const { view, summary } = await drawn(VIEWS[ready.show]({ content, ready, shell, pdfjs, signal }), content);
  connectDownload(content, explainFailure, signal);
  const attachments = showAttachments(ready.show === "listing" ? [] : ready.parts);
  const notes = showNotes([...ready.notes, ...view.notes]);
  finish(view, [summary, attachments, notes].filter(Boolean).join(" "));
  onDetail(view, "failed", explainFailure, { signal });
}

/**
 * Gives what `drawing` gives. Where the browser cannot draw, the audit is told, since it says already that the person
 * saw the document.
 *
 * @param {Promise<Shown>} drawing
 * @param {Content} content
 */
async function drawn(drawing, content) {
  try {
    return await drawing;
  } catch (error) {
    if (!(error instanceof Problem))
      get(content.notDrawnUrl, { method: "POST", keepalive: true }).catch(ignore);
    throw error;
  }
}

/**
 * Passes the service's words on, and says after a while of the same ones that it cannot be long now.
 *
 * @param {(message: string) => void} say
 */
function patiently(say) {
  let last = "";
  let since = 0;
  return (/** @type {string} */ message) => {
    if (message !== last) [last, since] = [message, Date.now()];
    const isLong = last.startsWith("Converting the document") && Date.now() - since > LONG_CONVERSION_MS;
    say(isLong ? "Almost there…" : last);
  };
}

/**
 * @param {Shown["view"]} view
 * @param {string} summary
 */
function finish(view, summary) {
  showDocument();
  drawWatermark(shell.watermark);
  announce(summary);
  if (document.activeElement === document.body) view.focus();
  // where the screen is low, the header scrolls away and leaves its space to the document
  if (window.matchMedia("(max-height: 30em)").matches) byId("toolbar").scrollIntoView();
}

/**
 * Says above the document what went wrong after it was shown.
 *
 * @param {unknown} error
 */
function explainFailure(error) {
  const { code, status } = error instanceof Problem ? error : undrawable(error);
  const reload = () => location.reload();
  if (code === "changed") showBanner("A newer version of this document was saved.", "Show it", reload);
  else if (status === 401) showBanner("You have been signed out.", "Sign in again", reload);
  else showBanner("The rest of the document could not be fetched.", "Try again", reload);
}

/** @param {unknown} error */
function undrawable(error) {
  // the name only: a message may hold words of the document
  console.warn(error instanceof Error ? error.name : typeof error);
  return new Problem({ code: "undrawable" });
}

coverWhenIdle();
show();
