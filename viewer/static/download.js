// Offers a copy where policy allows one. A download happens on purpose only: a button asks first, and a link does it.

import { byId } from "./dom.js";
import { buttonFor } from "./toolbar.js";

/** @import { Content } from "./content.js" */

/**
 * Shows the button where the rendition has a copy.
 *
 * @param {Content} content
 * @param {(error: unknown) => void} onFailure gets what stands in the way of a download
 * @param {AbortSignal} signal
 */
export function connectDownload(content, onFailure, signal) {
  const button = buttonFor("download");
  button.hidden = !content.downloadUrl;
  if (!content.downloadUrl) return;
  button.addEventListener("click", () => ask(content).catch(onFailure), { signal });
  byId("download-link").addEventListener("click", () => byId("download", HTMLDialogElement).close(), {
    signal,
  });
}

/** @param {Content} content */
async function ask(content) {
  await content.renew(); // links live for minutes, and people read for hours
  byId("download-link", HTMLAnchorElement).href = content.downloadUrl ?? "";
  byId("download", HTMLDialogElement).showModal();
}
