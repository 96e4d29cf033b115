// A recording, in the browser's own player.

import { Problem } from "./rendition.js";

const STUCK_AFTER = 3; // failures in a row without a second played between them

/**
 * Shows an audio or video player in `container`; the toolbar talks to it as to a PdfView.
 * Events: "failed" (detail: the error; the recording cannot go on).
 */
export class MediaView extends EventTarget {
  pages = 1;
  page = 1;
  #container;
  #content;
  #player;
  #failures = 0;
  #reached = 0;
  #failedAt = -2;

  constructor(container, content, show, { source, number, watermark }) {
    super();
    this.#container = container;
    this.#content = content;
    this.#player = document.createElement(show === "audio" ? "audio" : "video");
    const words = show === "audio" ? "Sound recording" : "Video";
    Object.assign(this.#player, { controls: true, preload: "metadata", playsInline: true, disableRemotePlayback: true });
    this.#player.className = `media__player media__player--${show}`;
    this.#player.setAttribute("aria-label", `${words}: ${source} document ${number}`);
    // the full screen would leave the watermark behind
    this.#player.setAttribute("controlslist", watermark ? "nodownload noremoteplayback nofullscreen" : "nodownload noremoteplayback");
    if (watermark) this.#player.disablePictureInPicture = true;
    this.#player.addEventListener("contextmenu", (event) => event.preventDefault());
    this.#player.addEventListener("timeupdate", () => { this.#reached = this.#player.currentTime || this.#reached; });
    container.replaceChildren(this.#player);
  }

  /** Settles when the recording can be played. */
  async open() {
    try {
      await this.#load();
    } catch {
      await this.#content.renew(); // the link may have expired between the answer and now
      await this.#load();
    }
    this.#container.hidden = false;
    this.#player.addEventListener("error", () => this.#goOn());
  }

  focus() {
    this.#player.focus({ preventScroll: true, focusVisible: false });
  }

  #load() {
    return new Promise((resolve, reject) => {
      this.#player.addEventListener("loadedmetadata", resolve, { once: true });
      this.#player.addEventListener("error", () => reject(new Problem({ code: "undrawable" })), { once: true });
      this.#player.src = this.#content.url;
    });
  }

  /** The link has expired, or the line broke: get another one and play on from there. */
  async #goOn() {
    const [at, playing] = [this.#reached, !this.#player.paused];
    this.#failures = at > this.#failedAt + 1 ? 1 : this.#failures + 1;
    this.#failedAt = at;
    try {
      if (this.#failures > STUCK_AFTER) throw new Problem({ code: "undrawable" });
      await this.#content.renew();
      this.#player.src = this.#content.url;
      this.#player.currentTime = at;
      if (playing) await this.#player.play();
    } catch (error) {
      // a load that fails again comes here again by its own event
      if (error instanceof Problem) this.dispatchEvent(new CustomEvent("failed", { detail: error }));
    }
  }
}
