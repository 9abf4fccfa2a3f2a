/** A plain number, which a spreadsheet reads as one. */
const NUMBER = /^[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?$/;

/** What a spreadsheet takes for the beginning of a formula, after what it passes over: blanks, controls, what has no width. */
const FORMULA = /^[\p{Z}\p{Cc}\p{Cf}]*[=+\-@＝＋－＠\t\r]/u;

/** The text of a cell, with an apostrophe before what a spreadsheet would run. Its cases are those of `tests/data/csv_cells.json`. */
export const harmless = (text) => (FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text);
