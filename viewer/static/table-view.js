// Shows a table from a text file: rows and columns, with the names of the columns always in sight.

import { element } from "./dom.js";
import { SimpleTextView } from "./simple-text-view.js";

/** @import { Content } from "./content.js" */

/**
 * The table as the service sends it.
 *
 * @typedef {object} Table
 * @property {string[][]} rows
 * @property {number} more_rows how many rows at the end are left out
 * @property {number} more_columns how many columns at the end are left out
 * @property {number} cut_cells how many cells are cut short
 */

const BLOCK = 100; // rows
const FIRST_BLOCKS = 5; // blocks that are there when the table opens; the others follow when the browser has time
const SAMPLED_ROWS = 300; // rows that decide how wide the columns are
const MIN_WIDTH = 4; // characters in a column
const MAX_WIDTH = 44;
const MAX_CELL_SAMPLE = 500; // characters of a cell that decide how wide its column is
const FIGURE = /^[-+]?[£$€]?\d{1,3}(?:[ ,.'’]?\d{3})*(?:[.,]\d+)?%?$/u; // which no telephone number is
const NO_NAME = /^[-+£$€\s\d.,/:%]+$/u;

/** Shows a table. */
export class TableView extends SimpleTextView {
  rows = 0;
  #content;
  #isAtEnd = false;

  /**
   * @param {HTMLElement} container
   * @param {Content} content
   */
  constructor(container, content) {
    super(container, element("div", "table__sheet"));
    this.#content = content;
    this.sheet.setAttribute("role", "table");
    this.sheet.setAttribute("aria-label", "Table");
    this.#followEnd();
  }

  /** Fetches and shows the table; settles when the first rows are on the screen. */
  async open() {
    /** @type {Table} */
    const table = JSON.parse(new TextDecoder().decode(await this.#content.whole()));
    const width = table.rows.reduce((most, row) => Math.max(most, row.length), 1);
    const [first, ...below] = table.rows;
    const [names, rows] = first && isHeading(first, below) ? [first, below] : [numbered(width), table.rows];
    this.rows = rows.length;
    this.notes = notesOn(table);
    this.sheet.style.setProperty("--columns", widths(table.rows, width));
    this.sheet.setAttribute("aria-rowcount", String(rows.length + 1));
    this.sheet.setAttribute("aria-colcount", String(width));
    this.sheet.append(group("table__head", [asRow(names, width, 1, "columnheader")]));
    this.#add(rows, width, 0, FIRST_BLOCKS * BLOCK);
    this.#addRest(rows, width, FIRST_BLOCKS * BLOCK);
    this.show();
  }

  /**
   * @param {string[][]} rows
   * @param {number} width
   * @param {number} from
   * @param {number} to
   */
  #add(rows, width, from, to) {
    for (let at = from; at < Math.min(to, rows.length); at += BLOCK) {
      const block = rows.slice(at, at + BLOCK).map((row, index) => asRow(row, width, at + index + 2));
      this.sheet.append(group("table__block", block));
    }
  }

  /**
   * @param {string[][]} rows
   * @param {number} width
   * @param {number} from
   */
  #addRest(rows, width, from) {
    if (from >= rows.length) return;
    setTimeout(() => {
      this.#add(rows, width, from, from + BLOCK);
      this.#addRest(rows, width, from + BLOCK);
    });
  }

  /**
   * Keeps the end in sight after the End key, until somebody scrolls: the browser guesses the height of rows that it
   * did not draw yet, so the end moves.
   */
  #followEnd() {
    const box = this.container;
    const goToEnd = () => {
      box.scrollTop = box.scrollHeight;
    };
    const leave = () => {
      this.#isAtEnd = false;
    };
    box.addEventListener("keydown", (event) => {
      this.#isAtEnd = event.key === "End" && !event.defaultPrevented;
      if (!this.#isAtEnd) return;
      event.preventDefault();
      goToEnd();
    });
    for (const name of ["wheel", "pointerdown", "touchstart"])
      box.addEventListener(name, leave, { passive: true });
    new ResizeObserver(() => {
      if (this.#isAtEnd) goToEnd();
    }).observe(this.sheet);
  }
}

/** @param {Table} table */
function notesOn({ more_rows: rows, more_columns: columns, cut_cells: cells }) {
  const notes = [];
  if (rows)
    notes.push(`This table is very long: its last ${rows.toLocaleString("en-GB")} rows are not shown.`);
  if (columns)
    notes.push(`This table is very wide: its last ${columns.toLocaleString("en-GB")} columns are not shown.`);
  if (cells) notes.push(`${cells.toLocaleString("en-GB")} very long cells are cut short.`);
  return notes;
}

/**
 * Whether the first row looks like the names of the columns: words in every cell, and something below.
 *
 * @param {string[]} first
 * @param {string[][]} below
 */
function isHeading(first, below) {
  return below.length > 0 && first.length > 0 && first.every((cell) => cell.trim() && !NO_NAME.test(cell));
}

/** @param {number} width */
function numbered(width) {
  return Array.from({ length: width }, (_, at) => `Column ${at + 1}`);
}

/**
 * Gives the columns' widths as a style: each as wide as its longest line, between MIN_WIDTH and MAX_WIDTH.
 *
 * @param {string[][]} rows
 * @param {number} width
 */
function widths(rows, width) {
  const longest = Array.from({ length: width }, () => MIN_WIDTH);
  for (const row of rows.slice(0, SAMPLED_ROWS)) {
    for (const [at, cell] of row.entries()) longest[at] = Math.max(longest[at] ?? MIN_WIDTH, lengthOf(cell));
  }
  return longest.map((characters) => `calc(${characters}ch + 2em)`).join(" ");
}

/** @param {string} cell */
function lengthOf(cell) {
  const lines = cell.slice(0, MAX_CELL_SAMPLE).split("\n");
  return Math.min(MAX_WIDTH, Math.max(...lines.map((line) => line.length)));
}

/**
 * @param {string} name
 * @param {HTMLElement[]} rows
 */
function group(name, rows) {
  const made = element("div", name, ...rows);
  made.setAttribute("role", "rowgroup");
  return made;
}

/**
 * @param {string[]} cells
 * @param {number} width
 * @param {number} number of the row, from 1
 * @param {"cell" | "columnheader"} [role]
 */
function asRow(cells, width, number, role = "cell") {
  const row = element("div", "table__row");
  row.setAttribute("role", "row");
  row.setAttribute("aria-rowindex", String(number));
  for (let at = 0; at < width; at += 1) {
    const text = cells[at] ?? "";
    const cell = element("div", role === "cell" && FIGURE.test(text) ? "is-figure" : "", text);
    cell.setAttribute("role", role);
    row.append(cell);
  }
  return row;
}
