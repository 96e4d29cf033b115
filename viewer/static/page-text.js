// Reads the text of one page of a PDF, with its headings, lists and tables where the document is tagged.

import { element } from "./dom.js";

/** @import { PDFPageProxy } from "pdfjs-dist" */
/** @typedef {Awaited<ReturnType<PDFPageProxy["getTextContent"]>>["items"][number]} Item */
/** @typedef {Awaited<ReturnType<PDFPageProxy["getStructTree"]>>} Tree */
/** @typedef {Tree["children"][number]} Node */

/**
 * A mark around text. PDF.js's types leave out its tag.
 *
 * @typedef {object} Mark
 * @property {string} [id]
 * @property {string} [tag]
 */

/**
 * A line of text: where it ends and stands, in points.
 *
 * @typedef {object} Line
 * @property {string} text
 * @property {number} right
 * @property {number} y
 * @property {number} height
 */

const LEVEL_OF_PAGES = 2; // the heading "Page 3" stands above the page's own headings
const LOWEST_LEVEL = 6;
// by the roles of PDF's standard structure types; a Map, since a document may name a role as it likes
/** @type {Map<string, keyof HTMLElementTagNameMap>} */
const ELEMENTS = new Map([
  ["P", "p"],
  ["Caption", "p"],
  ["BlockQuote", "blockquote"],
  ["Note", "p"],
  ["L", "ul"],
  ["LI", "li"],
  ["Table", "table"],
  ["TR", "tr"],
  ["TH", "th"],
  ["TD", "td"],
]);
const PARAGRAPHS_APART = 1.6; // lines further apart than so many of their heights belong to two paragraphs
const FULL_LINE = 0.8; // of the way to the right margin
const TRUSTED = 0.9; // tags that cover a smaller share of a page's letters are not used
const NOTHING = "There is no text on this page. It may be a scan or a picture.";
const SPACE = /\s+/gu;
const HEADING_ROLE = /^H(?<level>\d)$/u;
const PARAGRAPH_OR_HEADING = /^(?:P|H\d)$/u;

/**
 * Gives the text of a page, in reading order.
 *
 * @param {PDFPageProxy} page
 */
export async function textOf(page) {
  const [{ items }, tree] = await Promise.all([
    page.getTextContent({ includeMarkedContent: true }),
    page.getStructTree().catch(() => null), // a page with broken tags is read without them
  ]);
  const text = tagged(tree, items) ?? untagged(items);
  if (!text.textContent?.trim()) text.replaceChildren(element("p", "text-only__none", NOTHING));
  return text;
}

/**
 * Reads a page by its tags; gives null where it has none, or none that can be trusted.
 *
 * @param {Tree | null} tree
 * @param {Item[]} items
 */
function tagged(tree, items) {
  if (!tree) return null;
  const { texts, letters } = byMark(items);
  const page = document.createDocumentFragment();
  for (const child of tree.children) build(child, page, texts);
  raiseHeadings(page);
  return lettersIn(page.textContent ?? "") >= letters * TRUSTED ? page : null;
}

/**
 * Gives the text under each mark, and the number of letters. Both leave out running headers and footers.
 *
 * @param {Item[]} items
 */
function byMark(items) {
  /** @type {Map<string | undefined, string>} */
  const texts = new Map();
  /** @type {Mark[]} */
  const open = [];
  let letters = 0;
  for (const item of items) {
    if (!("str" in item)) {
      if (item.type === "endMarkedContent") open.pop();
      else open.push(item);
    } else if (!open.some(({ tag }) => tag === "Artifact")) {
      const id = open.findLast((mark) => mark.id)?.id;
      letters += lettersIn(item.str);
      texts.set(id, (texts.get(id) ?? "") + item.str + (item.hasEOL ? " " : ""));
    }
  }
  return { texts, letters };
}

/** @param {string} text */
function lettersIn(text) {
  return text.replace(SPACE, "").length;
}

/**
 * Adds what a node of the tags stands for to `parent`.
 *
 * @param {Node} node
 * @param {HTMLElement | DocumentFragment} parent
 * @param {Map<string | undefined, string>} texts
 */
function build(node, parent, texts) {
  if ("type" in node) {
    if (node.type === "content") addText(parent, texts.get(node.id) ?? "");
    return;
  }
  const alternative = "alt" in node ? node.alt : null;
  if (node.role === "Figure" && alternative) {
    parent.append(element("p", "", `Picture: ${alternative}`));
    return;
  }
  const name = fitting(elementOf(node.role), parent);
  const target = name ? element(name) : parent;
  for (const child of node.children) build(child, target, texts);
  if (target !== parent && (target.textContent?.trim() || name === "td")) parent.append(target);
}

/**
 * @param {string} role
 * @returns {keyof HTMLElementTagNameMap | undefined}
 */
function elementOf(role) {
  if (role === "H" || role === "Title") return "h3";
  const level = HEADING_ROLE.exec(role)?.groups?.level;
  return level ? heading(Number(level) + LEVEL_OF_PAGES) : ELEMENTS.get(role);
}

/** @param {number} level */
function heading(level) {
  return /** @type {"h3" | "h4" | "h5" | "h6"} */ (`h${Math.min(LOWEST_LEVEL, level)}`);
}

/**
 * Raises headings that are more than one level below the one before: people who move by headings would look for the
 * missing one.
 *
 * @param {DocumentFragment} page
 */
function raiseHeadings(page) {
  let last = LEVEL_OF_PAGES;
  for (const old of page.querySelectorAll("h3, h4, h5, h6")) {
    last = Math.min(Number(old.nodeName[1]), last + 1);
    if (old.nodeName === `H${last}`) continue;
    old.replaceWith(element(heading(last), "", ...old.childNodes));
  }
}

/**
 * Gives the element that may stand in `parent`: no paragraph or heading in another one, rows only in tables, entries
 * only in lists.
 *
 * @param {keyof HTMLElementTagNameMap | undefined} name
 * @param {HTMLElement | DocumentFragment} parent
 */
function fitting(name, parent) {
  if (PARAGRAPH_OR_HEADING.test(parent.nodeName)) return null;
  if (name === "tr" && parent.nodeName !== "TABLE") return "p";
  if (name === "li" && parent.nodeName !== "UL") return "p";
  return name;
}

/**
 * @param {HTMLElement | DocumentFragment} parent
 * @param {string} text
 */
function addText(parent, text) {
  const tidy = text.replace(SPACE, " ");
  if (!tidy.trim()) return;
  const needsParagraph =
    parent instanceof DocumentFragment || ["TABLE", "TR", "UL"].includes(parent.nodeName);
  parent.append(needsParagraph ? element("p", "", tidy) : tidy);
}

/**
 * Reads a page without tags in the order of the file, which is the reading order of most files.
 *
 * @param {Item[]} items
 */
function untagged(items) {
  const lines = linesOf(items);
  const margin = lines.reduce((most, { right }) => Math.max(most, right), 0);
  const page = document.createDocumentFragment();
  let text = "";
  /** @type {Line | null} */
  let before = null;
  for (const line of lines) {
    if (before && areApart(before, line)) {
      page.append(element("p", "text-only__lines", text));
      text = "";
    }
    // a line that reached the margin goes on in the next one; a short line ends where it ends
    if (text && before) text += before.right > margin * FULL_LINE ? " " : "\n";
    text += line.text;
    before = line;
  }
  if (text) page.append(element("p", "text-only__lines", text));
  return page;
}

/**
 * @param {Item[]} items
 * @returns {Line[]}
 */
function linesOf(items) {
  const lines = [];
  /** @type {Line | null} */
  let line = null;
  for (const item of items) {
    if (!("str" in item)) continue;
    const { str, hasEOL, transform, width, height } = item;
    if (str.trim()) {
      line ??= { text: "", right: 0, y: transform[5], height };
      line.right = Math.max(line.right, transform[4] + width);
    }
    if (line) line.text += str;
    if (line && hasEOL) {
      lines.push(line);
      line = null;
    }
  }
  return line ? [...lines, line] : lines;
}

/**
 * @param {Line} one
 * @param {Line} other
 */
function areApart(one, other) {
  return Math.abs(one.y - other.y) > (Math.max(one.height, other.height) || 1) * PARAGRAPHS_APART;
}
