import { h } from "./dom.js";
import { area, bothEnds, date, number, percent } from "./format.js";
import { nameOf, namesList, namesOf } from "./names.js";
import { facts, rangeText } from "./panel.js";
import { NO, UNKNOWN } from "./three_valued.js";

/**
 * What no source attributes on the page of a site, and what a source calls vacant: to be pointed at like an occupant.
 * The one is never called the other.
 */

/** What stands in the address where an occupant would. */
export const REST = "~rest";
export const VACANT = "~vacant";

/** @param {Shell} shell @param {number} value */
const m2 = (shell, value) => `${number(value, shell.lang)}\u202fm²`;

/**
 * What the map draws that is nobody's: the ground of the site, and shapes of premises that no source says are held.
 * @param {SitePage} page @param {Now} now
 */
export function restKeys(page, now) {
  const taken = new Set(now.rows.filter((row) => row.present !== NO).map((row) => row.premises));
  return [
    `sites/${page.site.id}`,
    ...page.places.filter(({ id, shaped }) => shaped && !taken.has(id)).map(({ id }) => `premises/${id}`),
  ];
}

/**
 * Occupants whose area no source gives: they may be anywhere in the rest.
 * @param {Now} now
 */
export function unnamed(now) {
  return now.rows.filter((row) => row.present !== NO && row.area_m2[0] === null);
}

/**
 * The lines of the table that are no occupant.
 * @param {Shell<SitePage>} shell @param {State} state @param {Now} now @param {SiteActions} actions
 */
export function restRows(shell, state, now, { mark, pick }) {
  const { t, lang } = shell;
  const land = now.held?.kinds.find(({ kind }) => kind === "land");
  const [least, most] = land ? land.in_place.bounds.map((each) => land.base_m2 - each).reverse() : [0, now.rest_m2];
  /** @param {string} who @param {string} name @param {string} look @param {string} since @param {string} size */
  const line = (who, name, look, since, size) =>
    h(
      "tbody",
      {},
      h(
        "tr",
        { "data-who": who, onmouseenter: () => mark(who), onmouseleave: () => mark("") },
        h(
          "th",
          { scope: "row" },
          h(
            "button",
            {
              type: "button",
              class: "name",
              id: `pick-${who}`,
              "aria-pressed": String(state.get().selected === who),
              onclick: () => pick(who),
            },
            h("i", { class: `key ${look}` }),
            name,
          ),
        ),
        h("td", {}, since),
        h("td", { class: "right" }, size),
      ),
    );
  const land_vacant = now.vacant.filter(({ kind }) => kind === "land");
  const vacant = land_vacant.flatMap((row) => row.m2 ?? []);
  const least_of_it = vacant.length === land_vacant.length ? "" : "≥ ";
  const rest =
    most === null
      ? t("site.unknown")
      : least
        ? rangeText(shell, number(least, lang), number(most, lang))
        : `≤ ${number(most, lang)}`;
  return [
    line(REST, t("site.rest"), "rest", "", rest),
    now.vacant.length
      ? line(
          VACANT,
          t("site.vacant"),
          "vacant",
          "",
          vacant.length ? `${least_of_it}${number(sum(vacant), lang)}` : t("site.unknown"),
        )
      : null,
  ].filter(Boolean);
}

/** @param {number[]} areas */
const sum = (areas) => areas.reduce((total, each) => total + each, 0);

/** @param {{id: string}} lot */
const kindOf = (lot) => (lot.id.startsWith("terrains/") ? "lot" : "building");
/** @param {{id: string}} lot */
const keyOf = (lot) => lot.id.slice(lot.id.indexOf("/") + 1);

/**
 * What is known of one terrain or one building, and the way to what nobody is known to hold.
 * @param {Shell<SitePage>} shell @param {Lot} lot @param {Now} now @param {SiteActions} actions
 */
export function lotSheet(shell, lot, now, { pick }) {
  const { t } = shell;
  return h(
    "article",
    { class: "sheet", id: "lot", "data-sheet": lot.id },
    h("h2", {}, `${t(`legend.${kindOf(lot)}`)} `, nameOf(shell, lot.name)),
    facts([
      [t("sheet.key"), lot.name === keyOf(lot) ? "" : keyOf(lot)],
      [t("sheet.area"), lot.m2 === null ? t("sheet.unknown") : m2(shell, lot.m2)],
      [t("site.lot.occupied"), lot.occupied && h("span", { lang: "fr" }, lot.occupied)],
      [t("site.lot.sale"), lot.sale && h("span", { lang: "fr" }, lot.sale)],
      [t("sheet.source"), h("span", {}, shell.cite(lot.source), ` · ${t(`basis.${lot.basis}`)}`)],
    ]),
    h(
      "p",
      { class: "controls" },
      now.tenancies.length
        ? h("button", { type: "button", id: "lot-rest", onclick: () => pick(REST) }, t("site.lot.rest"))
        : null,
      now.vacant.some(({ id }) => id === lot.id)
        ? h("button", { type: "button", id: "lot-vacant", onclick: () => pick(VACANT) }, t("site.lot.vacant"))
        : null,
      h("button", { type: "button", id: "lot-close", onclick: () => pick(lot.id) }, t("close")),
    ),
  );
}

/**
 * Every terrain and building that the map draws, to be found without it; many are written by and by.
 * @param {Shell<SitePage>} shell @param {State} state @param {SiteActions} actions
 */
export function lotsList(shell, state, { pick, lots, again }) {
  const { t, lang, page } = shell;
  if (!page.lots.length) return null;
  /** @param {Lot} lot */
  const line = (lot) =>
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: "name",
          id: `pick-${lot.id}`,
          "aria-pressed": String(state.get().selected === lot.id),
          onclick: () => pick(lot.id),
        },
        `${t(`legend.${kindOf(lot)}`)} `,
        nameOf(shell, lot.name),
      ),
      h("span", { class: "soft" }, ` ${lot.m2 === null ? t("sheet.unknown") : m2(shell, lot.m2)}`),
    );
  const more = page.lots.length - lots.most;
  return h(
    "details",
    { id: "lots", class: "fold" },
    h("summary", {}, `${t("site.lots")} (${number(page.lots.length, lang)})`),
    h("ul", { class: "plain-list" }, ...page.lots.slice(0, lots.most).map(line)),
    more > 0
      ? h(
          "button",
          { type: "button", id: "lots-more", onclick: () => ((lots.most += lots.most), again()) },
          t("available.more", { n: number(Math.min(more, lots.most), lang) }),
        )
      : null,
  );
}

/**
 * What is known of the rest, of what it is at most, and what would tell more.
 * @param {Shell<SitePage>} shell @param {Now} now @param {() => void} close
 */
export function restSheet(shell, now, close) {
  const { t, lang } = shell;
  const who = unnamed(now);
  const unsure = now.rows.filter((row) => row.present === UNKNOWN && row.area_m2[0] !== null);
  const coming = now.rows.filter((row) => row.to_come && row.present !== NO && row.area_m2[0] !== null);
  const taken = new Set(now.rows.filter((row) => row.present !== NO).map((row) => row.premises));
  const empty = new Set(now.vacant.map(({ id }) => id));
  const rooms = shell.page.places.filter(({ id }) => !taken.has(id) && !empty.has(`premises/${id}`));
  const more = [
    who.length > 0 && t("site.rest.more.area", { who: namesOf(shell, who) }),
    unsure.length > 0 && t("site.rest.more.date", { who: namesOf(shell, unsure) }),
    now.sums.some(({ kind, with_m2 }) => kind === "not_said" && with_m2 > 0) && t("site.rest.more.kind"),
    !now.measured && t("site.rest.more.plan"),
    t("site.rest.more.visit"),
  ].filter(Boolean);
  return h(
    "article",
    { class: "sheet", id: "rest", "data-sheet": REST },
    h("h2", {}, t("site.rest")),
    h("p", {}, t(now.vacant.length ? "site.rest.what.vacant" : "site.rest.what")),
    h("h3", {}, t("site.rest.bounds")),
    h(
      "ul",
      { class: "plain-list" },
      ...(now.held?.kinds ?? []).map((each) => {
        const [least, most] = each.in_place.bounds.map((part) => Math.max(each.base_m2 - part, 0)).reverse();
        const shares = bothEnds([least, most], (part) => percent(part / each.base_m2, lang));
        return h(
          "li",
          { "data-rest": each.kind, "data-low": least, "data-high": most },
          h("strong", {}, rangeText(shell, m2(shell, least), m2(shell, most))),
          ` ${t(`site.held.${each.kind}`, { area: area(each.base_m2, lang) })} (${rangeText(shell, ...shares)})`,
        );
      }),
      ...now.bases
        .filter(({ id }) => !now.held || id !== "measured")
        .map((base) => {
          const most = Math.max(base.m2 - base.in_place_m2, 0);
          return h(
            "li",
            { "data-rest": base.id, "data-high": most },
            h("strong", {}, t("site.rest.most", { area: m2(shell, most) })),
            ` ${t(`site.rest.of.${base.kind}`, { area: area(base.m2, lang) })} (≤ ${percent(most / base.m2, lang)})`,
          );
        }),
    ),
    h("p", { class: "soft" }, t("site.rest.bounds.note")),
    facts([
      [t("site.rest.may"), who.length ? namesList(shell, who) : ""],
      [t("site.rest.coming"), coming.length ? namesList(shell, coming) : ""],
      [t("site.rest.rooms"), rooms.length ? h("span", { lang: "fr" }, rooms.map(({ name }) => name).join(", ")) : ""],
    ]),
    h("h3", {}, t("site.rest.more")),
    h("ul", {}, ...more.map((text) => h("li", {}, text))),
    h("p", { class: "controls" }, h("button", { type: "button", id: "rest-close", onclick: close }, t("close"))),
  );
}

/**
 * What a source calls vacant, row by row, with its day and its source.
 * @param {Shell<SitePage>} shell @param {Now} now @param {SiteActions} actions
 */
export function vacantSheet(shell, now, { pick }) {
  const { t, lang } = shell;
  /** @param {Vacant} given */
  const when = ({ since, as_of }) =>
    since
      ? t("site.vacant.since", { date: date(since, lang) })
      : as_of
        ? t("claim.as_of", { date: date(as_of, lang) })
        : t("site.undated");
  return h(
    "article",
    { class: "sheet", id: "vacant", "data-sheet": VACANT },
    h("h2", {}, t("site.vacant")),
    h("p", {}, t("site.vacant.what")),
    h(
      "ul",
      { class: "plain-list" },
      ...now.vacant.map((row) =>
        h(
          "li",
          { "data-vacant": row.id, "data-m2": row.m2 ?? "" },
          h("strong", {}, row.m2 === null ? t("site.unknown") : m2(shell, row.m2)),
          ` ${t(`of.${row.kind}`)} · `,
          shell.page.lots.some(({ id }) => id === row.id)
            ? h(
                "button",
                { type: "button", class: "link", id: `vacant-${row.id}`, onclick: () => pick(row.id) },
                nameOf(shell, row.name),
              )
            : nameOf(shell, row.name),
          ` · ${when(row)} · ${t(`basis.${row.basis}`)} · `,
          shell.cite(row.source),
        ),
      ),
    ),
    h("p", { class: "soft" }, t("site.vacant.more")),
    h(
      "p",
      { class: "controls" },
      h("button", { type: "button", id: "vacant-close", onclick: () => pick(VACANT) }, t("close")),
    ),
  );
}
