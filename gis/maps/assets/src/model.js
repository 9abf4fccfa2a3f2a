import { toDay } from "./format.js";
import { ALL, IN_PLACE, TO_COME, attributed, chain, held, holding, neededBase, onDay } from "./occupancy.js";
import { NO } from "./three_valued.js";

/** Kinds of areas, in the order of `gis.schemas.AreaKind`. */
/** @type {AreaKind[]} */
const KINDS = ["land", "footprint", "floor", "not_said"];

/** @type {Bounds} */
const NOBODY_SAID = [null, null];
/** @type {DayBounds} */
const NO_DAY = [null, null];

/**
 * Everything the page of a site shows, from its rows, the day and the values chosen: computed again for each of them.
 * @param {SitePage} page @param {Claims} claims @param {Choice} choice @returns {Now}
 */
export function compute(page, claims, { day: chosenDay, variants }) {
  const opening = toDay(page.at);
  const day = chosenDay ? Math.min(Math.max(toDay(chosenDay), toDay(page.from)), toDay(page.to)) : opening;
  const tenancies = page.tenancies.map((tenancy) => withChoices(tenancy, claims, variants));
  const land = page.site.states.land_ha;
  const landOf = land && `sites/${page.site.id}/land_ha`;
  const landChoice = land && choiceOf(variants, landOf, land);
  const landClaim = land && landChoice !== land.chosen ? claims.get(landChoice) : null;
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
        there: own.some((row) => row.present !== NO),
        in_place_m2: attributed(own, IN_PLACE),
        with_m2: attributed(own, ALL),
        to_come_m2: attributed(own, TO_COME),
        chain: chain(rows, IN_PLACE, kind),
      };
    });
    // Kinds are never added up: the page speaks of the one of which most is held, then of the others.
    sums.sort((a, b) => b.in_place_m2 - a.in_place_m2 || b.with_m2 - a.with_m2);
    return { rows, sums, ...sums[0] };
  };
  const now = at(day);
  const inside = (page.held?.inside ?? []).map((hold) => onDay({ ...hold, area_m2: NOBODY_SAID }, day));
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
    held: page.held && heldOn(page.held, [...now.rows, ...inside]),
    vacancy: page.vacancy && page.held && emptyOn(page.vacancy, page.held.kinds, now.rows, day),
    vacant: page.vacant.filter(({ seen_from }) => day >= toDay(seen_from)),
    /** The base that a published share would need, for the end of the period it is said of. */
    needs: (claim) => {
      const { share } = claim;
      if (!share) return null;
      const when = at(opening);
      const [without, both] = [neededBase(when.in_place_m2, share), neededBase(when.with_m2, share)];
      return without && both && { without, with: both, kind: when.kind };
    },
  };
}

/**
 * What is held of each kind, alone and with those to come, each with the rows that it rests on.
 * @param {ShippedHeld} shipped @param {Present[]} rows @returns {Held}
 */
function heldOn(shipped, rows) {
  const order = new Map(shipped.order.map((id, n) => [id, n]));
  /** @param {Present} row */
  const place = ({ id }) => /** @type {number} */ (order.get(id));
  const all = [...rows].sort((a, b) => place(a) - place(b));
  /** @param {HeldKind} each @param {CountsAs[]} phases @returns {HeldSum} */
  const sum = (each, phases) => ({
    bounds: heldBetween(each, all, phases),
    chain: heldChain(shipped, each, all, phases),
  });
  return {
    kinds: shipped.kinds.map((each) => ({
      kind: each.kind,
      base_m2: each.base_m2,
      whole: each.whole,
      in_place: sum(each, IN_PLACE),
      with_to_come: sum(each, ALL),
    })),
  };
}

/**
 * Where no source names anybody in these phases, whatever the day, nobody has said who holds the site.
 * @param {Present[]} rows @param {CountsAs[]} phases
 */
const isTold = (rows, phases) => rows.some(({ counts_as }) => phases.includes(counts_as));

/**
 * What is held of one kind: at least and at most, in square metres.
 * @param {HeldKind} kind @param {Present[]} rows @param {CountsAs[]} phases @returns {Pair}
 */
function heldBetween({ low, high, base_m2 }, rows, phases) {
  const { sure, maybe } = holding(rows, phases);
  return isTold(rows, phases) ? [held(low, sure), held(high, maybe)] : [0, base_m2];
}

/**
 * The rows that what is held of one kind rests on, as `gis.measures.occupied_areas.held_figures` cites them.
 * @param {ShippedHeld} shipped @param {HeldKind} kind @param {Present[]} rows @param {CountsAs[]} phases
 * @returns {HeldChain}
 */
function heldChain({ told, untold }, { under, whole, assumptions }, rows, phases) {
  const there = rows.filter((row) => phases.includes(row.counts_as) && row.present !== NO && row.premises in under);
  const premises = [...new Set(there.map((row) => row.premises))];
  const terrains = [...new Set(premises.flatMap((key) => under[key]))].sort();
  if (!there.length && !isTold(rows, phases))
    return { tenancies: [], rows: whole, assumptions: [untold, ...assumptions] };
  const tenancies = there.length ? there : rows;
  return {
    tenancies,
    rows: [...tenancies.map(({ id }) => `tenancies/${id}`), ...premises.map((key) => `premises/${key}`), ...terrains],
    assumptions: [isTold(rows, phases) ? told : untold, ...assumptions],
  };
}

/**
 * The premises that nobody holds on a day, for sure and perhaps, beside all of them: how many, and their floors.
 * @param {ShippedVacancy} vacancy @param {HeldKind[]} kinds @param {Row[]} rows @param {number} day
 * @returns {EmptyPremises}
 */
function emptyOn(vacancy, kinds, rows, day) {
  const floors = new Map(
    kinds.filter(({ kind }) => kind === "floor").flatMap(({ low }) => low.map((p) => [p.id, p.m2])),
  );
  const taken = holding(rows, ALL).maybe;
  const surely = holding(rows, IN_PLACE).sure;
  /** @param {Set<string>} premises */
  const free = (premises) => vacancy.rooms.filter(({ id }) => !id.split("|").some((key) => premises.has(key)));
  /** @param {VacantRoom} room */
  const isSaid = ({ since }) => vacancy.told || (since !== null && toDay(since) <= day);
  /** @param {VacantRoom[]} rooms */
  const total = (rooms) => rooms.reduce((sum, { id }) => sum + (floors.get(id) ?? 0), 0);
  const [sure, maybe] = [free(taken).filter(isSaid), free(surely)];
  return {
    all: vacancy.rooms.length,
    empty: [sure.length, maybe.length],
    floor_m2: total(vacancy.rooms),
    empty_m2: [total(sure), total(maybe)],
    chain: {
      rows: vacancy.rows,
      basis: vacancy.basis,
      assumptions: [...vacancy.assumptions, ...(sure.length < maybe.length ? [vacancy.promised] : [])],
    },
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
 * The claim that is chosen for a value: the one that the page opens with, or another that states it, or "" for none.
 * @param {Record<string, string>} variants @param {string} of @param {Stated} stated
 */
export function choiceOf(variants, of, { chosen, claims }) {
  const other = variants[of];
  return other !== undefined && ["", ...claims].includes(other) ? other : chosen;
}

/**
 * A tenancy with the values that are chosen of it, and the steps that it has with these.
 * @param {ShippedTenancy} tenancy @param {Claims} claims @param {Record<string, string>} variants @returns {Tenancy}
 */
function withChoices(tenancy, claims, variants) {
  const row = { ...tenancy, key: `tenancies/${tenancy.id}`, shape: `premises/${tenancy.premises}` };
  /** @type {Record<string, string>} */
  const chosen = {};
  for (const [quantity, stated] of Object.entries(tenancy.states)) {
    chosen[quantity] = choiceOf(variants, `tenancies/${tenancy.id}/${quantity}`, stated);
    if (chosen[quantity] !== stated.chosen) apply(row, quantity, claims.get(chosen[quantity]));
  }
  /** @param {ChosenPresence} choice */
  const isChosen = (choice) => Object.entries(choice.chosen).every(([quantity, claim]) => chosen[quantity] === claim);
  const { told_as, to_come, steps } = tenancy.choices.find(isChosen) ?? tenancy;
  return { ...row, told_as, to_come, steps };
}

/**
 * Write the value that a claim states into a row; no claim is unknown. When it holds, `choices` say.
 * @param {Tenancy} row @param {string} quantity @param {Claim | undefined} claim
 */
function apply(row, quantity, claim) {
  if (quantity === "area_m2") {
    row.area_m2 = claim?.m2 ?? NOBODY_SAID;
    if (claim) Object.assign(row, { source: claim.source, page: claim.page });
  }
  if (quantity === "from" || quantity === "to") row[quantity] = claim?.date ?? NO_DAY;
  if (quantity === "jobs_now" || quantity === "jobs_planned") row[quantity] = claim?.low ?? null;
}
