// An archive: the files that are in it, under their folders.

import { asItem, countOf } from "./parts.js";

/** Lists the parts in `container`; the toolbar talks to it as to a PdfView. */
export class ListingView extends EventTarget {
  pages = 1;
  page = 1;
  #container;

  constructor(container, parts) {
    super();
    this.#container = container;
    const sheet = document.createElement("div");
    sheet.className = "listing__sheet";
    sheet.append(introduction(parts), ...byFolder(parts).flatMap(([folder, within]) => section(folder, within)));
    container.replaceChildren(sheet);
    container.hidden = false;
  }

  focus() {
    this.#container.focus({ preventScroll: true, focusVisible: false });
  }
}

function introduction(parts) {
  const text = document.createElement("p");
  text.className = "govuk-body";
  text.textContent = `${countOf(parts, "file")} in this archive. Each opens in a new tab.`;
  return text;
}

/** [folder, parts] in the order of the folders' names, the top first. */
function byFolder(parts) {
  const folders = new Map();
  for (const part of parts) {
    if (!folders.has(part.folder)) folders.set(part.folder, []);
    folders.get(part.folder).push(part);
  }
  return [...folders].sort(([one], [other]) => one.localeCompare(other, "en"));
}

function section(folder, parts) {
  const list = document.createElement("ul");
  list.className = "listing__files";
  list.append(...parts.map(asItem));
  if (!folder) return [list];
  const heading = document.createElement("h2");
  heading.className = "listing__folder";
  heading.textContent = folder;
  return [heading, list];
}
