// The words of one page of a PDF, with its headings, lists and tables where the document is tagged.

const LEVEL_OF_PAGES = 2; // above the page's own headings stands "Page 3"
const ELEMENTS = {
  P: "p", Caption: "p", BlockQuote: "blockquote", Note: "p",
  L: "ul", LI: "li", Table: "table", TR: "tr", TH: "th", TD: "td",
};
const PARAGRAPHS_APART = 1.6; // lines further apart than so many of their heights belong to two paragraphs
const FULL_LINE = 0.8; // of the way to the right margin
const ENOUGH = 0.9; // tags that tell of less than this share of a page's letters are not to be trusted
const NOTHING = "There is no text on this page. It may be a scan or a picture.";

/** The words of a page of PDF.js's document, in reading order. */
export async function wordsOf(page) {
  const [{ items }, tree] = await Promise.all([
    page.getTextContent({ includeMarkedContent: true }),
    page.getStructTree().catch(() => null), // broken tags: then without
  ]);
  const words = tagged(tree, items) ?? untagged(items);
  if (!words.textContent.trim()) words.replaceChildren(paragraph(NOTHING, "words__none"));
  return words;
}

function tagged(tree, items) {
  if (!tree) return null;
  const { texts, letters } = byMark(items);
  const words = document.createDocumentFragment();
  for (const child of tree.children) build(child, words, texts);
  closeRanks(words);
  return lettersIn(words.textContent) >= letters * ENOUGH ? words : null;
}

/** The text under each mark, and how many letters there are but for running headers and footers. */
function byMark(items) {
  const texts = new Map();
  const open = [];
  let letters = 0;
  for (const item of items) {
    if (item.type === "endMarkedContent") open.pop();
    else if (item.type) open.push(item);
    else {
      const id = open.findLast((mark) => mark.id)?.id;
      if (open.some(({ tag }) => tag === "Artifact")) continue;
      letters += lettersIn(item.str);
      texts.set(id, (texts.get(id) ?? "") + item.str + (item.hasEOL ? " " : ""));
    }
  }
  return { texts, letters };
}

function lettersIn(text) {
  return text.replace(/\s+/g, "").length;
}

function build(node, parent, texts) {
  if (node.type === "content") {
    addText(parent, texts.get(node.id) ?? "");
    return;
  }
  if (node.role === "Figure" && node.alt) {
    parent.append(paragraph(`Picture: ${node.alt}`));
    return;
  }
  const name = fitting(elementOf(node.role), parent);
  const element = name ? document.createElement(name) : parent;
  for (const child of node.children ?? []) build(child, element, texts);
  if (element !== parent && (element.textContent.trim() || name === "td")) parent.append(element);
}

function elementOf(role) {
  if (role === "H" || role === "Title") return "h3";
  const level = /^H(\d)$/.exec(role)?.[1];
  return level ? `h${Math.min(6, Number(level) + LEVEL_OF_PAGES)}` : ELEMENTS[role];
}

/** No heading more than one level below the one before: people who move by headings would look for the missing one. */
function closeRanks(words) {
  let last = LEVEL_OF_PAGES;
  for (const heading of words.querySelectorAll("h3, h4, h5, h6")) {
    last = Math.min(Number(heading.nodeName[1]), last + 1);
    if (heading.nodeName === `H${last}`) continue;
    const raised = document.createElement(`h${last}`);
    raised.append(...heading.childNodes);
    heading.replaceWith(raised);
  }
}

/** Paragraphs and headings stand in no other paragraph or heading; rows stand in tables, entries in lists. */
function fitting(name, parent) {
  if (/^(P|H\d)$/.test(parent.nodeName) && name) return null;
  if (name === "tr" && parent.nodeName !== "TABLE") return "p";
  if (name === "li" && parent.nodeName !== "UL") return "p";
  return name;
}

function addText(parent, text) {
  const words = text.replace(/\s+/g, " ");
  if (!words.trim()) return;
  const loose = parent.nodeType === Node.DOCUMENT_FRAGMENT_NODE || ["TABLE", "TR", "UL"].includes(parent.nodeName);
  parent.append(loose ? paragraph(words) : words);
}

/** As the lines come in the file, which is the order in which most are read. */
function untagged(items) {
  const lines = linesOf(items);
  const margin = Math.max(...lines.map(({ right }) => right), 0);
  const words = document.createDocumentFragment();
  let text = "";
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    if (before && apart(before, line)) {
      words.append(paragraph(text, "words__lines"));
      text = "";
    }
    // a line that went up to the margin goes on; a short one ended there
    if (text) text += before.right > margin * FULL_LINE ? " " : "\n";
    text += line.text;
  }
  if (text) words.append(paragraph(text, "words__lines"));
  return words;
}

/** Lines {text, right, y, height}, in points. */
function linesOf(items) {
  const lines = [];
  let line = null;
  for (const { str, hasEOL, transform, width, height } of items.filter((item) => item.str !== undefined)) {
    if (str.trim()) {
      line ??= { text: "", right: 0, y: transform[5], height };
      line.right = Math.max(line.right, transform[4] + width);
    }
    if (line) line.text += str;
    if (!hasEOL || !line) continue;
    lines.push(line);
    line = null;
  }
  return line ? [...lines, line] : lines;
}

function apart(one, other) {
  return Math.abs(one.y - other.y) > (Math.max(one.height, other.height) || 1) * PARAGRAPHS_APART;
}

function paragraph(text, name = "") {
  const element = document.createElement("p");
  if (name) element.className = name;
  element.textContent = text;
  return element;
}
