import { h } from "./dom.js";

/** What may stand where somebody would be named: a person is not, nor is who or what leads to one. */
const UNNAMED = ["named.sole_trader", "named.withheld"];

/** @param {Naming} shell @param {string} name */
const keyOf = (shell, name) => UNNAMED.find((key) => shell.page.words.fr[key] === name);

/**
 * A name as the page shows it: as its source has it, or the word that stands there, in the language of the page.
 * @param {Naming} shell @param {string} name
 */
export function named(shell, name) {
  const key = keyOf(shell, name);
  return key ? shell.t(key) : name;
}

/**
 * The same as an element that says which language a name is in.
 * @param {Naming} shell @param {string} name
 */
export function nameOf(shell, name) {
  return h("span", { lang: keyOf(shell, name) ? false : "fr" }, named(shell, name));
}

/**
 * The names of some occupants, each once: as a text, and as an element.
 * @param {Naming} shell @param {{occupant: string}[]} rows
 */
export const namesOf = (shell, rows) =>
  once(rows)
    .map((name) => named(shell, name))
    .join(", ");
/** @param {Naming} shell @param {{occupant: string}[]} rows */
export const namesList = (shell, rows) =>
  h("span", {}, ...once(rows).flatMap((name, n) => [n ? ", " : "", nameOf(shell, name)]));

/** @param {{occupant: string}[]} rows */
const once = (rows) => [...new Set(rows.map((row) => row.occupant))];
