// Says what is known of the document: its kind, when it was fetched, whether it is new, and what is not shown of it.

import { byId, element } from "./dom.js";

/** @import { Ready } from "./rendition.js" */
/** @import { Shell } from "./shell.js" */

/**
 * Fills the lines beside the title.
 *
 * @param {Ready} ready
 * @param {Shell} shell
 */
export function showFacts({ fetched_at: fetchedAt, changed, label, file_name: name }, { source, number }) {
  const time = new Date(fetchedAt).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  byId("kind").textContent = [label, telling(name, number)].filter(Boolean).join(" · ");
  byId("freshness").replaceChildren(element("span", "", "Fetched ", longWords(`from ${source} at `), time));
  if (changed !== null) byId("freshness").append(" ", changeTag(changed));
}

/**
 * Says how much is not shown as it is in the file; gives the same for screen readers, empty where all is shown.
 *
 * @param {string[]} notes
 */
export function showNotes(notes) {
  byId("notes").hidden = notes.length === 0;
  if (notes.length === 0) return "";
  const summary = `Not everything is shown: ${notes.length} note${notes.length === 1 ? "" : "s"}`;
  byId("notes-count").textContent = summary;
  byId("notes-list").replaceChildren(...notes.map((note) => element("li", "", note)));
  return `${summary}.`;
}

/**
 * Gives the file's name without its folder; null where it only repeats the document's number.
 *
 * @param {string | null} path
 * @param {string} number
 */
function telling(path, number) {
  const name = path?.split("/").pop();
  const bare = name?.slice(0, name.includes(".") ? name.lastIndexOf(".") : undefined);
  return name && bare !== number ? name : null;
}

/** @param {boolean} changed */
function changeTag(changed) {
  const [name, text] = changed ? ["change-tag is-new", "New version"] : ["change-tag", "Unchanged"];
  return element("strong", name, text, longWords(" since you last opened it"));
}

/**
 * Makes a text that small screens leave out.
 *
 * @param {string} text
 */
function longWords(text) {
  return element("span", "freshness__long", text);
}
