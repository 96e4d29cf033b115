// What is inside a document: links to the pages of its attachments, or of the files in an archive.

const byId = (id) => document.getElementById(id);

/** Offer the attachments above the document; gives the words for screen readers, empty where there are none. */
export function showAttachments(parts) {
  byId("attachments").hidden = !parts.length;
  if (!parts.length) return "";
  byId("attachments-count").textContent = countOf(parts, "attachment");
  byId("attachments-list").replaceChildren(...parts.map(asItem));
  // on a phone the document needs the space
  byId("attachments").open = window.matchMedia("(min-width: 40.01em) and (min-height: 30.01em)").matches;
  return `It has ${countOf(parts, "attachment")}.`;
}

/** A part {name, size, locked, url} as an item of a list; names are anybody's text. */
export function asItem({ name, size, locked, url }) {
  const item = document.createElement("li");
  item.className = "part";
  item.append(url ? linkTo(url, name) : inSpan("part__name", name), " ");
  item.append(inSpan("part__facts", [size, locked ? "locked with a password" : ""].filter(Boolean).join(", ")));
  return item;
}

export function countOf(parts, what) {
  return `${parts.length} ${what}${parts.length === 1 ? "" : "s"}`;
}

function linkTo(url, name) {
  const link = document.createElement("a");
  Object.assign(link, { href: url, target: "_blank", rel: "noopener", className: "govuk-link part__name", dir: "auto" });
  link.append(name, inSpan("govuk-visually-hidden", " (opens in a new tab)"));
  return link;
}

function inSpan(name, text) {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = text;
  return span;
}
