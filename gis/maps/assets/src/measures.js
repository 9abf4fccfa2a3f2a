import { number, percent } from "./format.js";
import { rangeText } from "./panel.js";

/** What a zone can be measured by: a pair of bounds, or nothing where no source tells. */

/** @param {Bounds | null | undefined} bounds @returns {Pair | null} */
const given = (bounds) => (bounds && bounds[0] !== null ? /** @type {Pair} */ (bounds) : null);
/** @param {Zone} zone @param {AreaKind} kind */
const held = (zone, kind) => {
  const [, low, high] = zone.held.find(([each]) => each === kind) ?? [kind, null, null];
  return given([low, high]);
};
/** @param {FallStep} step @returns {Pair} */
const reaching = ({ ha }) => [ha[LOW], ha[LOW + 1]];
/** @param {number | null} value @returns {Pair | null} */
const twice = (value) => (value === null ? null : [value, value]);

/** @type {Record<string, {unit: "ha" | "share" | "jobs" | "density", of: (zone: Zone) => Pair | null}>} */
export const MEASURES = {
  land: { unit: "ha", of: (zone) => twice(zone.land_ha) },
  held: { unit: "share", of: (zone) => held(zone, "land") },
  available: { unit: "ha", of: (zone) => (zone.fall.length ? reaching(zone.fall[zone.fall.length - 1]) : null) },
  vacancy: { unit: "share", of: (zone) => given(zone.vacancy) },
  premises: { unit: "share", of: (zone) => given(zone.premises?.share) },
  legal: { unit: "share", of: (zone) => given(zone.legal?.rate) },
  jobs: { unit: "jobs", of: (zone) => twice(zone.jobs) },
  density: {
    unit: "density",
    of: (zone) => (zone.jobs === null || !zone.land_ha ? null : twice(zone.jobs / zone.land_ha)),
  },
};

/**
 * The measures that at least one zone has.
 * @param {Zone[]} zones
 */
export function measured(zones) {
  return Object.keys(MEASURES).filter((key) => zones.some((zone) => MEASURES[key].of(zone)));
}

/**
 * What a measure is called: areas are measured where every zone has its shape.
 * @param {Shell<ZonesPage>} shell @param {string} measure
 */
export function measureName(shell, measure) {
  const drawn = measure === "land" && shell.page.zones.every((zone) => zone.land_kind === "measured");
  return shell.t(drawn ? "zones.measure.measured" : `zones.measure.${measure}`);
}

/**
 * One value of a measure in words.
 * @param {Shell<ZonesPage>} shell @param {string} measure @param {number} value
 */
export function valueText(shell, measure, value) {
  const { lang, t } = shell;
  const { unit } = MEASURES[measure];
  if (unit === "share") return percent(value, lang);
  if (unit === "jobs") return number(value, lang);
  return `${number(value, lang, 1)}\u202f${unit === "ha" ? "ha" : t("unit.jobs_per_ha")}`;
}

/**
 * A measure of a zone in words, both bounds where they differ.
 * @param {Shell<ZonesPage>} shell @param {Zone} zone @param {string} measure
 */
export function told(shell, zone, measure) {
  const pair = MEASURES[measure].of(zone);
  if (!pair) return shell.t("zones.measure.none");
  return rangeText(shell, valueText(shell, measure, pair[0]), valueText(shell, measure, pair[1]));
}

/**
 * Limits of up to four classes of about equal numbers, each a round number.
 * @param {number[]} values
 */
export function classes(values) {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  if (sorted.length < 2) return [];
  const limits = [0.25, 0.5, 0.75]
    .map((part) => sorted[Math.min(Math.floor(part * sorted.length), sorted.length - 1)])
    .map(round);
  return [...new Set(limits)].filter((limit) => limit > sorted[0] && limit <= sorted[sorted.length - 1]);
}

/** @param {number} value */
function round(value) {
  if (value <= 0) return value;
  const power = 10 ** Math.floor(Math.log10(value));
  return Math.floor((2 * value) / power) * (power / 2) || value;
}

/**
 * Add up the falls of several zones, step by step. Ground that two of them share counts twice in the sum of what
 * reaches a step, which is the most: the least is without it, and no less than what one of them has.
 * @param {Zone[]} zones @param {Shared[]} [shared] @returns {FallStep[]}
 */
export function fallOf(zones, shared = []) {
  const known = zones.filter((zone) => zone.fall.length);
  if (!known.length) return [];
  const doubled = sharedBy(known, shared);
  return known[0].fall.map(({ step }, n) => {
    const ha = known[0].fall[n].ha.map((_, column) => known.reduce((sum, zone) => sum + zone.fall[n].ha[column], 0));
    ha[LOW] = Math.min(ha[LOW], Math.max(ha[LOW] - doubled, ...known.map((zone) => zone.fall[n].ha[LOW])));
    return { step, ha };
  });
}

/** Where the hectares stand that are sure to reach a step. */
const LOW = 3;

/**
 * The hectares that pairs of zones share: what a sum over them counts twice, at most.
 * @param {Zone[]} zones @param {Shared[]} shared
 */
export function sharedBy(zones, shared) {
  const ids = new Set(zones.map(({ id }) => id));
  return shared.reduce((sum, [one, other, ha]) => (ids.has(one) && ids.has(other) ? sum + ha : sum), 0);
}
