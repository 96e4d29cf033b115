// What the middle of the page shows: progress, a problem, a banner above the document, or the document.

const RETRY_SECONDS = [5, 10, 20, 40];
const MOST_WAIT_SECONDS = 120;

const COVERED = ["progress", "pages", "words", "picture", "plain-text", "listing", "media", "toolbar", "notes", "attachments", "watermark"];

const byId = (id) => document.getElementById(id);

/** Have screen readers say a short sentence. */
export function announce(text) {
  document.dispatchEvent(new CustomEvent("announce", { detail: text }));
}

/** Say in words how far things are; read aloud too. */
export function showProgress(words) {
  byId("trouble").hidden = true;
  byId("progress").hidden = false;
  if (byId("progress-words").textContent !== words) byId("progress-words").textContent = words;
}

/** The document is on the screen: take everything else away. */
export function showDocument() {
  byId("progress").hidden = true;
  byId("trouble").hidden = true;
  byId("toolbar").hidden = false;
  document.documentElement.classList.add("is-open");
}

/** A line above the document with one thing to do about it. */
export function showBanner(words, action, act) {
  const text = document.createElement("p");
  text.textContent = words;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "banner__button";
  button.textContent = action;
  button.addEventListener("click", act);
  byId("banner").replaceChildren(text, button);
  byId("banner").hidden = false;
}

/**
 * Explain a Problem in place of the document.
 * Settles when it is time to try again: the person says so, or a countdown ends where a retry can help.
 * `attempt` counts from 0; after the last of RETRY_SECONDS only the person can.
 */
export function showProblem(problem, attempt) {
  const trouble = byId("trouble");
  trouble.replaceChildren(explanation(problem));
  for (const id of COVERED) byId(id).hidden = true;
  trouble.hidden = false;
  trouble.querySelector("h1")?.focus({ preventScroll: true });
  return new Promise((retry) => {
    const link = trouble.querySelector("[data-retry]");
    // signing in again needs a navigation: the link itself does that
    if (!link || problem.status === 401) return;
    const stop = countDown(problem, attempt, trouble.querySelector("[data-retry-countdown]"), retry);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      stop();
      retry();
    });
  });
}

function explanation(problem) {
  if (problem.html) {
    // DOMParser runs no scripts, and the security policy would not let one run later either
    const parsed = new DOMParser().parseFromString(problem.html, "text/html");
    return document.importNode(parsed.querySelector(".problem") ?? parsed.body, true);
  }
  const local = byId(problem.code === "offline" ? "problem-offline" : "problem-undrawable");
  return local.content.cloneNode(true);
}

function countDown(problem, attempt, line, done) {
  if (!problem.retryAfter || attempt >= RETRY_SECONDS.length) return () => {};
  let left = Math.min(MOST_WAIT_SECONDS, Math.max(problem.retryAfter, RETRY_SECONDS[attempt]));
  announce(`Trying again by itself in ${left} seconds.`);
  line.hidden = false;
  const show = () => { line.textContent = `Trying again by itself in ${left} second${left === 1 ? "" : "s"}…`; };
  show();
  const timer = setInterval(() => {
    if (document.hidden) return; // a tab that nobody looks at asks for nothing
    left -= 1;
    show();
    if (left > 0) return;
    clearInterval(timer);
    done();
  }, 1000);
  return () => clearInterval(timer);
}
