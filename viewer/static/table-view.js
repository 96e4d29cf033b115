// A table from a text file: rows and columns, the names of the columns always in sight.

import { TextSize } from "./text-size.js";

const BLOCK = 100; // rows
const AT_ONCE = 5; // blocks that are there when the table opens; the others follow while nothing else is to do
const SAMPLE = 300; // rows that decide how wide the columns are
const LEAST = 4;
const MOST = 44; // characters
const FIGURE = /^[-+]?[£$€]?\d{1,3}([ ,.'’]?\d{3})*([.,]\d+)?%?$/; // and no telephone number

/** Shows a table in `container`; the toolbar talks to it as to a PdfView. Events: "scale". */
export class TableView extends EventTarget {
  pages = 1;
  page = 1;
  rows = 0;
  /** Sentences about what was left out of it. */
  notes = [];
  #container;
  #content;
  #sheet = element("div", "table__sheet");
  #size = new TextSize(this.#sheet);
  #atTheEnd = false;

  constructor(container, content) {
    super();
    this.#container = container;
    this.#content = content;
    this.#sheet.setAttribute("role", "table");
    this.#sheet.setAttribute("aria-label", "Table");
    container.replaceChildren(this.#sheet);
    this.#followTheEnd();
  }

  /** Fetch and show; settles when the first rows are on the screen. */
  async open() {
    const table = JSON.parse(new TextDecoder().decode(await this.#content.whole()));
    const width = table.rows.reduce((most, row) => Math.max(most, row.length), 1);
    const named = hasNames(table.rows);
    const [names, rows] = named ? [table.rows[0], table.rows.slice(1)] : [numbers(width), table.rows];
    this.rows = rows.length;
    this.notes = notesOn(table);
    this.#sheet.style.setProperty("--columns", widths(table.rows, width));
    this.#sheet.setAttribute("aria-rowcount", rows.length + 1);
    this.#sheet.setAttribute("aria-colcount", width);
    this.#sheet.append(heads(names, width));
    this.#container.hidden = false;
    this.#add(rows, width, 0, AT_ONCE * BLOCK);
    this.#addRest(rows, width, AT_ONCE * BLOCK);
    this.#tellScale(this.#size.scale);
  }

  zoomIn() {
    this.#tellScale(this.#size.change(1));
  }

  zoomOut() {
    this.#tellScale(this.#size.change(-1));
  }

  focus() {
    this.#container.focus({ preventScroll: true, focusVisible: false });
  }

  #add(rows, width, from, to) {
    for (let at = from; at < Math.min(to, rows.length); at += BLOCK) {
      const block = element("div", "table__block");
      block.setAttribute("role", "rowgroup");
      block.append(...rows.slice(at, at + BLOCK).map((row, index) => asRow(row, width, at + index + 2)));
      this.#sheet.append(block);
    }
  }

  #addRest(rows, width, from) {
    if (from >= rows.length) return;
    setTimeout(() => {
      this.#add(rows, width, from, from + BLOCK);
      this.#addRest(rows, width, from + BLOCK);
    });
  }

  /** Rows that were not drawn yet have a height that is guessed: the end moves, and is followed until somebody scrolls. */
  #followTheEnd() {
    const box = this.#container;
    const goThere = () => { box.scrollTop = box.scrollHeight; };
    box.addEventListener("keydown", (event) => {
      this.#atTheEnd = event.key === "End" && !event.defaultPrevented;
      if (!this.#atTheEnd) return;
      event.preventDefault();
      goThere();
    });
    for (const name of ["wheel", "pointerdown", "touchstart"]) {
      box.addEventListener(name, () => { this.#atTheEnd = false; }, { passive: true });
    }
    new ResizeObserver(() => { if (this.#atTheEnd) goThere(); }).observe(this.#sheet);
  }

  #tellScale(scale) {
    this.dispatchEvent(new CustomEvent("scale", { detail: scale }));
  }
}

function notesOn({ more_rows: rows, more_columns: columns, cut_cells: cells }) {
  const notes = [];
  if (rows) notes.push(`This table is very long: its last ${rows.toLocaleString("en-GB")} rows are not shown.`);
  if (columns) notes.push(`This table is very wide: its last ${columns.toLocaleString("en-GB")} columns are not shown.`);
  if (cells) notes.push(`${cells.toLocaleString("en-GB")} very long cells are cut short.`);
  return notes;
}

/** Whether the first row looks like names of columns: words in every cell, and something below. */
function hasNames([first, ...rest]) {
  return rest.length > 0 && first.length > 0 && first.every((cell) => cell.trim() && !/^[-+£$€\s\d.,/:%]+$/.test(cell));
}

function numbers(width) {
  return Array.from({ length: width }, (_, at) => `Column ${at + 1}`);
}

/** Columns as wide as their longest line, within reason. */
function widths(rows, width) {
  const longest = new Array(width).fill(LEAST);
  for (const row of rows.slice(0, SAMPLE)) {
    row.forEach((cell, at) => {
      for (const line of cell.slice(0, 500).split("\n")) longest[at] = Math.max(longest[at], Math.min(line.length, MOST));
    });
  }
  return longest.map((characters) => `calc(${characters}ch + 2em)`).join(" ");
}

function heads(names, width) {
  const group = element("div", "table__head");
  group.setAttribute("role", "rowgroup");
  const row = asRow(names, width, 1, "columnheader");
  group.append(row);
  return group;
}

function asRow(cells, width, number, role = "cell") {
  const row = element("div", "table__row");
  row.setAttribute("role", "row");
  row.setAttribute("aria-rowindex", number);
  for (let at = 0; at < width; at += 1) {
    const cell = element("div", role === "cell" && FIGURE.test(cells[at] ?? "") ? "is-figure" : "");
    cell.setAttribute("role", role);
    cell.textContent = cells[at] ?? "";
    row.append(cell);
  }
  return row;
}

function element(name, className) {
  const made = document.createElement(name);
  if (className) made.className = className;
  return made;
}
