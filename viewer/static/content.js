// The document's bytes, by ranges, through links that live for minutes only.

import { Problem, askForRendition, get, pause } from "./rendition.js";

const ATTEMPTS = 4;

/** Reads bytes and renews the link when it has expired. */
export class Content {
  #renditionUrl;
  #ready;
  #renewal = null;
  #underWay = 0;
  #stopped = new AbortController();

  /** `ready` is what `askForRendition(renditionUrl)` gave. */
  constructor(renditionUrl, ready) {
    this.#renditionUrl = renditionUrl;
    this.#ready = ready;
  }

  get size() {
    return this.#ready.size;
  }

  /** Where the bytes are at the moment. */
  get url() {
    return this.#ready.url;
  }

  /** Where a copy can be had, where policy allows it; null elsewhere. */
  get downloadUrl() {
    return this.#ready.download_url ?? null;
  }

  /** Where the page says that the browser could not draw it. */
  get notDrawnUrl() {
    return this.#ready.not_drawn_url;
  }

  /** Whether bytes are waited for at the moment. */
  get isAwaited() {
    return this.#underWay > 0;
  }

  /** All bytes. */
  whole() {
    return this.#read({});
  }

  /** The bytes from `begin` to before `end`. */
  range(begin, end) {
    return this.#read({ Range: `bytes=${begin}-${end - 1}` });
  }

  /** Give up everything that is under way. */
  stop() {
    this.#stopped.abort();
  }

  /** Get a new link; a Problem "changed" when it would lead to another version. */
  renew() {
    this.#renewal ??= this.#askAgain().finally(() => { this.#renewal = null; });
    return this.#renewal;
  }

  async #askAgain() {
    const fresh = await askForRendition(this.#renditionUrl);
    if (fresh.digest !== this.#ready.digest || fresh.size !== this.#ready.size) {
      throw new Problem({ code: "changed" });
    }
    this.#ready = fresh;
  }

  async #read(headers) {
    this.#underWay += 1;
    try {
      return await this.#bytes(headers);
    } finally {
      this.#underWay -= 1;
    }
  }

  async #bytes(headers) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await get(this.url, { headers, signal: this.#stopped.signal });
        return new Uint8Array(await response.arrayBuffer());
      } catch (error) {
        if (this.#stopped.signal.aborted || attempt === ATTEMPTS) throw asProblem(error);
        await this.#mend(error, attempt);
      }
    }
  }

  async #mend(error, attempt) {
    if (error.status === 410) await this.renew();
    else if (error.status >= 400 && error.status < 500) throw error;
    else await pause(500 * 2 ** attempt);
  }
}

function asProblem(error) {
  return error instanceof Problem ? error : new Problem({ code: "offline", retryAfter: 3 });
}
