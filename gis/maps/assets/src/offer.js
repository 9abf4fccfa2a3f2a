import { h, link } from "./dom.js";
import { dotted, number } from "./format.js";
import { kmText, plotFacts, roomFacts, siteNames, sizeOf, sizeText } from "./offerfacts.js";
import { comparison, facts } from "./panel.js";
import { NO, UNKNOWN } from "./three_valued.js";

/** What is found, as the reader meets it: in the list, one on its sheet, a few side by side. */

/** Offers that are compared at once. */
const TRAY = 4;

/**
 * The order of a list: as asked, then the largest first.
 * @param {string | undefined} sort
 * @returns {(a: Offer, b: Offer) => number}
 */
export function sorter(sort) {
  /** @param {Offer} row */
  const size = (row) => sizeOf(row) ?? -1;
  /** @param {Offer} row */
  const price = (row) => ("floor" in row ? row.price : row.price[1]) ?? Infinity;
  /** @type {Record<string, (a: Offer, b: Offer) => number>} */
  const by = {
    km: (a, b) => (a.km.motorway_exit?.[0] ?? Infinity) - (b.km.motorway_exit?.[0] ?? Infinity),
    price: (a, b) => price(a) - price(b),
  };
  const compare = by[sort ?? ""] ?? (() => 0);
  return (a, b) => compare(a, b) || size(b) - size(a) || (a.id < b.id ? -1 : 1);
}

/**
 * Offers as a list; pointing at one marks it on the map.
 * @param {OfferContext} context @param {Offer[]} rows @param {string} id
 */
export function offerList(context, rows, id) {
  return rows.length
    ? h("ul", { class: "employers", id: `offers-${id}` }, ...rows.map((row) => offerLine(context, row)))
    : null;
}

/** @param {OfferContext} context @param {Offer} row */
function offerLine({ shell, rooms, select, mark, favourites, toggle, found }, row) {
  const { t, lang } = shell;
  const { selected } = shell.state.get();
  const { motorway_exit: exit } = row.km;
  const terrains = "floor" in row ? [] : row.terrains;
  const several = terrains.length > 1;
  const favourite = favourites.includes(row.id);
  const named = {
    type: "button",
    class: "name",
    id: `offer-${row.id}`,
    "aria-pressed": String(row.id === selected),
    onclick: () => select(row.id),
  };
  const starred = {
    type: "button",
    class: "plain star",
    id: `fav-${row.id}`,
    "aria-pressed": String(favourite),
    "aria-label": t("available.favourite", { id: row.id }),
    onclick: () => toggle("fav", row.id),
  };
  const where = [
    rooms ? siteNames(shell, row) : "",
    row.communes.join(", "),
    "floor" in row ? row.id : several ? "" : row.names[0],
  ];
  const more = [
    several ? t("available.terrains", { n: number(terrains.length, lang) }) : "",
    exit ? t("available.km.short", { km: kmText(shell, exit) }) : "",
    ...found.says(row, UNKNOWN).map((name) => t("available.not_known", { what: t(`available.asked.${name}`) })),
  ];
  return h(
    "li",
    { "data-offer": row.id, onmouseenter: () => mark(row.id), onmouseleave: () => mark("") },
    h("span", { class: "row" }, h("button", named, ...title(shell, row)), h("button", starred, star(favourite))),
    h("span", { class: "soft", lang: "fr" }, dotted(where)),
    h("span", { class: "soft" }, dotted(more)),
  );
}

/**
 * What an offer is called: its size, then its name or those of its sites.
 * @param {Shell<AvailablePage>} shell @param {Offer} row
 */
const title = (shell, row) => [
  `${sizeText(shell, row)} · `,
  h("span", { lang: "fr" }, "floor" in row ? row.name : siteNames(shell, row)),
];
/** @param {boolean} favourite */
const star = (favourite) => (favourite ? "★" : "☆");

/**
 * One offer: all that is known of it, and what to do with it.
 * @param {OfferContext} context @param {Offer} row
 */
export function sheet(context, row) {
  const { shell, rooms, found, select, toggle, tray, favourites, look } = context;
  const { t } = shell;
  const { at } = row;
  const inTray = tray.includes(row);
  const favourite = favourites.includes(row.id);
  const against = found.says(row, NO);
  return h(
    "article",
    { class: "sheet", id: "sheet", "data-offer-sheet": row.id },
    h("h2", {}, ...title(shell, row)),
    against.length
      ? h(
          "p",
          { class: "note", id: "against" },
          t("available.against", { why: against.map((name) => t(`available.no.${name}`)).join(", ") }),
        )
      : null,
    facts(factsOf(context, row)),
    h(
      "p",
      { class: "controls" },
      h("button", { type: "button", id: "sheet-back", onclick: () => select(row.id) }, t("sheet.back")),
      h(
        "button",
        {
          type: "button",
          id: "sheet-compare",
          "aria-pressed": String(inTray),
          onclick: () => toggle("c", row.id, TRAY),
        },
        t(inTray ? "zones.compare.out" : "zones.compare.in"),
      ),
      h(
        "button",
        {
          type: "button",
          id: "sheet-favourite",
          "aria-pressed": String(favourite),
          onclick: () => toggle("fav", row.id),
        },
        `${star(favourite)} ${t("available.favourite.short")}`,
      ),
      rooms
        ? null
        : h("button", { type: "button", id: "sheet-look", onclick: () => look(row, true) }, t("available.look")),
      at
        ? h(
            "button",
            { type: "button", id: "sheet-copy", onclick: ({ target }) => copy(target, at.join(", "), shell) },
            t("available.copy"),
          )
        : null,
      at
        ? link(`https://www.openstreetmap.org/directions?to=${at[0]}%2C${at[1]}`, t("available.route"), {
            class: "button",
          })
        : null,
      h("button", { type: "button", id: "sheet-print", onclick: () => window.print() }, t("available.print")),
    ),
    shell.page.contact
      ? h(
          "p",
          { class: "soft" },
          `${t("available.contact")} : `,
          h("a", { href: `mailto:${shell.page.contact}` }, shell.page.contact),
        )
      : null,
  );
}

/**
 * All that is known of an offer: a name and a value each.
 * @param {OfferContext} context @param {Offer} row
 */
const factsOf = (context, row) => ("floor" in row ? roomFacts(context.shell, row) : plotFacts(context, row));

/** @param {HTMLElement} button @param {string} text @param {Shell<AvailablePage>} shell */
async function copy(button, text, shell) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = shell.t("available.copied");
  } catch {
    button.replaceWith(h("output", { class: "soft" }, text)); // the browser refuses: it can be copied by hand
  }
}

/**
 * A terrain that is no offer, and why.
 * @param {Shell<AvailablePage>} shell @param {Terrain} terrain @param {() => void} close
 */
export function terrainSheet(shell, terrain, close) {
  const { t, lang, page } = shell;
  /** @param {string} value */
  const word = (value) => t(`word.${value}`);
  return h(
    "article",
    { class: "sheet", id: "sheet" },
    h("h2", {}, `${t("available.terrain")} `, h("span", { lang: "fr" }, terrain.name)),
    h("p", { class: "note" }, t(terrain.now === NO ? "available.terrain.no" : "available.terrain.unknown")),
    facts([
      [t("sheet.key"), terrain.name === terrain.id ? "" : terrain.id],
      [t("zones.name"), h("span", { lang: "fr" }, page.sites[terrain.site].name)],
      [t("sheet.commune"), terrain.communes.join(", ")],
      [t("sheet.area"), `${number(terrain.ha, lang, 2)}\u202fha, ${t("available.excluded")}`],
      [t("available.useful"), word(terrain.useful)],
      [t("available.occupied"), word(terrain.occupied)],
      [t("available.sale"), word(terrain.sale)],
      [t("available.servicing"), word(terrain.servicing)],
      [t("sheet.vocation"), terrain.vocation ? h("span", { lang: "fr" }, terrain.vocation) : t("available.not_given")],
      [t("sheet.source"), h("span", {}, shell.cite(terrain.source), ` · ${t(`basis.${terrain.basis}`)}`)],
    ]),
    h("button", { type: "button", id: "sheet-back", onclick: close }, t("sheet.back")),
  );
}

/**
 * Offers side by side, fact by fact.
 * @param {OfferContext} context @param {Offer[]} tray
 */
export function compared(context, tray) {
  const { shell, rooms, toggle } = context;
  const columns = tray.map((row) => ({
    id: row.id,
    name: `${sizeText(shell, row)} · ${"floor" in row ? row.name : siteNames(shell, row)}`,
  }));
  const told = tray.map((row) => factsOf(context, row));
  const names = [...new Set(told.flatMap((each) => each.map(([name]) => name)))].filter(Boolean);
  const cells = names.map((name) => ({
    name,
    values: told.map((each) => each.find(([own]) => own === name)?.[1] ?? ""),
  }));
  return comparison(shell, {
    title: shell.t(rooms ? "available.compare.rooms" : "available.compare", { n: tray.length }),
    columns,
    rows: cells,
    drop: (id) => toggle("c", id),
  });
}
