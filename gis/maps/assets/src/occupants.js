import { claimValue } from "./claims.js";
import { h } from "./dom.js";
import { date, number, span, toIso } from "./format.js";
import { nameOf, namesOf } from "./names.js";
import { choiceOf } from "./model.js";
import { NO, UNKNOWN, YES } from "./three_valued.js";

/** The occupants of a site as a table: who they are, since when, and every value published of them. */

/**
 * @param {Shell<SitePage>} shell @param {State} state @param {Now} now @param {Claims} claims
 * @param {SiteActions} actions @param {Child[]} rest
 */
export function occupants(shell, state, now, claims, actions, rest) {
  const { t, lang } = shell;
  const order = [YES, UNKNOWN, NO];
  /** @param {Row} row */
  const late = (row) => (row.to_come ? 1 : 0);
  const rows = [...now.rows].sort(
    (a, b) =>
      order.indexOf(a.present) - order.indexOf(b.present) ||
      late(a) - late(b) ||
      (b.area_m2[0] ?? -1) - (a.area_m2[0] ?? -1) ||
      (a.id < b.id ? -1 : 1),
  );
  const here = rows.filter((row) => row.present !== NO);
  const others = rows.filter((row) => row.present === NO);
  /** @param {Row[]} list */
  const table = (list) =>
    h(
      "table",
      {},
      h("caption", { class: "hidden" }, t("site.table.caption", { date: date(toIso(now.day), lang) })),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, t("site.table.occupant")),
          h("th", { scope: "col" }, t("site.table.since")),
          h("th", { scope: "col", class: "right" }, t("site.table.area")),
        ),
      ),
      ...list.map((row) => occupantRow(shell, state, row, claims, actions)),
      ...(list === here ? rest : []),
    );
  return h(
    "div",
    { class: "occupants" },
    table(here),
    others.length
      ? h(
          "details",
          { id: "others", class: "fold" },
          h("summary", {}, t("site.others", { who: namesOf(shell, others) })),
          table(others),
        )
      : null,
  );
}

/**
 * @param {Shell<SitePage>} shell @param {State} state @param {Row} row @param {Claims} claims
 * @param {SiteActions} actions
 */
function occupantRow(shell, state, row, claims, actions) {
  const { t, lang } = shell;
  const since = span(row.from[0], row.from[1], lang, t) || t("site.undated");
  const size = row.area_m2[0] === null ? t("site.unknown") : number(row.area_m2[0], lang);
  const counts = Object.values(row.states).map(
    (stated) => new Set(stated.claims.map((id) => claims.get(id)?.value)).size,
  );
  const disputed = counts.some((n) => n > 1);
  const tag =
    row.present === UNKNOWN
      ? t("site.maybe")
      : row.present === NO
        ? t(row.ahead ? "site.not_yet" : "site.gone")
        : row.to_come
          ? t(`phase.${row.told_as}`)
          : "";
  const look = `key ${row.area_m2[0] === null ? "circle" : row.to_come ? "dashed" : ""}`;
  const areas = row.states.area_m2 ? new Set(row.states.area_m2.claims.map((id) => claims.get(id)?.value)).size : 0;
  return h(
    "tbody",
    {},
    h(
      "tr",
      {
        "data-who": row.who,
        "data-tenancy": row.id,
        "data-m2": row.area_m2[0] ?? "",
        "data-present": row.present,
        onmouseenter: () => actions.mark(row.who),
        onmouseleave: () => actions.mark(""),
      },
      h(
        "th",
        { scope: "row" },
        h(
          "button",
          {
            type: "button",
            class: "name",
            id: `pick-${row.id}`,
            "aria-pressed": String(state.get().selected === row.who),
            onclick: () => actions.pick(row.who),
          },
          h("i", { class: look, "--c": row.fill }),
          nameOf(shell, row.occupant),
        ),
        tag ? h("span", { class: "tag" }, tag) : null,
      ),
      h("td", {}, since),
      h("td", { class: "right" }, size),
    ),
    h(
      "tr",
      { class: "more" },
      h(
        "td",
        { colspan: 3 },
        h(
          "details",
          { id: `more-${row.id}`, class: "small" },
          h(
            "summary",
            {},
            row.activity[lang],
            areas > 1
              ? h("span", { class: "count" }, shell.plural("site.variants", areas))
              : disputed
                ? h("span", { class: "count" }, "▾")
                : null,
          ),
          occupantMore(shell, state, row, claims),
        ),
      ),
    ),
  );
}

/** @param {Shell<SitePage>} shell @param {State} state @param {Row} row @param {Claims} claims */
function occupantMore(shell, state, row, claims) {
  const { t, lang } = shell;
  /** @param {"from" | "to"} key */
  const whole = (key) => {
    const [first, last] = row[key];
    return first && last && first !== last
      ? t("date.between", { first: date(first, lang), last: date(last, lang) })
      : span(first, last, lang, t);
  };
  const jobs = [
    row.jobs_now !== null && t("site.jobs_now", { n: number(row.jobs_now, lang) }),
    row.jobs_planned !== null && t("site.jobs_planned", { n: number(row.jobs_planned, lang) }),
  ].filter(Boolean);
  /** @param {string} name @param {Child} value */
  const item = (name, value) => (value ? [h("dt", {}, name), h("dd", {}, value)] : []);
  return h(
    "div",
    {},
    h(
      "dl",
      {},
      ...item(t("site.table.phase"), t(`phase.${row.told_as}`)),
      ...item(t("site.table.since"), whole("from") || t("site.undated")),
      ...item(t("phase.left"), whole("to")),
      ...item(
        t("site.table.area"),
        row.area_m2[0] === null
          ? t("site.unknown")
          : `${number(row.area_m2[0], lang)}\u202fm², ${t(`kind.${row.area_kind}`)}`,
      ),
      ...item(t("site.table.jobs"), jobs.join(", ")),
      ...item(t("site.table.source"), shell.cite(row.source, row.page)),
    ),
    row.note[lang] ? h("p", { class: "soft" }, row.note[lang]) : null,
    ...Object.entries(row.states).map(([quantity, stated]) =>
      variants(shell, state, `tenancies/${row.id}/${quantity}`, stated, claims),
    ),
  );
}

/**
 * The published values of one quantity, to choose among.
 * @param {Shell<SitePage>} shell @param {State} state @param {string} of @param {Stated} stated @param {Claims} claims
 */
export function variants(shell, state, of, stated, claims) {
  const { t, lang } = shell;
  /** @type {Map<string, Claim[]>} */
  const values = new Map();
  for (const id of stated.claims) {
    const claim = /** @type {Claim} */ (claims.get(id));
    const key = claim.m2 ? String(claim.m2) : claim.value;
    values.set(key, [...(values.get(key) ?? []), claim]);
  }
  if (values.size + (stated.chosen ? 0 : 1) < 2) return null;
  const chosen = choiceOf(state.get().variants, of, stated);
  /** @param {string} id */
  const choose = (id) => {
    const rest = { ...state.get().variants };
    delete rest[of];
    state.set({ variants: id === stated.chosen ? rest : { ...rest, [of]: id } });
  };
  /** @param {string} id @param {string} text @param {Claim[]} said */
  const option = (id, text, said) => {
    const usable = !said.length || said.some((claim) => claim.found);
    return h(
      "li",
      {},
      h(
        "label",
        {},
        h("input", {
          type: "radio",
          name: of,
          id: `v-${of}-${id}`,
          value: id,
          checked: chosen === id || said.some((claim) => claim.id === chosen),
          disabled: !usable,
          onchange: () => choose(id),
        }),
        h("span", {}, text),
      ),
      ...said.map((claim) =>
        h(
          "span",
          { class: "soft" },
          " · ",
          claim.found ? shell.cite(claim.source, claim.page) : t("source.not_refound"),
          claim.note[lang] ? ` (${claim.note[lang]})` : "",
        ),
      ),
    );
  };
  const quantity = of.slice(of.lastIndexOf("/") + 1);
  /** @type {Record<string, string>} */
  const names = {
    land_ha: "kind.land",
    area_m2: "site.table.area",
    from: "site.table.since",
    to: "phase.left",
    phase: "site.table.phase",
    jobs_now: "site.table.jobs",
    jobs_planned: "site.table.jobs",
  };
  return h(
    "fieldset",
    { "data-of": of },
    h("legend", {}, `${t(names[quantity])} · ${shell.plural("site.variants", values.size)}`),
    h(
      "ul",
      {},
      stated.chosen ? null : option("", t("site.variant.unknown"), []),
      ...[...values.values()].map((said) => {
        const found = said.find((claim) => claim.id === stated.chosen) ?? said.find((claim) => claim.found) ?? said[0];
        return option(found.id, quantity === "phase" ? t(`phase.${found.value}`) : claimValue(shell, found), said);
      }),
    ),
    stated.why[lang] ? h("p", { class: "soft" }, t("site.variant.why", { why: stated.why[lang] })) : null,
  );
}
