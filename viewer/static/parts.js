// Lists what is inside a document, with links to the pages of its attachments or of the files in an archive.

import { byId, element } from "./dom.js";

/** @import { Part } from "./rendition.js" */

/**
 * Offers the attachments above the document; gives a sentence for screen readers, empty where there are none.
 *
 * @param {Part[]} parts
 */
export function showAttachments(parts) {
  byId("attachments").hidden = parts.length === 0;
  if (parts.length === 0) return "";
  byId("attachments-count").textContent = countOf(parts, "attachment");
  byId("attachments-list").replaceChildren(...parts.map(asItem));
  // on a phone the document needs the space
  const roomy = window.matchMedia("(min-width: 40.01em) and (min-height: 30.01em)").matches;
  byId("attachments", HTMLDetailsElement).open = roomy;
  return `It has ${countOf(parts, "attachment")}.`;
}

/**
 * Makes an item of a list out of a part.
 *
 * @param {Part} part
 */
export function asItem({ name, size, locked, url }) {
  const facts = [size, locked ? "locked with a password" : ""].filter(Boolean).join(", ");
  const named = url ? linkTo(url, name) : element("span", "part__name", name);
  return element("li", "part", named, " ", element("span", "part__facts", facts));
}

/**
 * Says how many there are: "1 file", "2 files".
 *
 * @param {Part[]} parts
 * @param {string} noun
 */
export function countOf(parts, noun) {
  return `${parts.length} ${noun}${parts.length === 1 ? "" : "s"}`;
}

/**
 * @param {string} url
 * @param {string} name
 */
function linkTo(url, name) {
  const notice = element("span", "govuk-visually-hidden", " (opens in a new tab)");
  const link = element("a", "govuk-link part__name", name, notice);
  return Object.assign(link, { href: url, target: "_blank", rel: "noopener", dir: "auto" });
}
