// Asks the service for something to show, until it is ready or cannot be shown.

import { ignore } from "./dom.js";

const MAX_POLL_MS = 5000;
const MAX_RESTARTS = 3;
// after this long the service fetches the document again as a matter of course; before, its converter was lost
const EARLY_RESTART_MS = 30_000;

/**
 * A file in an archive, or an attachment. Its names were chosen by anybody: they are text, never markup.
 *
 * @typedef {object} Part
 * @property {string} folder where an archive has it; empty for the top
 * @property {string} name without its folder
 * @property {string} size in words; empty where it is not known
 * @property {boolean} locked whether it needs a password
 * @property {string | null} url of its own page; null where documents are not opened that deep
 */

/**
 * The service's description of what can be shown.
 *
 * @typedef {object} Ready
 * @property {"ready"} state
 * @property {"pdf" | "image" | "text" | "table" | "audio" | "video" | "listing"} show
 * @property {string} label the document's kind, in words
 * @property {string} url where the bytes are, for some minutes
 * @property {string | null} download_url where a copy is, where policy allows one
 * @property {string} not_drawn_url where the page reports that the browser could not draw it
 * @property {number} size in bytes
 * @property {string} digest another one means another version
 * @property {boolean | null} changed since the person opened the document last; null where they never did
 * @property {string[]} notes sentences about what is not shown
 * @property {Part[]} parts
 * @property {string} fetched_at ISO 8601
 * @property {string | null} file_name what the document system calls the file
 */

/**
 * The service's answer while there is nothing to show yet.
 *
 * @typedef {object} Waiting
 * @property {"converting"} state
 * @property {string} message in words
 * @property {number} retry_after_ms
 * @property {string} poll_url where to ask next
 * @property {string | null} [file_name]
 */

/**
 * The service's answer where the document has to be asked for again.
 *
 * @typedef {object} Restart
 * @property {"restart"} state
 * @property {string | null} [file_name]
 */

/** Tells why there is nothing to show. */
export class Problem extends Error {
  /**
   * @param {object} facts
   * @param {string} facts.code the service's name for the problem, or one of the page's own: offline, undrawable,
   *   changed, unexpected
   * @param {number} [facts.status] the HTTP status; 0 where there was no answer
   * @param {string | null} [facts.html] the service's own explanation; null where there was no answer
   * @param {number | null} [facts.retryAfter] seconds after which another attempt can help; null where none can
   * @param {ErrorOptions} [options] the error that the problem was made of
   */
  constructor({ code, status = 0, html = null, retryAfter = null }, options) {
    super(code, options);
    this.code = code;
    this.status = status;
    this.html = html;
    this.retryAfter = retryAfter;
  }
}

/**
 * Fetches from this service.
 *
 * @param {string} url
 * @param {RequestInit} [init]
 * @throws {Problem} on anything but success and the service's request to start again
 */
export async function get(url, init = {}) {
  const response = await answer(url, init);
  if (response.ok || response.status === 409) return response;
  throw new Problem({
    code: response.headers.get("X-Error-Code") ?? "unexpected",
    status: response.status,
    html: isHtml(response) ? await response.text() : null,
    retryAfter: Number(response.headers.get("Retry-After")) || null,
  });
}

/**
 * @param {string} url
 * @param {RequestInit} init
 */
async function answer(url, init) {
  try {
    return await fetch(url, { cache: "no-store", credentials: "same-origin", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem({ code: "offline", retryAfter: 3 }, { cause: error });
  }
}

/**
 * Asks until the document can be shown. Where the service says so it asks for the newest version again, but early
 * restarts only a few times in a row.
 *
 * @param {string} url
 * @param {(message: string) => void} [onWaiting] gets the service's words each time it says that it is still at work
 * @returns {Promise<Ready>}
 */
export async function askForRendition(url, onWaiting = ignore) {
  let next = url;
  /** @type {string | null} */
  let name = null; // only the first answer tells it: the name of a file stands in no address
  let begun = Date.now();
  for (let restarts = 0; restarts <= MAX_RESTARTS; ) {
    const response = await get(next, { headers: { accept: "application/json" } });
    /** @type {Ready | Waiting | Restart} */
    const answered = await response.json();
    name = answered.file_name ?? name;
    if (answered.state === "ready") {
      answered.file_name = name;
      return answered;
    }
    if (answered.state === "restart") {
      restarts = Date.now() - begun < EARLY_RESTART_MS ? restarts + 1 : 0;
      begun = Date.now();
      next = url;
    } else {
      onWaiting(answered.message);
      await pause(Math.min(answered.retry_after_ms, MAX_POLL_MS));
      next = answered.poll_url;
    }
  }
  throw new Problem({ code: "unexpected" });
}

/**
 * Waits.
 *
 * @param {number} milliseconds
 */
export function pause(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** @param {Response} response */
function isHtml(response) {
  return (response.headers.get("Content-Type") ?? "").startsWith("text/html");
}
