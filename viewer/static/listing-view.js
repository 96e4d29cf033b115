// Shows what is in an archive: its files, under their folders.

import { element } from "./dom.js";
import { asItem, countOf } from "./parts.js";
import { SimpleView } from "./simple-view.js";

/** @import { Part } from "./rendition.js" */

/** Lists the parts of an archive. */
export class ListingView extends SimpleView {
  /**
   * @param {HTMLElement} container
   * @param {Part[]} parts
   */
  constructor(container, parts) {
    super(container);
    const sections = byFolder(parts).flatMap(([folder, within]) => section(folder, within));
    container.replaceChildren(element("div", "listing__sheet", introduction(parts), ...sections));
    container.hidden = false;
  }
}

/** @param {Part[]} parts */
function introduction(parts) {
  return element("p", "govuk-body", `${countOf(parts, "file")} in this archive. Each opens in a new tab.`);
}

/**
 * Gives [folder, parts] in the order of the folders' names, the topmost folder first.
 *
 * @param {Part[]} parts
 */
function byFolder(parts) {
  /** @type {Map<string, Part[]>} */
  const folders = new Map();
  for (const part of parts) {
    const within = folders.get(part.folder) ?? [];
    within.push(part);
    folders.set(part.folder, within);
  }
  return [...folders].sort(([one], [other]) => one.localeCompare(other, "en"));
}

/**
 * @param {string} folder
 * @param {Part[]} parts
 */
function section(folder, parts) {
  const list = element("ul", "listing__files", ...parts.map(asItem));
  return folder ? [element("h2", "listing__folder", folder), list] : [list];
}
