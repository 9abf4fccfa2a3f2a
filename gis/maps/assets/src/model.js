import { toDay } from "./format.js";
import { IN_PLACE, TO_COME, attributed, chain, held, holding, neededBase, onDay, rounding } from "./occupancy.js";

/** Kinds of areas, in the order of `gis.schemas.AreaKind`. */
/** @type {AreaKind[]} */
const KINDS = ["land", "footprint", "floor", "not_said"];

/** @type {Bounds} */
const NOBODY_SAID = [null, null];

/** @param {string | null} iso */
const dayOf = (iso) => (iso ? toDay(iso) : null);

/**
 * Everything the page of a site shows, from its rows, the day and the values chosen: computed again for each of them.
 * @param {SitePage} page @param {Claims} claims @param {Choice} choice @returns {Now}
 */
export function compute(page, claims, { day: chosenDay, variants }) {
  /** @param {[string | null, string | null]} bounds @returns {Bounds} */
  const days = ([first, last]) => [dayOf(first), dayOf(last)];
  const opening = toDay(page.at);
  const day = chosenDay ? Math.min(Math.max(toDay(chosenDay), toDay(page.from)), toDay(page.to)) : opening;
  const tenancies = page.tenancies.map((tenancy) => {
    const row = {
      ...tenancy,
      from: days(tenancy.from),
      to: days(tenancy.to),
      key: `tenancies/${tenancy.id}`,
      shape: `premises/${tenancy.premises}`,
    };
    for (const [quantity, stated] of Object.entries(tenancy.states)) {
      const of = `tenancies/${tenancy.id}/${quantity}`;
      if (!(of in variants) || variants[of] === stated.chosen) continue;
      apply(row, quantity, claims.get(variants[of]));
    }
    return row;
  });
  const land = page.site.states.land_ha;
  const landOf = land && `sites/${page.site.id}/land_ha`;
  const landClaim = landOf && landOf in variants ? claims.get(variants[landOf]) : null;
  const land_m2 = landClaim?.m2 ? landClaim.m2[0] : (page.site.land_m2 ?? page.site.measured_m2);
  const said = KINDS.filter((kind) => tenancies.some((row) => row.area_kind === kind && row.area_m2[0] !== null));
  const kinds = said.length ? said : /** @type {AreaKind[]} */ (["not_said"]);
  /** @param {number} when */
  const at = (when) => {
    const rows = tenancies.map((tenancy) => onDay(tenancy, when));
    const sums = kinds.map((kind) => {
      const own = rows.filter((row) => row.area_kind === kind);
      return {
        kind,
        there: own.some((row) => row.holds !== "no"),
        in_place_m2: attributed(own, IN_PLACE),
        with_m2: attributed(own, [...IN_PLACE, ...TO_COME]),
        to_come_m2: attributed(own, TO_COME),
        chain: chain(rows, IN_PLACE, kind),
      };
    });
    // Kinds are never added up: the page speaks of the one of which most is held, then of the others.
    sums.sort((a, b) => b.in_place_m2 - a.in_place_m2 || b.with_m2 - a.with_m2);
    return { rows, sums, ...sums[0] };
  };
  const now = at(day);
  const inside = (page.held?.inside ?? []).map((hold) =>
    onDay({ ...hold, from: days(hold.from), to: days(hold.to), area_m2: NOBODY_SAID }, day),
  );
  return {
    ...now,
    day,
    tenancies,
    landOf,
    land_m2,
    /** Of the land, at most this is attributed to nobody in place. */
    rest_m2:
      land_m2 === null
        ? null
        : Math.max(land_m2 - (now.sums.find(({ kind }) => kinds.length === 1 || kind === "land")?.in_place_m2 ?? 0), 0),
    measured: page.site.measured_m2 !== null,
    /** Whether a source gives the area of any occupant, whatever the day: else 0 is what nobody said. */
    said: tenancies.some(({ area_m2: [low] }) => low !== null) || page.site.said,
    mixed: kinds.length > 1,
    bases: page.bases.flatMap((base) =>
      now.sums
        .filter(({ kind, there }) => ownKind(base.kind, kind, kinds) && (kinds.length === 1 || there))
        .map((sum) => ({
          ...base,
          ...sum,
          kind: base.kind,
          share: sum.in_place_m2 / base.m2,
          share_with: sum.with_m2 / base.m2,
        })),
    ),
    held: page.held && heldOn(page.held.kinds, [...now.rows, ...inside]),
    vacant: page.vacant.filter(({ since, as_of }) => day >= toDay(since ?? as_of ?? page.from)),
    /** The base that a published share would need, for the end of the period it is said of. */
    needs: (claim) => {
      const when = /^\d{4}-\d{2}$/.test(claim.as_of) && page.at.startsWith(claim.as_of) ? at(opening) : null;
      if (!when || !claim.found || claim.unit !== "%") return null;
      const share = rounding(claim.value);
      const [without, both] = [neededBase(when.in_place_m2, share), neededBase(when.with_m2, share)];
      return without && both && { without, with: both, kind: when.kind };
    },
  };
}

/**
 * What is held of each kind, alone and with those to come, and how many premises with a floor area nobody holds.
 * @param {HeldKind[]} kinds @param {(Timed & OnDay)[]} rows @returns {Held}
 */
function heldOn(kinds, rows) {
  const alone = holding(rows, IN_PLACE);
  const both = holding(rows, [...IN_PLACE, ...TO_COME]);
  const rooms = kinds.filter(({ kind }) => kind === "floor").flatMap(({ low }) => low.map(({ id }) => id));
  /** @param {Set<string>} premises */
  const outside = (premises) => rooms.filter((room) => !room.split("|").some((key) => premises.has(key))).length;
  // Where no source names anybody in these phases, whatever the day, nobody has said who holds the site.
  /** @param {Phase[]} phases */
  const told = (phases) => rows.some(({ phase }) => phases.includes(phase));
  /** @param {Phase[]} phases @param {Holding} given @param {HeldKind} given @returns {Pair} */
  const between = (phases, { sure, maybe }, { low, high, base_m2 }) =>
    told(phases) ? [held(low, sure), held(high, maybe)] : [0, base_m2];
  return {
    kinds: kinds.map((each) => ({
      kind: each.kind,
      base_m2: each.base_m2,
      in_place: between(IN_PLACE, alone, each),
      with_to_come: between([...IN_PLACE, ...TO_COME], both, each),
    })),
    premises: rooms.length,
    empty: [told([...IN_PLACE, ...TO_COME]) ? outside(both.maybe) : 0, outside(alone.sure)],
  };
}

/**
 * Whether areas of a kind may be divided by a base: one of their kind, or any where no kind is said.
 * @param {SiteBase["kind"]} base @param {AreaKind} kind @param {AreaKind[]} kinds
 */
function ownKind(base, kind, kinds) {
  return base === kind || (base === "measured" && kind === "land") || (kinds.length === 1 && kind === "not_said");
}

/**
 * Write the value that a claim states into a row; no claim is unknown.
 * @param {Tenancy} row @param {string} quantity @param {Claim | undefined} claim
 */
function apply(row, quantity, claim) {
  if (quantity === "area_m2") {
    row.area_m2 = claim?.m2 ?? NOBODY_SAID;
    if (claim) Object.assign(row, { source: claim.source, page: claim.page, basis: claim.basis });
  }
  if (quantity === "from" || quantity === "to")
    row[quantity] = claim ? [dayOf(claim.date[0]), dayOf(claim.date[1])] : NOBODY_SAID;
  if (quantity === "phase" && claim) row.phase = /** @type {Phase} */ (claim.value);
  if (quantity === "jobs_now" || quantity === "jobs_planned") row[quantity] = claim?.low ?? null;
}
