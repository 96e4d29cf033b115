// Starts the document page; says so where its scripts cannot be fetched, which on a train is not rare.

const PATIENCE_MS = 15_000; // for some 60 KB

const late = setTimeout(askAgain, PATIENCE_MS);
import("./viewer.js").then(() => clearTimeout(late), explain);

/** One of the scripts is stuck on its way: what is asked for afresh comes by another connection. Once only. */
function askAgain() {
  if (performance.getEntriesByType("navigation")[0]?.type !== "reload") location.reload();
}

function explain() {
  clearTimeout(late);
  const trouble = document.getElementById("trouble");
  trouble.replaceChildren(document.getElementById("problem-offline").content.cloneNode(true));
  trouble.hidden = false;
  document.getElementById("progress").hidden = true;
}
