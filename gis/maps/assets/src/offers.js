import { plotFilters, roomFilters, whyNot } from "./asking.js";
import { plotCriteria, rectangle, roomCriteria, search, words } from "./criteria.js";
import { chainFold, chainOf, citedRows } from "./chains.js";
import { byId, every, h, show } from "./dom.js";
import { keepFavourites, restoreFavourites } from "./favourites.js";
import { number } from "./format.js";
import { compared, offerList, sheet, sorter, terrainSheet } from "./offer.js";
import { sizeOf } from "./offerfacts.js";
import { features, table } from "./offerfiles.js";
import { assumptions, claimedTwice, claimsSection, contactNote, showInset, showLegend } from "./panel.js";
import { Places, onMap } from "./places.js";
import { whenReleased } from "./press.js";
import { absorption, lifting } from "./supply.js";
import { UNKNOWN, YES } from "./three_valued.js";
import { makeTools } from "./tools.js";

const OFFER = "#D55E00";
const MAYBE = "#E69F00";
const AWAY = "#7a8894";
/** Rows of a list that are shown at first. */
const SHOWN = 50;
/** Pixels: a plot smaller than this on the map is looked at when it is chosen. */
const TOO_SMALL = 30;
/** Letters from which a printed sheet is set smaller, and its map too, to be one page of paper. */
const LONG_SHEET = 1200;

/** @param {Offer} row @returns {row is Plot} */
const isPlot = (row) => "terrains" in row;
/** @param {Offer | null} row */
const terrainsOf = (row) => (row && isPlot(row) ? row.terrains : []);

/**
 * The page of an investor: plots or premises, what is asked of them, what remains, and why the rest does not.
 * @param {Shell<AvailablePage>} shell @param {State} state @param {Target} target
 */
export function offers(shell, state, target) {
  const { page } = shell;
  const { layer, map } = target;
  const panel = byId("panel");
  const rows = [...page.plots, ...page.rooms];
  const byTerrain = new Map(page.plots.flatMap((plot) => plot.terrains.map((terrain) => [terrain, plot])));
  const shapeOf = new Map(layer.data.shapes.items.map((item, n) => [item.key, n]));
  const places = new Places(page.plots, () => whenReleased(() => state.set({})));
  /** @param {string} id @returns {Offer | null} */
  const rowOf = (id) => rows.find((row) => row.id === id) ?? byTerrain.get(id) ?? null;
  /** @param {string} id */
  const terrainOf = (id) => page.terrains.find((terrain) => terrain.id === id) ?? null;
  /** @param {string} key */
  const list = (key) => words(state.get().filters[key]);
  const isRooms = () => state.get().filters.tab === "rooms";
  restoreFavourites(shell);

  /** @param {string} id */
  const select = (id) => {
    const opening = state.get().selected !== id;
    state.set({ selected: opening ? id : "" });
    if (opening) {
      byId("sheet")?.scrollIntoView({ block: "nearest" });
      look(rowOf(id));
    } else byId(`offer-${id}`)?.focus();
  };
  /** @param {Offer | null} row @param {boolean} [always] */
  const look = (row, always = false) => {
    const corners = terrainsOf(row).flatMap((id) => {
      const shape = shapeOf.get(id);
      return shape === undefined ? [] : layer.shapes.corners(shape);
    });
    if (!corners.length) return;
    const first = corners.reduce(([a, b], [c, d]) => [Math.min(a, c), Math.min(b, d)]);
    const last = corners.reduce(([a, b], [c, d]) => [Math.max(a, c), Math.max(b, d)]);
    const size = map.latLngToContainerPoint(last).subtract(map.latLngToContainerPoint(first));
    if (always || Math.max(Math.abs(size.x), Math.abs(size.y)) < TOO_SMALL)
      map.fitBounds([first, last], { padding: [90, 90], maxZoom: 18, animate: false });
  };
  layer.on("select", ({ key }) => key && select(byTerrain.get(key)?.id ?? key));
  layer.on("hover", ({ key }) => mark(byTerrain.get(key ?? "")?.id ?? key));
  /** @param {string | null} id */
  const mark = (id) => {
    const row = rowOf(id || state.get().selected);
    const keys = terrainsOf(row);
    if (row) layer.highlight(keys.length ? keys : [row.id]);
    else layer.highlight(state.get().selected ? [state.get().selected] : null);
    for (const each of every("[data-offer]", panel)) each.classList.toggle("marked", each.dataset.offer === row?.id);
  };
  /** @param {string} key @param {string} id @param {number} [most] */
  const toggle = (key, id, most = Infinity) => {
    const ids = list(key);
    const next = ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id].slice(-most);
    if (key === "fav") keepFavourites(shell, next);
    state.filter({ [key]: next.join("|") });
  };
  /** @type {Found} */
  let found = search([], []);
  let shownRows = SHOWN;
  const tools = makeTools(shell, target, {
    name: page.slug,
    rows: () => table(shell, found, isRooms()),
    features: () =>
      features(
        shell,
        found
          .rows(YES)
          .concat(found.rows(UNKNOWN))
          .filter((row) => isPlot(row)),
        layer,
        shapeOf,
      ),
  });
  window.addEventListener("beforeprint", () => {
    const row = rowOf(state.get().selected);
    document.body.dataset.print = row ? "sheet" : "";
    if (!row) return;
    const paper = /** @type {HTMLElement} */ (byId("sheet"));
    const long = (paper.textContent ?? "").length > LONG_SHEET;
    paper.classList.toggle("long", long);
    const { style } = map.getContainer();
    [style.width, style.height] = long ? ["8cm", "5cm"] : ["12.5cm", "8.5cm"];
    map.invalidateSize({ animate: false });
    look(row, true);
    layer._draw();
  });
  window.addEventListener("afterprint", () => delete document.body.dataset.print);

  return () => {
    const { t, lang } = shell;
    const { filters, selected } = state.get();
    const rooms = isRooms();
    places.ask(rooms ? null : rectangle(filters));
    const { sites } = page;
    /** @param {Filters} asked */
    const ofPlots = (asked) => plotCriteria(asked, { sites, placed: (row) => places.of(row) });
    /** @param {Filters} asked */
    const ofRooms = (asked) => roomCriteria(asked, { sites });
    found = rooms ? search(page.rooms, ofRooms(filters)) : search(page.plots, ofPlots(filters));
    const order = sorter(filters.sort);
    const [sure, maybe] = [YES, UNKNOWN].map((answer) => found.rows(answer).sort(order));
    const chosen = rowOf(selected);
    const terrain = chosen ? null : terrainOf(selected);
    const tray = list("c").flatMap((id) => rowOf(id) ?? []);
    const favourites = list("fav");
    const context = { shell, found, filters, rooms, places, look, select, toggle, tray, favourites, mark };
    show(
      panel,
      h("h1", {}, t(rooms ? "available.rooms.title" : "available.plots.title")),
      tabs(shell, rooms),
      ...foundSize(shell, rooms, sure, maybe),
      h(
        "p",
        { id: "matches", "data-n": sure.length, "data-maybe": maybe.length, role: "status" },
        h("strong", {}, shell.plural(rooms ? "available.rooms.count" : "available.plots.found", sure.length)),
        maybe.length ? ` · ${shell.plural("available.maybe", maybe.length)}` : "",
        places.done ? "" : ` · ${t("available.fit.busy")}`,
      ),
      foundFold(shell, rooms, sure, maybe),
      chosen ? sheet(context, chosen) : terrain ? terrainSheet(shell, terrain, () => select(terrain.id)) : null,
      tray.length > 1 ? compared(context, tray) : null,
      rooms ? roomFilters(shell, page.rooms, ofRooms) : plotFilters(shell, page.plots, ofPlots),
      found.eliminations.some(({ alone }) => alone) ? whyNot(shell, found) : null,
      sure.length || maybe.length ? null : h("p", { class: "note" }, t("available.none.match")),
      offerList(context, sure.slice(0, shownRows), "sure"),
      sure.length > shownRows
        ? h(
            "button",
            { type: "button", id: "more", onclick: () => ((shownRows += SHOWN), state.set({})) },
            t("available.more", { n: number(sure.length - shownRows, lang) }),
          )
        : null,
      maybe.length ? h("h2", {}, t("available.maybe.title")) : null,
      maybe.length ? h("p", { class: "soft" }, t("available.maybe.note")) : null,
      offerList(context, maybe.slice(0, SHOWN), "maybe"),
      rooms ? null : lifting(shell),
      rooms ? null : absorption(shell),
      assumptions(shell),
      claimsSection(shell, t("site.claims"), page.claims),
      claimsSection(shell, t("available.premises"), page.premises),
      contactNote(shell),
    );
    drawMap(context, { sure, maybe, chosen });
    mark("");
    tools();
  };
}

/**
 * How large some offers are together. Premises that stand under two keys count once.
 * @param {Offer[]} rows
 */
const sizes = (rows) =>
  [...new Map(rows.map((row) => ["floor" in row ? row.same : row.id, row])).values()].reduce(
    (sum, row) => sum + (sizeOf(row) ?? 0),
    0,
  );

/**
 * How large all that was found is together, or at most where nothing is sure.
 * @param {Shell<AvailablePage>} shell @param {boolean} rooms @param {Offer[]} sure @param {Offer[]} maybe
 */
function foundSize(shell, rooms, sure, maybe) {
  const { t, lang, page } = shell;
  const unsure = !sure.length && maybe.length > 0;
  return [
    h(
      "p",
      { class: "big", id: "found-size", "data-size": sizes(sure) },
      `${unsure ? "≤ " : ""}${number(sizes(unsure ? maybe : sure), lang, rooms ? 0 : 1)}`,
      h("small", {}, ` ${t(`${rooms ? "available.rooms.size" : "available.plots.now"}${unsure ? ".maybe" : ""}`)}`),
    ),
    rooms
      ? h("p", { class: "soft" }, t("available.rooms.note"))
      : claimedTwice(
          shell,
          page.figures.find(({ kind }) => kind === "available_ha"),
          "p",
        ),
  ];
}

/**
 * What the size of what is found rests on: what is sure of it, and what may be; nothing where nothing is found.
 * @param {Shell<AvailablePage>} shell @param {boolean} rooms @param {Offer[]} sure @param {Offer[]} maybe
 */
function foundFold(shell, rooms, sure, maybe) {
  const { t, lang, page } = shell;
  /** @param {Offer[]} those */
  const size = (those) => `${number(sizes(those), lang, rooms ? 0 : 1)}\u202f${rooms ? "m²" : "ha"}`;
  const sums = [
    { of: "sure", rows: sure },
    { of: "maybe", rows: maybe },
  ].filter(({ rows }) => rows.length);
  if (!sums.length) return null;
  return chainFold(
    shell,
    "working-found",
    sums.map(({ of, rows }) => ({
      of,
      title: t(`chain.${of}`, { value: size(rows) }),
      chain: () =>
        chainOf(
          rows.map(({ part }) => part),
          citedRows(page),
        ),
    })),
  );
}

/**
 * The colour of each offer that was found.
 * @param {Offer[]} sure @param {Offer[]} maybe
 */
function coloured(sure, maybe) {
  /** @type {Map<Offer, string>} */
  const colours = new Map();
  for (const row of maybe) colours.set(row, MAYBE);
  for (const row of sure) colours.set(row, OFFER);
  return colours;
}

/** @param {OfferContext} context @param {{sure: Offer[], maybe: Offer[], chosen: Offer | null}} given */
function drawMap({ shell, rooms, places, filters }, { sure, maybe, chosen }) {
  const { t, page } = shell;
  const { layer } = shell.target;
  const answers = coloured(sure, maybe);
  const plots = rooms ? [] : page.plots;
  const fills = new Map(plots.flatMap((row) => row.terrains.map((id) => [id, answers.get(row) ?? AWAY])));
  const ground = !rooms && chosen && "ground" in chosen && rectangle(filters) ? chosen.ground : null;
  const placement = ground && chosen ? places.of(chosen) : null;
  byId("stage-title").textContent = t(rooms ? "available.rooms.map" : "available.plots.map");
  layer.show({
    shapes: layer.data.shapes.items.map((item) => ({ ...item, fill: fills.get(item.key) ?? "" })),
    dots: rooms
      ? [...answers].flatMap(([row, fill]) =>
          row.at && "name" in row ? [{ key: row.id, label: row.name, at: row.at, fill, jobs: 0 }] : [],
        )
      : [],
    rectangles: ground && placement ? [{ corners: onMap(ground, placement) }] : [],
  });
  const away = !rooms && [...fills.values()].includes(AWAY);
  showLegend([
    ...(sure.length ? [{ kind: rooms ? "dot" : "", colour: OFFER, text: t("available.legend.yes") }] : []),
    ...(maybe.length ? [{ kind: rooms ? "dot" : "", colour: MAYBE, text: t("available.legend.maybe") }] : []),
    ...(away ? [{ kind: "", colour: AWAY, text: t("available.legend.no") }] : []),
    ...(placement ? [{ kind: "rectangle", text: t("available.legend.fit") }] : []),
    { kind: "rest", text: t("available.terrain.other") },
  ]);
  showInset(shell, [], "");
}

/** @param {Shell<AvailablePage>} shell @param {boolean} rooms */
function tabs(shell, rooms) {
  const { t } = shell;
  /** @param {string} key @param {boolean} on */
  const tab = (key, on) =>
    h(
      "button",
      {
        type: "button",
        class: "tab",
        id: `tab-${key || "plots"}`,
        "aria-pressed": String(on),
        onclick: () => shell.state.set({ selected: "", filters: { ...kept(shell), tab: key } }),
      },
      t(`available.tab.${key || "plots"}`),
    );
  return h("p", { class: "tabs" }, tab("", !rooms), tab("rooms", rooms));
}

/**
 * The filters that plots and premises share.
 * @param {Shell<AvailablePage>} shell
 */
function kept(shell) {
  const { commune, net, kw, km, st, fav, off } = shell.state.get().filters;
  return { commune, net, kw, km, st, fav, off };
}
