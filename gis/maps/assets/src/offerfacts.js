import { fits, rectangle } from "./criteria.js";
import { h } from "./dom.js";
import { acres, date, dotted, feet, number, squareFeet } from "./format.js";
import { rangeText } from "./panel.js";
import { NO, UNKNOWN, YES, every } from "./three_valued.js";

/** What is known of a plot or of premises on offer, in words: a name and a value each. */

const ACCESSES = ["motorway_exit", "station", "freight_station", "port", "airport"];

/**
 * The networks that are asked about: every site tells of each, if only that nobody knows.
 * @param {AvailablePage} page
 */
export const networksOf = ({ sites }) => Object.keys(Object.values(sites)[0]?.networks ?? {});

/**
 * The sites an offer lies in.
 * @param {Shell<AvailablePage>} shell @param {Offer} row
 */
export const siteNames = ({ page }, row) => row.sites.map((site) => page.sites[site].name).join(", ");

/**
 * What the terrains of a plot are called, each with its key where that says more.
 * @param {Plot} row
 */
export const lotNames = (row) =>
  row.terrains.map((id, n) => (row.names[n] === id ? id : `${row.names[n]} (${id})`)).join(", ");

/**
 * How large an offer is: floor of premises, hectares of a plot.
 * @param {Shell<AvailablePage>} shell @param {Offer} row
 */
export function sizeText(shell, row) {
  const { lang, t } = shell;
  const size = sizeOf(row);
  if (size === null) return t("available.not_given");
  return "floor" in row ? `${number(size, lang)}\u202fm²` : `${number(size, lang, 2)}\u202fha`;
}

/**
 * The floor of premises, square metres; what is left of a plot, hectares.
 * @param {Offer} row
 */
export const sizeOf = (row) => ("floor" in row ? row.floor : row.ha);

/**
 * A way in kilometres, about where a source states it and it was not measured.
 * @param {Shell<AvailablePage>} shell @param {[number, boolean, ...unknown[]]} way
 */
export const kmText = (shell, [km, crow]) => `${crow ? "" : "~ "}${number(km, shell.lang, 1)}\u202fkm`;

/**
 * @template T
 * @param {Shell<AvailablePage>} shell @param {T | null | undefined} value @param {(value: T) => string} write
 */
const given = (shell, value, write) =>
  value === null || value === undefined ? shell.t("available.not_given") : write(value);

/** @param {Shell<AvailablePage>} shell @param {Offer} row @returns {Fact[]} */
function ways(shell, row) {
  const { t } = shell;
  /** @param {Way} bounds */
  const told = ([km, crow, name]) =>
    `${dotted([kmText(shell, [km, crow]), name])} (${t(crow ? "available.crow" : "available.stated_km")})`;
  return ACCESSES.map((kind) => [t(`access.${kind}`), given(shell, row.km[kind], told)]);
}

/** @param {Shell<AvailablePage>} shell @param {Offer} row */
function networksText(shell, row) {
  const { t, page } = shell;
  /** @param {string} name */
  const answer = (name) => every(row.sites.map((site) => page.sites[site].networks[name]));
  /** @param {Answer} value @param {string} [lead] */
  const those = (value, lead = "") => {
    const names = networksOf(page).filter((name) => answer(name) === value);
    return names.length ? lead + names.map((name) => t(`network.${name}`)).join(", ") : "";
  };
  return dotted([
    those(YES),
    those(NO, `${t("available.networks.no")} `),
    those(UNKNOWN, `${t("available.networks.unknown")} `),
  ]);
}

/** @param {string} text @param {string} other */
const both = (text, other) => (other ? `${text} (${other})` : text);

/**
 * The facts of a plot.
 * @param {OfferContext} context @param {Plot} row @returns {Fact[]}
 */
export function plotFacts({ shell, places, filters }, row) {
  const { t, lang } = shell;
  /** @param {number} value */
  const ha = (value) => both(`${number(value, lang, 2)}\u202fha`, acres(value, lang));
  /** @param {number} value */
  const metres = (value) => both(`${number(value, lang)}\u202fm`, feet(value, lang));
  const asked = rectangle(filters);
  /** @param {number} value */
  const euros = (value) => `${number(value, lang, 2)}\u202f€/m²`;
  return [
    [t("available.terrains.of"), h("span", { lang: "fr" }, lotNames(row))],
    [t("sheet.commune"), row.communes.join(", ")],
    [
      t("available.left"),
      given(shell, row.ha, (value) => `${ha(value)}, ${t("available.left.of", { gross: ha(row.gross_ha) })}`),
    ],
    [
      t("available.built"),
      row.built === null
        ? t("available.not_given")
        : row.built
          ? `${number(row.built, lang)}\u202fm²`
          : t("available.built.none"),
    ],
    asked ? fitFact(shell, asked, places.of(row)) : ["", ""],
    [t("available.width"), given(shell, row.width, metres)],
    [t("available.circle"), given(shell, row.circle, metres)],
    [t("available.frontage"), given(shell, row.frontage, metres)],
    [t("available.servicing"), t(`word.${row.serviced}`)],
    [t("available.networks"), networksText(shell, row)],
    [t("available.power"), given(shell, row.power, (value) => `${number(value, lang)}\u202fkW`)],
    [
      t("sheet.vocation"),
      row.vocations.length ? h("span", { lang: "fr" }, row.vocations.join(", ")) : t("available.not_given"),
    ],
    [
      t("available.price"),
      row.price[0] === null || row.price[1] === null
        ? t("available.not_given")
        : rangeText(shell, euros(row.price[0]), euros(row.price[1])),
    ],
    [t("available.from"), given(shell, row.from, (value) => t("available.since", { date: date(value, lang) }))],
    [t("available.owners"), given(shell, row.owners, (value) => shell.plural("available.owners.count", value))],
    ...ways(shell, row),
    [t("sheet.source"), sources(shell, row)],
  ];
}

/**
 * Whether what is asked fits, and how it is turned.
 * @param {Shell<AvailablePage>} shell @param {Rectangle} asked @param {MaybePlaced} placement
 * @returns {Fact}
 */
function fitFact({ t, lang }, { a, b, setback }, placement) {
  const answer = fits(placement);
  const text = placement
    ? t("available.fit.yes", { angle: number(placement.angle, lang) })
    : t(placement === null ? "available.fit.no" : "available.fit.unknown");
  return [
    t("available.fit.short", { a: number(a, lang), b: number(b, lang), sb: number(setback, lang) }),
    h("span", { id: "fit-answer", "data-fit": answer, "data-angle": placement ? placement.angle : false }, text),
  ];
}

/**
 * The facts of premises.
 * @param {Shell<AvailablePage>} shell @param {Premises} row @returns {Fact[]}
 */
export function roomFacts(shell, row) {
  const { t, lang } = shell;
  return [
    [t("zones.name"), h("span", { lang: "fr" }, siteNames(shell, row))],
    [t("sheet.commune"), row.communes.join(", ")],
    [
      t("available.floor"),
      given(shell, row.floor, (value) => both(`${number(value, lang)}\u202fm²`, squareFeet(value, lang))),
    ],
    [
      t("available.height"),
      given(shell, row.height, (value) => both(`${number(value, lang, 1)}\u202fm`, feet(value, lang))),
    ],
    [t("available.docks"), given(shell, row.docks, (value) => number(value, lang))],
    [t("available.power"), given(shell, row.power, (value) => `${number(value, lang)}\u202fkW`)],
    [t("available.networks"), networksText(shell, row)],
    [t("available.rent"), given(shell, row.price, (value) => `${number(value, lang, 2)}\u202f€/m²`)],
    [t("available.from"), given(shell, row.from, (value) => t("available.since", { date: date(value, lang) }))],
    ...ways(shell, row),
    [t("sheet.source"), sources(shell, row)],
  ];
}

/** @param {Shell<AvailablePage>} shell @param {Offer} row */
function sources(shell, row) {
  return h(
    "span",
    {},
    ...row.sources.flatMap((id, n) => [n ? ", " : "", shell.cite(id)]),
    ` · ${shell.t(`basis.${row.basis}`)}`,
  );
}
