/** Blanks, control signs and signs without width. */
const UNSEEN =
  "\\u034f\\u17b4\\u17b5\\ufe00-\\ufe0f\\u180b-\\u180e\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u061c\\u115f\\u1160" +
  "\\u1680\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufeff\\uffa0";

/** What begins a formula: ASCII, full-width and small forms; a tab or a carriage return before the text. */
const FORMULA = new RegExp(
  `^'*[${UNSEEN}]*[=+\\-@\\t\\r\\uff1d\\uff0b\\uff0d\\uff20\\ufe66\\ufe62\\ufe63\\ufe6b]`,
  "u",
);

/** A plain number, which a spreadsheet reads as one. */
const NUMBER = /^-?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?$/;

/**
 * The text of a cell that no spreadsheet runs: the rule of `gis/spreadsheets.py`, on the cases of
 * `tests/data/csv_cells.json`.
 * @param {string} text
 */
export const harmless = (text) => (FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text);
