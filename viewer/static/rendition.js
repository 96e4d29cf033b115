// Asks the service for something to show, until it is ready or cannot be.

const LONGEST_POLL_MS = 5000;
const MOST_RESTARTS = 3;
// a document that was waited for this long is fetched again as a matter of course; sooner, its maker was lost
const EARLY_RESTART_MS = 30_000;

/** Why there is nothing to show. `html` is the service's own explanation, null where it could not be reached. */
export class Problem extends Error {
  constructor({ code, status = 0, html = null, retryAfter = null }) {
    super(code);
    Object.assign(this, { code, status, html, retryAfter });
  }
}

/** Fetch from this service; anything but success throws a Problem. */
export async function get(url, init = {}) {
  let response;
  try {
    response = await fetch(url, { cache: "no-store", credentials: "same-origin", ...init });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ code: "offline", retryAfter: 3 });
  }
  if (response.ok || response.status === 409) return response;
  throw new Problem({
    code: response.headers.get("X-Error-Code") ?? "unexpected",
    status: response.status,
    html: isHtml(response) ? await response.text() : null,
    retryAfter: Number(response.headers.get("Retry-After")) || null,
  });
}

/**
 * The description of what can be shown: {show, url, size, digest, …}.
 * `onWaiting` gets the service's words each time it says that it is still at work.
 * Where the service says so, the newest version is asked for again: early restarts only so often in a row.
 */
export async function askForRendition(url, onWaiting = () => {}) {
  let next = url;
  let name = null; // told when the document was fetched: what a part is called stands in no address
  let begun = Date.now();
  for (let restarts = 0; restarts <= MOST_RESTARTS;) {
    const response = await get(next, { headers: { Accept: "application/json" } });
    const answer = await response.json();
    if (answer.state === "ready") return { ...answer, file_name: answer.file_name ?? name };
    name = answer.file_name ?? name;
    if (answer.state === "restart") {
      restarts = Date.now() - begun < EARLY_RESTART_MS ? restarts + 1 : 0;
      begun = Date.now();
      next = url;
    } else {
      onWaiting(answer.message);
      await pause(Math.min(answer.retry_after_ms, LONGEST_POLL_MS));
      next = answer.poll_url;
    }
  }
  throw new Problem({ code: "unexpected" });
}

export function pause(milliseconds) {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}

function isHtml(response) {
  return (response.headers.get("Content-Type") ?? "").startsWith("text/html");
}
