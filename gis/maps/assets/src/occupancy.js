/**
 * Who holds a site on a day. The reference is `gis/measures/occupancy.py`; both are tested on the same cases.
 * Days are counts since 1970; `null` is what nobody said.
 */

/** @type {Phase[]} */
export const IN_PLACE = ["in_place"];
/** @type {Phase[]} */
export const TO_COME = ["announced", "lease_signed"];

/**
 * Whether an event has happened by the end of a day: "no", "maybe" or "yes".
 * @param {Bounds} bounds @param {number} day @param {Holds} undated @returns {Holds}
 */
function by([earliest, latest], day, undated) {
  if (earliest === null && latest === null) return undated;
  if (earliest !== null && earliest > day) return "no";
  return latest !== null && latest <= day ? "yes" : "maybe";
}

/**
 * What a tenancy is on a day.
 * @template {Timed} T
 * @param {T} tenancy @param {number} day @returns {T & OnDay}
 */
export function onDay(tenancy, day) {
  const left = tenancy.phase === "left";
  let begun = by(tenancy.from, day, "maybe");
  if (begun === "maybe" && TO_COME.includes(tenancy.phase) && tenancy.from[1] !== null) begun = "yes";
  const ended = by(tenancy.to, day, left ? "maybe" : "no");
  const holds = begun === "no" || ended === "yes" ? "no" : begun === "yes" && ended === "no" ? "yes" : "maybe";
  return {
    ...tenancy,
    phase: left ? "in_place" : tenancy.phase,
    holds,
    begun,
    ended,
    low: holds === "yes" ? tenancy.area_m2[0] : 0,
    high: holds === "no" ? 0 : tenancy.area_m2[1],
  };
}

/**
 * Sum of what is held in some phases, each premises once: what is sure. Square metres.
 * @param {Row[]} rows @param {Phase[]} phases
 */
export function attributed(rows, phases) {
  const areas = new Map();
  for (const row of rows) {
    if (!phases.includes(row.phase) || row.holds === "no") continue;
    areas.set(row.premises, Math.max(areas.get(row.premises) ?? 0, row.low ?? 0));
  }
  return [...areas.values()].reduce((sum, area) => sum + area, 0);
}

/** Ways of knowing a row, from strongest to weakest, as `gis.provenance.Basis`. */
/** @type {Basis[]} */
const BASES = ["surveyed", "digitised", "stated"];

/**
 * What a sum of areas of one kind rests on: the rows it cites, the weakest way they are known, and what is assumed, as
 * the ledger has them.
 * @param {Row[]} rows @param {Phase[]} phases @param {AreaKind} kind @returns {Chain}
 */
export function chain(rows, phases, kind) {
  const there = rows.filter((row) => phases.includes(row.phase) && row.holds !== "no");
  const cited = there.filter((row) => row.area_kind === kind);
  const basis = BASES[Math.max(...cited.map((row) => BASES.indexOf(row.basis)))] ?? "stated";
  const unknown = there.some((row) => row.area_m2[1] === null) ? ["area_unknown"] : [];
  return { rows: cited, basis, assumptions: ["list_incomplete", "premises_once", ...unknown] };
}

/**
 * Which premises somebody in some phases holds, for sure (`sure`) or perhaps, these too (`maybe`).
 * @param {(Timed & OnDay)[]} rows @param {Phase[]} phases @returns {Holding}
 */
export function holding(rows, phases) {
  const there = rows.filter((row) => phases.includes(row.phase) && row.holds !== "no");
  /** @param {Timed[]} among */
  const premises = (among) => new Set(among.map((row) => row.premises));
  return { sure: premises(there.filter((row) => row.holds === "yes")), maybe: premises(there) };
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
 * Values that would be published as this text: half a unit of its last digit either way.
 * @param {string} text @returns {Pair}
 */
export function rounding(text) {
  const plain = text.replace(",", ".");
  const half = 0.5 * 10 ** -(plain.split(".")[1] ?? "").length;
  return [Number(plain) - half, Number(plain) + half];
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
