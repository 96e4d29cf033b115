// Starts the document page, and says so where its scripts cannot be fetched, which on a train is not rare.

const SLOW_MS = 15_000; // for some 60 KB

const slow = setTimeout(reloadOnce, SLOW_MS);
import("./viewer.js").then(() => clearTimeout(slow), explain);

/** Reloads where one of the scripts does not arrive, since a new request uses another connection. Once only. */
function reloadOnce() {
  const [navigation] = performance.getEntriesByType("navigation");
  if (!(navigation instanceof PerformanceNavigationTiming && navigation.type === "reload")) location.reload();
}

// this script uses no other one: it must work where the others did not arrive
function explain() {
  clearTimeout(slow);
  const explanation = document.querySelector("template#problem-offline");
  const trouble = document.getElementById("trouble");
  const progress = document.getElementById("progress");
  if (!(explanation instanceof HTMLTemplateElement && trouble && progress)) return;
  trouble.replaceChildren(explanation.content.cloneNode(true));
  trouble.hidden = false;
  progress.hidden = true;
}
