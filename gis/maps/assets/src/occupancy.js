import { weakest } from "./chains.js";
import { toDay } from "./format.js";
import { NO, YES } from "./three_valued.js";

/**
 * Who holds a site on a day. Python says of each tenancy on which days it changes whether it holds, and whether it
 * counts as to come (`gis/measures/presence.py`): here a day is looked up, and areas are added. Both are tested on the
 * same cases. Days are counts since 1970; `null` is what nobody said.
 */

/** @type {CountsAs} */
const HERE = "in_place";
/** @type {CountsAs} */
const COMING = "to_come";
export const IN_PLACE = [HERE];
export const ALL = [HERE, COMING];
export const TO_COME = [COMING];

/**
 * The steps of a tenancy that have come by a day, the last of them the one that holds.
 * @param {Steps} steps @param {number} day
 */
const come = (steps, day) => steps.filter(([from]) => from === null || toDay(from) <= day);

/**
 * What a tenancy is on a day; `ahead` where it has not begun.
 * @template {Timed} T
 * @param {T} tenancy @param {number} day @returns {T & OnDay}
 */
export function onDay(tenancy, day) {
  const steps = come(tenancy.steps, day);
  const present = steps[steps.length - 1][1];
  return {
    ...tenancy,
    counts_as: tenancy.to_come ? COMING : HERE,
    present,
    ahead: present === NO && steps.length === 1,
    low: present === YES ? tenancy.area_m2[0] : 0,
    high: present === NO ? 0 : tenancy.area_m2[1],
  };
}

/**
 * Sum of what is held in some phases, each premises once: what is sure. Square metres.
 * @param {Row[]} rows @param {CountsAs[]} phases
 */
export function attributed(rows, phases) {
  const areas = new Map();
  for (const row of rows) {
    if (!phases.includes(row.counts_as) || row.present === NO) continue;
    areas.set(row.premises, Math.max(areas.get(row.premises) ?? 0, row.low ?? 0));
  }
  return [...areas.values()].reduce((sum, area) => sum + area, 0);
}

/**
 * What a sum of areas of one kind rests on: the rows it cites, the weakest way they are known, and what is assumed, as
 * the ledger has them.
 * @param {Row[]} rows @param {CountsAs[]} phases @param {AreaKind} kind @returns {AttributedChain}
 */
export function chain(rows, phases, kind) {
  const there = rows.filter((row) => phases.includes(row.counts_as) && row.present !== NO);
  const cited = there.filter((row) => row.area_kind === kind);
  const basis = weakest(cited.map((row) => row.basis));
  const unknown = there.some((row) => row.area_m2[1] === null) ? ["area_unknown"] : [];
  return { rows: cited, basis, assumptions: ["list_incomplete", "premises_once", ...unknown] };
}

/**
 * Which premises somebody in some phases holds, for sure (`sure`) or perhaps, these too (`maybe`).
 * @param {(Timed & OnDay)[]} rows @param {CountsAs[]} phases @returns {Holding}
 */
export function holding(rows, phases) {
  const there = rows.filter((row) => phases.includes(row.counts_as) && row.present !== NO);
  /** @param {Timed[]} among */
  const premises = (among) => new Set(among.map((row) => row.premises));
  return { sure: premises(there.filter((row) => row.present === YES)), maybe: premises(there) };
}

/**
 * Square metres of the pieces that some premises hold: each piece once, whichever of its premises is held.
 * @param {Piece[]} pieces @param {Set<string>} premises
 */
export function held(pieces, premises) {
  const own = pieces.filter(({ id }) => id.split("|").some((key) => premises.has(key)));
  return own.reduce((sum, { m2 }) => sum + m2, 0);
}

/**
 * The area that a share in percent would have to be of: [low, high]; nothing for a share that may be nothing, or where
 * no area is known.
 * @param {number} m2
 * @param {Pair} share
 * @returns {Pair | null}
 */
export function neededBase(m2, [low, high]) {
  if (low <= 0 || !m2) return null;
  return [m2 / (high / 100), m2 / (low / 100)];
}
