// Reads the document's bytes, whole or by ranges, through links that live for minutes only.

import { askForRendition, get, Problem, pause } from "./rendition.js";

/** @import { Ready } from "./rendition.js" */

const ATTEMPTS = 4;

/** Reads bytes, and asks for a new link when the old one has expired. */
export class Content {
  #renditionUrl;
  #ready;
  /** @type {Promise<void> | null} */
  #renewal = null;
  #requests = 0;
  #stopped = new AbortController();

  /**
   * @param {string} renditionUrl
   * @param {Ready} ready what `askForRendition(renditionUrl)` gave
   */
  constructor(renditionUrl, ready) {
    this.#renditionUrl = renditionUrl;
    this.#ready = ready;
  }

  /** The number of bytes. */
  get size() {
    return this.#ready.size;
  }

  /** The address of the bytes at the moment. */
  get url() {
    return this.#ready.url;
  }

  /** The address of a copy; null where policy allows none. */
  get downloadUrl() {
    return this.#ready.download_url;
  }

  /** The address at which the page reports that the browser could not draw the document. */
  get notDrawnUrl() {
    return this.#ready.not_drawn_url;
  }

  /** Whether a request for bytes is under way. */
  get isAwaited() {
    return this.#requests > 0;
  }

  /** Reads all bytes. */
  whole() {
    return this.#read({});
  }

  /**
   * Reads the bytes from `begin` to before `end`.
   *
   * @param {number} begin
   * @param {number} end
   */
  range(begin, end) {
    return this.#read({ range: `bytes=${begin}-${end - 1}` });
  }

  /** Gives up every request that is under way. */
  stop() {
    this.#stopped.abort();
  }

  /**
   * Gets a new link.
   *
   * @throws {Problem} "changed" where it would lead to another version
   */
  renew() {
    this.#renewal ??= this.#askAgain().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  /**
   * Calls `load`, which loads from `url`; where that fails, once more with a new link, since the old one may have
   * expired.
   *
   * @param {() => Promise<unknown>} load
   */
  async loadWithRenewal(load) {
    try {
      await load();
    } catch {
      await this.renew();
      await load();
    }
  }

  async #askAgain() {
    const fresh = await askForRendition(this.#renditionUrl);
    if (fresh.digest !== this.#ready.digest || fresh.size !== this.#ready.size) {
      throw new Problem({ code: "changed" });
    }
    this.#ready = fresh;
  }

  /** @param {Record<string, string>} headers */
  async #read(headers) {
    this.#requests += 1;
    try {
      return await this.#bytes(headers);
    } finally {
      this.#requests -= 1;
    }
  }

  /** @param {Record<string, string>} headers */
  async #bytes(headers) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await get(this.url, { headers, signal: this.#stopped.signal });
        return new Uint8Array(await response.arrayBuffer());
      } catch (error) {
        if (this.#stopped.signal.aborted || attempt === ATTEMPTS) throw asProblem(error);
        await this.#recover(error, attempt);
      }
    }
  }

  /**
   * Does what makes another attempt sensible.
   *
   * @param {unknown} error
   * @param {number} attempt
   */
  async #recover(error, attempt) {
    const status = error instanceof Problem ? error.status : 0;
    if (status === 410) await this.renew();
    else if (status >= 400 && status < 500) throw error;
    else await pause(500 * 2 ** attempt);
  }
}

/** @param {unknown} error */
function asProblem(error) {
  return error instanceof Problem ? error : new Problem({ code: "offline", retryAfter: 3 });
}
