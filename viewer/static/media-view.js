// Plays a recording in the browser's own player.

import { element, focusQuietly } from "./dom.js";
import { Problem } from "./rendition.js";
import { SimpleView } from "./simple-view.js";

/** @import { Content } from "./content.js" */
/** @import { Shell } from "./shell.js" */

const MAX_FAILURES = 3; // in a row, with less than a second played between them

/** Shows an audio or video player. */
export class MediaView extends SimpleView {
  #content;
  #player;
  #failures = 0;
  #reached = 0;
  #failedAt = -2;

  /**
   * @param {HTMLElement} container
   * @param {Content} content
   * @param {"audio" | "video"} show
   * @param {Shell} shell
   */
  constructor(container, content, show, shell) {
    super(container);
    this.#content = content;
    this.#player = player(show, shell);
    this.#player.addEventListener("timeupdate", () => {
      this.#reached = this.#player.currentTime || this.#reached;
    });
    container.replaceChildren(this.#player);
  }

  /** Loads the recording; settles when it can be played. */
  async open() {
    await this.#content.loadWithRenewal(() => this.#load());
    this.container.hidden = false;
    this.#player.addEventListener("error", () => this.#resume());
  }

  /** @override */
  focus() {
    focusQuietly(this.#player);
  }

  #load() {
    return new Promise((resolve, reject) => {
      this.#player.addEventListener("loadedmetadata", resolve, { once: true });
      this.#player.addEventListener("error", () => reject(new Problem({ code: "undrawable" })), {
        once: true,
      });
      this.#player.src = this.#content.url;
    });
  }

  /** Plays on where the link has expired or the connection broke: with a new link, from the same second. */
  async #resume() {
    const [at, playing] = [this.#reached, !this.#player.paused];
    this.#failures = at > this.#failedAt + 1 ? 1 : this.#failures + 1;
    this.#failedAt = at;
    try {
      if (this.#failures > MAX_FAILURES) throw new Problem({ code: "undrawable" });
      await this.#content.renew();
      this.#player.src = this.#content.url;
      this.#player.currentTime = at;
      if (playing) await this.#player.play();
    } catch (error) {
      // where the player fails again, its own event calls this method again
      if (error instanceof Problem) this.dispatchEvent(new CustomEvent("failed", { detail: error }));
    }
  }
}

/**
 * Makes a player that offers no copy: no download, no other screen, and no full screen where there is a watermark,
 * which the full screen would leave behind.
 *
 * @param {"audio" | "video"} show
 * @param {Shell} shell
 */
function player(show, { source, number, watermark }) {
  const made = element(show, `media__player media__player--${show}`);
  Object.assign(made, {
    controls: true,
    preload: "metadata",
    playsInline: true,
    disableRemotePlayback: true,
  });
  const kind = show === "audio" ? "Sound recording" : "Video";
  made.setAttribute("aria-label", `${kind}: ${source} document ${number}`);
  made.setAttribute("controlslist", `nodownload noremoteplayback${watermark ? " nofullscreen" : ""}`);
  if (watermark && made instanceof HTMLVideoElement) made.disablePictureInPicture = true;
  made.addEventListener("contextmenu", (event) => event.preventDefault());
  return made;
}
