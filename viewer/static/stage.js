// Shows one thing in the middle of the page: progress, a problem, or the document, with a banner above it.

import { byId, element } from "./dom.js";

/** @import { Problem } from "./rendition.js" */

const RETRY_SECONDS = [5, 10, 20, 40];
const MAX_WAIT_SECONDS = 120;

// what a problem takes away from the page
const COVERED = [
  "progress",
  "pages",
  "text-only",
  "picture",
  "plain-text",
  "table",
  "listing",
  "media",
  "toolbar",
  "notes",
  "attachments",
  "watermark",
];

/**
 * Has screen readers say a short sentence.
 *
 * @param {string} text
 */
export function announce(text) {
  document.dispatchEvent(new CustomEvent("announce", { detail: text }));
}

/**
 * Says how far things are; screen readers read it aloud.
 *
 * @param {string} message
 */
export function showProgress(message) {
  byId("trouble").hidden = true;
  byId("progress").hidden = false;
  const line = byId("progress-words");
  if (line.textContent !== message) line.textContent = message;
}

/** Takes everything but the document away. */
export function showDocument() {
  byId("progress").hidden = true;
  byId("trouble").hidden = true;
  byId("toolbar").hidden = false;
  document.documentElement.classList.add("is-open");
}

/**
 * Shows a line above the document with a button.
 *
 * @param {string} text
 * @param {string} label of the button
 * @param {() => void} act what the button does
 */
export function showBanner(text, label, act) {
  const button = element("button", "banner__button", label);
  button.type = "button";
  button.addEventListener("click", act);
  byId("banner").replaceChildren(element("p", "banner__text", text), button);
  byId("banner").hidden = false;
}

/**
 * Explains a problem in place of the document. Settles when it is time to try again: the person asks for it, or a
 * countdown ends where another attempt can help.
 *
 * @param {Problem} problem
 * @param {number} attempt counts from 0; after the last of RETRY_SECONDS there is no countdown
 * @returns {Promise<void>}
 */
export function showProblem(problem, attempt) {
  const trouble = byId("trouble");
  trouble.replaceChildren(explanation(problem));
  for (const id of COVERED) byId(id).hidden = true;
  trouble.hidden = false;
  trouble.querySelector("h1")?.focus({ preventScroll: true });
  return new Promise((retry) => {
    const link = trouble.querySelector("[data-retry]");
    // signing in again needs a navigation, which the link makes by itself
    if (!link || problem.status === 401) return;
    const stop = countDown(problem, attempt, retry);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      stop();
      retry();
    });
  });
}

/** @param {Problem} problem */
function explanation(problem) {
  if (problem.html) {
    // DOMParser runs no scripts, and the security policy would not let one run later either
    const parsed = new DOMParser().parseFromString(problem.html, "text/html");
    return document.importNode(parsed.querySelector(".problem") ?? parsed.body, true);
  }
  const id = problem.code === "offline" ? "problem-offline" : "problem-undrawable";
  return byId(id, HTMLTemplateElement).content.cloneNode(true);
}

/**
 * Counts the seconds down in the explanation, while the tab is visible; gives the function that stops it.
 *
 * @param {Problem} problem
 * @param {number} attempt
 * @param {() => void} done
 */
function countDown({ retryAfter }, attempt, done) {
  const least = RETRY_SECONDS[attempt];
  const line = byId("trouble").querySelector("[data-retry-countdown]");
  let timer = 0;
  if (retryAfter && least && line instanceof HTMLElement) {
    let left = Math.min(MAX_WAIT_SECONDS, Math.max(retryAfter, least));
    announce(`Trying again by itself in ${left} seconds.`);
    const show = () => {
      line.textContent = `Trying again by itself in ${left} second${left === 1 ? "" : "s"}…`;
    };
    show();
    line.hidden = false;
    timer = window.setInterval(() => {
      if (document.hidden) return;
      left -= 1;
      show();
      if (left > 0) return;
      clearInterval(timer);
      done();
    }, 1000);
  }
  return () => clearInterval(timer);
}
