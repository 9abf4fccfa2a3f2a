/**
 * What is asked of plots and premises, and the answer of each: `oui`, `non` or `inconnu`. The rules are those of
 * `gis/measures/find.py`: a no decides, an unknown leaves a maybe, and nothing unknown is ever read as no.
 */

import { letters } from "./folding.js";
import { NO, UNKNOWN, YES, answerOf, every } from "./three_valued.js";

/** Square metre that an area may fall short, in hectares: the area of a shape is true to its last digits. */
const AREA_SLACK = 0.01 / 10_000;

const NUMBER = /^(\d{1,3}(\s\d{3})+|\d+)([.,]\d*)?$|^[.,]\d+$/;

/**
 * A number as a reader writes it, with spaces between its thousands or not; nothing is null, nor what is no number.
 * @param {string | undefined} text @returns {number | null}
 */
export function asked(text) {
  const said = String(text ?? "").trim();
  return NUMBER.test(said) ? Number(said.replace(/\s/g, "").replace(",", ".")) : null;
}

/**
 * Whether a reader wrote something that is no number.
 * @param {string | undefined} text
 */
export const isUnread = (text) => Boolean(text?.trim()) && asked(text) === null;

/**
 * @param {number | null | undefined} value @param {number | null} low @param {number | null} high
 * @param {number} [slack]
 * @returns {Answer}
 */
function between(value, low, high, slack = 0) {
  if (value === null || value === undefined) return UNKNOWN;
  return answerOf((low === null || value >= low - slack) && (high === null || value <= high + slack));
}

/**
 * A list as the address has it: words of the CNIG standard hold commas.
 * @param {string | undefined} text
 */
export const words = (text) => (text ?? "").split("|").filter(Boolean);

/**
 * Whether a row is in a commune: as it was decided when the page was made.
 * @param {Offer} given @param {string} commune
 */
const isIn = ({ in: [there, elsewhere] }, commune) => there[commune] ?? elsewhere;

/**
 * Whether one of the words that a plot is meant for holds one of those asked.
 * @param {Plot} row @param {string[]} vocations @returns {Answer}
 */
function meantFor(row, vocations) {
  if (!row.meant_for.length) return UNKNOWN;
  return answerOf(row.meant_for.some((word) => vocations.some((each) => letters(word).includes(letters(each)))));
}

/**
 * Whether a rectangle fits, by where it does: null for nowhere, undefined where that is not known.
 * @param {MaybePlaced} placement
 */
export const fits = (placement) => answerOf(placement === undefined ? null : placement !== null);

/**
 * What is asked of a place, of plots and premises alike.
 * @param {Filters} filters @param {Record<string, OfferSite>} sites @returns {Criterion[]}
 */
function ofThePlace(filters, sites) {
  /** @type {Criterion[]} */
  const found = [];
  const networks = words(filters.net);
  if (networks.length)
    found.push({
      name: "networks",
      of: (row) => every(row.sites.flatMap((site) => networks.map((name) => sites[site].networks[name]))),
    });
  if (asked(filters.kw) !== null)
    found.push({ name: "power", of: (row) => between(row.power, asked(filters.kw), null) });
  for (const [key, kind] of [
    ["km", "motorway_exit"],
    ["st", "station"],
  ])
    if (asked(filters[key]) !== null)
      found.push({ name: kind, of: (row) => between(row.km[kind]?.[0], null, asked(filters[key])) });
  return found;
}

/**
 * @param {Filters} filters
 * @param {{sites: Record<string, OfferSite>, placed: (row: Plot) => MaybePlaced}} setting
 * `placed`: where the rectangle fits, null for nowhere, undefined where that is not known
 * @returns {Criterion<Plot>[]}
 */
export function plotCriteria(filters, { sites, placed }) {
  /** @type {Criterion<Plot>[]} */
  const found = [{ name: "available", of: (row) => row.available }];
  const [low, high] = [asked(filters.min), asked(filters.max)];
  if (low !== null || high !== null) found.push({ name: "ha", of: (row) => between(row.ha, low, high, AREA_SLACK) });
  if (rectangle(filters)) found.push({ name: "fit", of: (row) => fits(placed(row)) });
  if (filters.serv) found.push({ name: "serviced", of: (row) => row.serviced });
  found.push(...ofThePlace(filters, sites));
  const vocations = words(filters.voc);
  if (vocations.length) found.push({ name: "vocation", of: (row) => meantFor(row, vocations) });
  if (filters.commune) found.push({ name: "commune", of: (row) => isIn(row, filters.commune) });
  if (asked(filters.price) !== null)
    found.push({
      name: "price",
      of: (row) => every(row.price.map((price) => between(price, null, asked(filters.price)))),
    });
  return found;
}

/**
 * @param {Filters} filters
 * @param {{sites: Record<string, OfferSite>}} setting
 * @returns {Criterion<Premises>[]}
 */
export function roomCriteria(filters, { sites }) {
  /** @type {Criterion<Premises>[]} */
  const found = [{ name: "available", of: (row) => row.available }];
  const [low, high] = [asked(filters.floor), asked(filters.floorx)];
  if (low !== null || high !== null) found.push({ name: "floor", of: (row) => between(row.floor, low, high) });
  if (asked(filters.h) !== null)
    found.push({ name: "height", of: (row) => between(row.height, asked(filters.h), null) });
  if (filters.docks) found.push({ name: "docks", of: (row) => between(row.docks, 1, null) });
  found.push(...ofThePlace(filters, sites));
  if (filters.commune) found.push({ name: "commune", of: (row) => isIn(row, filters.commune) });
  if (asked(filters.price) !== null)
    found.push({ name: "rent", of: (row) => between(row.price, null, asked(filters.price)) });
  return found;
}

/**
 * The rectangle that is asked for: its sides and the setback; nothing if it has no sides.
 * @param {Filters} filters @returns {Rectangle | null}
 */
export function rectangle(filters) {
  const [a, b] = [asked(filters.a), asked(filters.b)];
  return a && b ? { a, b, setback: asked(filters.sb) ?? 0 } : null;
}

/**
 * Put rows to the criteria.
 * @template {Offer} Offered
 * @param {Offered[]} rows
 * @param {Criterion<Offered>[]} criteria
 * @returns {Found<Offered>}
 */
export function search(rows, criteria) {
  const answers = rows.map((row) => criteria.map((criterion) => criterion.of(row)));
  const left = rows.map(() => true);
  const eliminations = criteria.map(({ name }, n) => {
    let [alone, inSequence] = [0, 0];
    answers.forEach((row, k) => {
      if (row[n] !== NO) return;
      alone += 1;
      if (left[k]) inSequence += 1;
      left[k] = false;
    });
    return { name, alone, inSequence, unknown: answers.filter((row) => row[n] === UNKNOWN).length };
  });
  const joined = answers.map(every);
  return {
    rows: (answer) => rows.filter((_, k) => joined[k] === answer),
    says: (row, answer) => {
      const k = rows.indexOf(row);
      return k < 0 ? [] : criteria.filter((_, n) => answers[k][n] === answer).map(({ name }) => name);
    },
    eliminations,
  };
}

/**
 * How many rows would be found if this were asked in the place of what is asked now.
 * @template {Offer} Offered
 * @param {Offered[]} rows
 * @param {CriteriaOf<Offered>} criteriaOf
 * @param {Filters} filters
 */
export function countWith(rows, criteriaOf, filters) {
  const criteria = criteriaOf(filters);
  return rows.filter((row) => criteria.every((criterion) => criterion.of(row) === YES)).length;
}

/**
 * How many rows remain by size when all but the size is asked, and how many of them are of the size asked.
 * @template {Offer} Offered
 * @param {Offered[]} rows
 * @param {CriteriaOf<Offered>} criteriaOf
 * @param {Filters} filters
 * @param {Sizes} size
 */
export function histogram(rows, criteriaOf, filters, { of, keys: [min, max], limits }) {
  const others = criteriaOf({ ...filters, [min]: "", [max]: "" });
  const all = criteriaOf(filters);
  const bars = limits.map((from, n) => ({ from, to: limits[n + 1] ?? null, count: 0, within: 0 }));
  let silent = 0;
  for (const row of rows) {
    if (!others.every((criterion) => criterion.of(row) === YES)) continue;
    const value = of(row);
    if (value === null) {
      silent += 1;
      continue;
    }
    const bar = bars[limits.filter((from) => from <= value).length - 1];
    bar.count += 1;
    if (all.every((criterion) => criterion.of(row) === YES)) bar.within += 1;
  }
  return { bars, silent };
}
