import { asked, countWith, histogram, plotCriteria, rectangle, roomCriteria, search, words } from "./criteria.js";
import { byId, every, h, link, show } from "./dom.js";
import { date, feet, acres, number, squareFeet } from "./format.js";
import { assumptions, claimsSection, comparison, facts, rangeText, showInset, showLegend } from "./panel.js";
import { Places, onMap } from "./places.js";
import { makeTools } from "./tools.js";

const OFFER = "#D55E00";
const MAYBE = "#E69F00";
const AWAY = "#7a8894";
/** Rows of a list that are shown at first, and plots that are compared at once. */
const SHOWN = 50;
const TRAY = 4;
/** Pixels: a plot smaller than this on the map is looked at when it is chosen. */
const TOO_SMALL = 30;
const NETWORKS = ["rain_water", "drinking_water", "sewage", "gas", "electricity", "fibre", "rail", "waterway", "public_transport"];
const ACCESSES = ["motorway_exit", "station", "freight_station", "port", "airport"];
/** How plots and premises are counted by size: what it is, the filters that ask for it, where each bar begins. */
const HECTARES = { of: (row) => row.ha, keys: /** @type {[string, string]} */ (["min", "max"]), limits: [0, 0.5, 1, 2, 5, 10, 20], unit: "ha", name: "available.sizes" };
const FLOORS = { of: (row) => row.floor, keys: /** @type {[string, string]} */ (["floor", "floorx"]), limits: [0, 500, 1000, 2000, 5000, 10_000, 20_000], unit: "m²", name: "available.sizes.rooms" };
/** A field that the bars of sizes tell of. */
const SIZED = { "aria-describedby": "sizes-title" };
/** Letters from which a printed sheet is set smaller, and its map too, to be one page of paper. */
const LONG_SHEET = 1200;
const FAVOURITES = "emprise.favourites";

/** The page of an investor: plots or premises, what is asked of them, what remains, and why the rest does not. */
export function offers(shell, state, target) {
  const { page } = shell;
  const { layer, map } = target;
  const panel = byId("panel");
  const rows = [...page.plots, ...page.rooms];
  const byTerrain = new Map(page.plots.flatMap((plot) => plot.terrains.map((terrain) => [terrain, plot])));
  const shapeOf = new Map(layer.data.shapes.items.map((item, n) => [item.key, n]));
  const places = new Places(page.plots, () => state.set({}));
  const rowOf = (id) => rows.find((row) => row.id === id) ?? byTerrain.get(id) ?? null;
  const terrainOf = (id) => page.terrains.find((terrain) => terrain.id === id) ?? null;
  const list = (key) => words(state.get().filters[key]);
  const isRooms = () => state.get().filters.tab === "rooms";
  restoreFavourites(shell);

  const select = (id) => {
    const opening = state.get().selected !== id;
    state.set({ selected: opening ? id : "" });
    if (!opening) return byId(`offer-${id}`)?.focus();
    byId("sheet")?.scrollIntoView({ block: "nearest" });
    look(rowOf(id));
  };
  const look = (row, always = false) => {
    const corners = (row?.terrains ?? []).filter((id) => shapeOf.has(id)).flatMap((id) => layer.shapes.corners(shapeOf.get(id)));
    if (!corners.length) return;
    const [first, last] = [corners.reduce(([a, b], [c, d]) => [Math.min(a, c), Math.min(b, d)]), corners.reduce(([a, b], [c, d]) => [Math.max(a, c), Math.max(b, d)])];
    const size = map.latLngToContainerPoint(last).subtract(map.latLngToContainerPoint(first));
    if (always || Math.max(Math.abs(size.x), Math.abs(size.y)) < TOO_SMALL) map.fitBounds([first, last], { padding: [90, 90], maxZoom: 18, animate: false });
  };
  layer.on("select", ({ key }) => key && select(byTerrain.get(key)?.id ?? key));
  layer.on("hover", ({ key }) => mark(byTerrain.get(key)?.id ?? key));
  const mark = (id) => {
    const row = rowOf(id || state.get().selected);
    layer.highlight(row ? (row.terrains ?? [row.id]) : state.get().selected ? [state.get().selected] : null);
    for (const each of every("[data-offer]", panel)) each.classList.toggle("marked", each.dataset.offer === row?.id);
  };
  const toggle = (key, id, most = Infinity) => {
    const ids = list(key);
    const next = ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id].slice(-most);
    if (key === "fav") keepFavourites(shell, next);
    state.filter({ [key]: next.join("|") });
  };
  let found = null;
  let shownRows = SHOWN;
  const tools = makeTools(shell, target, {
    name: page.slug,
    rows: () => table(shell, found, isRooms()),
    features: () => features(shell, isRooms() ? [] : found.rows("oui").concat(found.rows("inconnu")), layer, shapeOf),
  });
  window.addEventListener("beforeprint", () => {
    const row = rowOf(state.get().selected);
    document.body.dataset.print = row ? "sheet" : "";
    if (!row) return;
    const paper = byId("sheet");
    const long = paper.textContent.length > LONG_SHEET;
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
    const setting = { sites: page.sites, placed: (row) => places.of(row) };
    const criteriaOf = (asked) => (rooms ? roomCriteria(asked, setting) : plotCriteria(asked, setting));
    const all = rooms ? page.rooms : page.plots;
    found = search(all, criteriaOf(filters));
    const order = sorter(filters.sort, rooms);
    const [sure, maybe] = ["oui", "inconnu"].map((answer) => found.rows(answer).sort(order));
    const chosen = rowOf(selected);
    const terrain = chosen ? null : terrainOf(selected);
    const tray = list("c").map(rowOf).filter(Boolean);
    const favourites = list("fav");
    const context = { shell, found, filters, rooms, places, look, select, toggle, tray, favourites, mark };
    const sizes = (each) => each.reduce((sum, row) => sum + ((rooms ? row.floor : row.ha) ?? 0), 0);
    show(
      panel,
      h("h1", {}, t(rooms ? "available.rooms.title" : "available.plots.title")),
      tabs(shell, rooms),
      h("p", { class: "big", id: "found-size", "data-size": sizes(sure) }, number(sizes(sure), lang, rooms ? 0 : 1), h("small", {}, ` ${t(rooms ? "available.rooms.size" : "available.plots.now")}`)),
      rooms ? h("p", { class: "soft" }, t("available.rooms.note")) : null,
      h("p", { id: "matches", "data-n": sure.length, "data-maybe": maybe.length, role: "status" }, h("strong", {}, shell.plural(rooms ? "available.rooms.count" : "available.plots.found", sure.length)), maybe.length ? ` · ${shell.plural("available.maybe", maybe.length)}` : "", places.done ? "" : ` · ${t("available.fit.busy")}`),
      chosen ? sheet(context, chosen) : terrain ? terrainSheet(shell, terrain, () => select(terrain.id)) : null,
      tray.length > 1 ? compared(context, tray) : null,
      rooms ? roomFilters(shell, all, criteriaOf) : plotFilters(shell, all, criteriaOf),
      found.eliminations.some(({ alone }) => alone) ? whyNot(shell, found) : null,
      sure.length || maybe.length ? null : h("p", { class: "note" }, t("available.none.match")),
      offerList(context, sure.slice(0, shownRows), "sure"),
      sure.length > shownRows ? h("button", { type: "button", id: "more", onclick: () => ((shownRows += SHOWN), state.set({})) }, t("available.more", { n: number(sure.length - shownRows, lang) })) : null,
      maybe.length ? h("h2", {}, t("available.maybe.title")) : null,
      maybe.length ? h("p", { class: "soft" }, t("available.maybe.note")) : null,
      offerList(context, maybe.slice(0, SHOWN), "maybe"),
      rooms ? null : lifting(shell),
      rooms ? null : absorption(shell),
      assumptions(shell),
      claimsSection(shell, t("site.claims"), page.claims),
      claimsSection(shell, t("available.premises"), page.premises),
      page.contact ? h("section", { class: "note contact" }, h("p", {}, h("strong", {}, t("available.contact"))), h("p", {}, h("a", { href: `mailto:${page.contact}` }, page.contact))) : null,
    );
    drawMap(context, { sure, maybe, chosen });
    mark("");
    tools();
  };
}

function drawMap({ shell, rooms, places, filters }, { sure, maybe, chosen }) {
  const { t, page } = shell;
  const { layer } = shell.target;
  const kept = new Map([...maybe.map((row) => [row, MAYBE]), ...sure.map((row) => [row, OFFER])]);
  const fills = new Map(rooms ? [] : page.plots.flatMap((row) => row.terrains.map((id) => [id, kept.get(row) ?? AWAY])));
  const placement = !rooms && chosen?.ground && rectangle(filters) ? places.of(chosen) : null;
  byId("stage-title").textContent = t(rooms ? "available.rooms.map" : "available.plots.map");
  layer.show({
    shapes: layer.data.shapes.items.map((item) => ({ ...item, fill: fills.get(item.key) ?? "" })),
    dots: rooms ? [...kept].filter(([row]) => row.at).map(([row, fill]) => ({ key: row.id, label: row.name, at: row.at, fill, jobs: 0 })) : [],
    rectangles: placement ? [{ corners: onMap(chosen, placement) }] : [],
  });
  const away = !rooms && [...fills.values()].includes(AWAY);
  showLegend([
    ...(sure.length ? [{ kind: rooms ? "dot" : "", colour: OFFER, text: t("available.legend.yes") }] : []),
    ...(maybe.length ? [{ kind: rooms ? "dot" : "", colour: MAYBE, text: t("available.legend.maybe") }] : []),
    ...(away ? [{ kind: "", colour: AWAY, text: t("available.legend.no") }] : []),
    ...(placement ? [{ kind: "rectangle", text: t("available.legend.fit") }] : []),
    { kind: "rest", text: t("available.terrain.other") },
  ]);
  showInset("", [], "");
}

function tabs(shell, rooms) {
  const { t } = shell;
  const tab = (key, on) => h("button", { type: "button", class: "tab", id: `tab-${key || "plots"}`, "aria-pressed": String(on), onclick: () => shell.state.set({ selected: "", filters: { ...kept(shell), tab: key } }) }, t(`available.tab.${key || "plots"}`));
  return h("p", { class: "tabs" }, tab("", !rooms), tab("rooms", rooms));
}

/** The filters that plots and premises share. */
function kept(shell) {
  const { commune, net, kw, km, st, fav, off } = shell.state.get().filters;
  return { commune, net, kw, km, st, fav, off };
}

// --- what is asked -----------------------------------------------------------------------------------------------------

function field(shell, key, props = {}) {
  const { filters } = shell.state.get();
  return h(
    "label",
    {},
    shell.t(`available.filter.${key}`),
    h("input", { type: "text", inputmode: "decimal", autocomplete: "off", id: `filter-${key}`, value: filters[key] ?? "", onchange: ({ target }) => shell.state.filter({ [key]: target.value }), ...props }),
  );
}

/** A box to tick, with how many would remain. */
function box(shell, key, value, text, count) {
  const { filters } = shell.state.get();
  const ticked = words(filters[key]);
  const on = ticked.includes(value);
  const next = (on ? ticked.filter((each) => each !== value) : [...ticked, value]).join("|");
  return h("label", { class: "check" }, h("input", { type: "checkbox", id: `${key}-${value}`, checked: on, onchange: () => shell.state.filter({ [key]: next }) }), ` ${text} `, h("span", { class: "soft", "data-count": count }, number(count, shell.lang)));
}

function communePicker(shell, all, criteriaOf) {
  const { t } = shell;
  const { filters } = shell.state.get();
  const names = [...new Set(all.flatMap((row) => row.communes))].sort((a, b) => a.localeCompare(b, "fr"));
  const option = (value, text) => h("option", { value, selected: (filters.commune ?? "") === value }, `${text} (${countWith(all, criteriaOf, { ...filters, commune: value })})`);
  return h("label", {}, t("available.filter.commune"), h("select", { id: "filter-commune", onchange: ({ target }) => shell.state.filter({ commune: target.value }) }, option("", t("available.filter.all")), ...names.map((name) => option(name, name))));
}

function sortPicker(shell, keys) {
  const { t } = shell;
  const { sort = "" } = shell.state.get().filters;
  return h("label", {}, t("available.sort"), h("select", { id: "filter-sort", onchange: ({ target }) => shell.state.filter({ sort: target.value }) }, ...keys.map((key) => h("option", { value: key, selected: key === sort }, t(`available.sort.${key || "size"}`)))));
}

function networkBoxes(shell, all, criteriaOf) {
  const { filters } = shell.state.get();
  const ticked = words(filters.net);
  return NETWORKS.map((name) => box(shell, "net", name, shell.t(`network.${name}`), countWith(all, criteriaOf, { ...filters, net: [...new Set([...ticked, name])].join("|") })));
}

function plotFilters(shell, all, criteriaOf) {
  const { t, lang } = shell;
  const { filters } = shell.state.get();
  const count = (changes) => countWith(all, criteriaOf, { ...filters, ...changes });
  const vocations = [...new Set(all.flatMap((row) => row.vocations))].sort((a, b) => a.localeCompare(b, "fr"));
  const asked = rectangle(filters);
  return h(
    "section",
    { class: "asked", "aria-label": t("available.asked") },
    h("div", { class: "pickers two" }, field(shell, "min", SIZED), field(shell, "max", SIZED)),
    sizesChart(shell, all, criteriaOf, HECTARES),
    h("fieldset", {}, h("legend", {}, t("available.fit")), h("div", { class: "pickers three" }, field(shell, "a"), field(shell, "b"), field(shell, "sb")), asked && lang === "en" ? h("p", { class: "soft" }, `${feet(asked.a, lang)} × ${feet(asked.b, lang)}`) : null),
    h("div", { class: "pickers two" }, communePicker(shell, all, criteriaOf), sortPicker(shell, ["", "km", "price"])),
    h(
      "details",
      { class: "fold", id: "more-filters", open: ["serv", "voc", "net", "kw", "km", "st", "price"].some((key) => filters[key]) },
      h("summary", {}, t("available.filter.more")),
      h("p", {}, box(shell, "serv", "1", t("available.filter.serv"), count({ serv: "1" }))),
      h("div", { class: "pickers two" }, field(shell, "km"), field(shell, "st"), field(shell, "kw"), field(shell, "price")),
      vocations.length ? h("fieldset", { lang: "fr" }, h("legend", { lang }, t("sheet.vocation")), ...vocations.map((word) => box(shell, "voc", word, word, count({ voc: [...new Set([...words(filters.voc), word])].join("|") })))) : null,
      h("fieldset", {}, h("legend", {}, t("available.networks")), ...networkBoxes(shell, all, criteriaOf)),
    ),
    reset(shell),
  );
}

function roomFilters(shell, all, criteriaOf) {
  const { t } = shell;
  const { filters } = shell.state.get();
  return h(
    "section",
    { class: "asked", "aria-label": t("available.asked") },
    h("div", { class: "pickers two" }, field(shell, "floor", SIZED), field(shell, "floorx", SIZED)),
    sizesChart(shell, all, criteriaOf, FLOORS),
    h("div", { class: "pickers two" }, field(shell, "h"), field(shell, "km")),
    h("p", {}, box(shell, "docks", "1", t("available.filter.docks"), countWith(all, criteriaOf, { ...filters, docks: "1" }))),
    h("div", { class: "pickers two" }, communePicker(shell, all, criteriaOf), sortPicker(shell, ["", "km", "price"])),
    h(
      "details",
      { class: "fold", id: "more-filters", open: ["net", "kw", "st", "price"].some((key) => filters[key]) },
      h("summary", {}, t("available.filter.more")),
      h("div", { class: "pickers two" }, field(shell, "st"), field(shell, "kw"), field(shell, "price")),
      h("fieldset", {}, h("legend", {}, t("available.networks")), ...networkBoxes(shell, all, criteriaOf)),
    ),
    reset(shell),
  );
}

function reset(shell) {
  const { fav = "", tab = "", off = "", ...set } = shell.state.get().filters;
  return Object.values(set).some(Boolean) ? h("button", { type: "button", class: "link", id: "filters-reset", onclick: () => shell.state.set({ filters: { fav, tab, off } }) }, shell.t("available.filter.reset")) : null;
}

/** How many remain by size: a whole bar for what all else leaves, its filled part for what is of the size asked. */
function sizesChart(shell, all, criteriaOf, size) {
  const { t, lang } = shell;
  const { filters } = shell.state.get();
  const { bars, silent } = histogram(all, criteriaOf, filters, size);
  const most = Math.max(...bars.map(({ count }) => count), 1);
  const asks = size.keys.some((key) => asked(filters[key]) !== null);
  const range = ({ from, to }) => (to === null ? [`≥ ${number(from, lang, 1)}`] : [`${number(from, lang, 1)}–`, h("wbr"), number(to, lang, 1)]);
  const bar = (each) =>
    h(
      "li",
      { "data-from": each.from, "data-count": each.count, "data-within": each.within },
      h("small", {}, number(each.within, lang), each.within === each.count ? null : h("span", { class: "soft" }, "/", h("span", { class: "hidden" }, ` ${t("available.sizes.of")} `), number(each.count, lang))),
      h("i", { "aria-hidden": "true", "--h": each.count / most, "--part": each.count ? each.within / each.count : 0 }),
      h("small", { class: "soft" }, ...range(each)),
    );
  return h(
    "div",
    { id: "sizes", class: "sizes" },
    h("p", { class: "soft", id: "sizes-title" }, `${t(size.name)} (${size.unit})`, asks ? ` · ${t("available.sizes.asked")}` : ""),
    h("ul", { "aria-labelledby": "sizes-title" }, ...bars.map(bar)),
    silent ? h("p", { class: "soft", id: "sizes-silent", "data-n": silent }, shell.plural("available.sizes.silent", silent)) : null,
  );
}

/** What each criterion takes away: alone, and after those before it. */
function whyNot(shell, found) {
  const { t, lang } = shell;
  return h(
    "details",
    { class: "fold", id: "why-not" },
    h("summary", {}, t("available.why_not")),
    h("ul", { class: "claims" }, ...found.eliminations.filter(({ alone, unknown }) => alone || unknown).map(({ name, alone, inSequence, unknown }) => h("li", { "data-criterion": name, "data-alone": alone, "data-in-sequence": inSequence, "data-unknown": unknown }, h("strong", {}, number(alone, lang)), ` ${t(`available.no.${name}`)}`, alone === inSequence ? "" : h("span", { class: "soft" }, ` · ${t("available.in_sequence", { n: number(inSequence, lang) })}`), unknown ? h("span", { class: "soft" }, ` · ${t("available.unknown_of", { n: number(unknown, lang) })}`) : null))),
  );
}

// --- what is found -----------------------------------------------------------------------------------------------------

function sorter(sort, rooms) {
  const size = (row) => (rooms ? row.floor : row.ha) ?? -1;
  const price = (row) => (rooms ? row.price : row.price[1]) ?? Infinity;
  const by = { km: (a, b) => (a.km.motorway_exit?.[0] ?? Infinity) - (b.km.motorway_exit?.[0] ?? Infinity), price: (a, b) => price(a) - price(b) };
  const compare = by[sort] ?? (() => 0);
  return (a, b) => compare(a, b) || size(b) - size(a) || (a.id < b.id ? -1 : 1);
}

const siteNames = ({ page }, row) => row.sites.map((site) => page.sites[site].name).join(", ");

function sizeText(shell, row, rooms) {
  const { lang, t } = shell;
  if (rooms) return row.floor === null ? t("available.not_given") : `${number(row.floor, lang)}\u202fm²`;
  return row.ha === null ? t("available.not_given") : `${number(row.ha, lang, 2)}\u202fha`;
}

function offerList({ shell, rooms, select, mark, favourites, toggle, found }, rows, id) {
  const { t, lang } = shell;
  if (!rows.length) return null;
  const { selected } = shell.state.get();
  return h(
    "ul",
    { class: "employers", id: `offers-${id}` },
    ...rows.map((row) =>
      h(
        "li",
        { "data-offer": row.id, onmouseenter: () => mark(row.id), onmouseleave: () => mark("") },
        h("span", { class: "row" }, h("button", { type: "button", class: "name", id: `offer-${row.id}`, "aria-pressed": String(row.id === selected), onclick: () => select(row.id) }, `${sizeText(shell, row, rooms)} · `, h("span", { lang: "fr" }, rooms ? row.name : siteNames(shell, row))), h("button", { type: "button", class: "plain star", id: `fav-${row.id}`, "aria-pressed": String(favourites.includes(row.id)), "aria-label": t("available.favourite", { id: row.id }), onclick: () => toggle("fav", row.id) }, favourites.includes(row.id) ? "★" : "☆")),
        h("span", { class: "soft", lang: "fr" }, [rooms ? siteNames(shell, row) : "", row.communes.join(", "), rooms ? row.id : row.terrains.length > 1 ? "" : row.terrains[0]].filter(Boolean).join(" · ")),
        h("span", { class: "soft" }, [!rooms && row.terrains.length > 1 ? t("available.terrains", { n: number(row.terrains.length, lang) }) : "", row.km.motorway_exit ? t("available.km.short", { km: kmText(shell, row.km.motorway_exit) }) : "", ...found.says(row, "inconnu").map((name) => t("available.not_known", { what: t(`available.asked.${name}`) }))].filter(Boolean).join(" · ")),
      ),
    ),
  );
}

const kmText = (shell, [km, crow]) => `${crow ? "" : "~ "}${number(km, shell.lang, 1)}\u202fkm`;

function sheet(context, row) {
  const { shell, rooms, found, select, toggle, tray, favourites, look } = context;
  const { t } = shell;
  const inTray = tray.includes(row);
  const favourite = favourites.includes(row.id);
  const against = found.says(row, "non");
  return h(
    "article",
    { class: "sheet", id: "sheet", "data-offer-sheet": row.id },
    h("h2", {}, `${sizeText(shell, row, rooms)} · `, h("span", { lang: "fr" }, rooms ? row.name : siteNames(shell, row))),
    against.length ? h("p", { class: "note", id: "against" }, t("available.against", { why: against.map((name) => t(`available.no.${name}`)).join(", ") })) : null,
    facts(rooms ? roomFacts(shell, row) : plotFacts(context, row)),
    h(
      "p",
      { class: "controls" },
      h("button", { type: "button", id: "sheet-back", onclick: () => select(row.id) }, t("sheet.back")),
      h("button", { type: "button", id: "sheet-compare", "aria-pressed": String(inTray), onclick: () => toggle("c", row.id, TRAY) }, t(inTray ? "zones.compare.out" : "zones.compare.in")),
      h("button", { type: "button", id: "sheet-favourite", "aria-pressed": String(favourite), onclick: () => toggle("fav", row.id) }, `${favourite ? "★" : "☆"} ${t("available.favourite.short")}`),
      rooms ? null : h("button", { type: "button", id: "sheet-look", onclick: () => look(row, true) }, t("available.look")),
      row.at ? h("button", { type: "button", id: "sheet-copy", onclick: ({ target }) => copy(target, row.at.join(", "), shell) }, t("available.copy")) : null,
      row.at ? link(`https://www.openstreetmap.org/directions?to=${row.at[0]}%2C${row.at[1]}`, t("available.route"), { class: "button" }) : null,
      h("button", { type: "button", id: "sheet-print", onclick: () => window.print() }, t("available.print")),
    ),
    shell.page.contact ? h("p", { class: "soft" }, `${t("available.contact")} : `, h("a", { href: `mailto:${shell.page.contact}` }, shell.page.contact)) : null,
  );
}

async function copy(button, text, shell) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = shell.t("available.copied");
  } catch {
    button.replaceWith(h("output", { class: "soft" }, text)); // the browser refuses: it can be copied by hand
  }
}

const given = (shell, value, write) => (value === null || value === undefined ? shell.t("available.not_given") : write(value));

function ways(shell, row) {
  const { t } = shell;
  return ACCESSES.map((kind) => [t(`access.${kind}`), given(shell, row.km[kind], (way) => `${kmText(shell, way)}${way[2] ? ` · ${way[2]}` : ""}${way[1] ? ` (${t("available.crow")})` : ` (${t("available.stated_km")})`}`)]);
}

function networksText(shell, row) {
  const { t, page } = shell;
  const answer = (name) => {
    const said = row.sites.map((site) => page.sites[site].networks[name]);
    return said.includes("non") ? "non" : said.includes("inconnu") ? "inconnu" : "oui";
  };
  const those = (value) => NETWORKS.filter((name) => answer(name) === value).map((name) => t(`network.${name}`)).join(", ");
  return [["oui", ""], ["non", t("available.networks.no")], ["inconnu", t("available.networks.unknown")]].map(([value, lead]) => those(value) && [lead, those(value)].filter(Boolean).join(" ")).filter(Boolean).join(" · ");
}

const both = (text, other) => (other ? `${text} (${other})` : text);

function plotFacts({ shell, places, filters }, row) {
  const { t, lang } = shell;
  const ha = (value) => both(`${number(value, lang, 2)}\u202fha`, acres(value, lang));
  const metres = (value) => both(`${number(value, lang)}\u202fm`, feet(value, lang));
  const asked = rectangle(filters);
  const placement = asked && places.of(row);
  const euros = (value) => `${number(value, lang, 2)}\u202f€/m²`;
  return [
    [t("available.terrains.of"), row.terrains.join(", ")],
    [t("sheet.commune"), row.communes.join(", ")],
    [t("available.left"), given(shell, row.ha, (value) => `${ha(value)}, ${t("available.left.of", { gross: ha(row.gross_ha) })}`)],
    asked ? [t("available.fit.short", { a: number(asked.a, lang), b: number(asked.b, lang), sb: number(asked.setback, lang) }), h("span", { id: "fit-answer", "data-fit": placement === undefined ? "inconnu" : placement ? "oui" : "non", "data-angle": placement ? placement.angle : false }, placement ? t("available.fit.yes", { angle: number(placement.angle, lang) }) : t(placement === null ? "available.fit.no" : "available.fit.unknown"))] : ["", ""],
    [t("available.width"), given(shell, row.width, metres)],
    [t("available.circle"), given(shell, row.circle, metres)],
    [t("available.frontage"), given(shell, row.frontage, metres)],
    [t("available.servicing"), t(`word.${row.serviced}`)],
    [t("available.networks"), networksText(shell, row)],
    [t("available.power"), given(shell, row.power, (value) => `${number(value, lang)}\u202fkW`)],
    [t("sheet.vocation"), row.vocations.length ? h("span", { lang: "fr" }, row.vocations.join(", ")) : t("available.not_given")],
    [t("available.price"), row.price[0] === null ? t("available.not_given") : rangeText(shell, euros(row.price[0]), euros(row.price[1]))],
    [t("available.from"), given(shell, row.from, (value) => t("available.since", { date: date(value, lang) }))],
    [t("available.owners"), given(shell, row.owners, (value) => shell.plural("available.owners.count", value))],
    ...ways(shell, row),
    [t("sheet.source"), sources(shell, row)],
  ];
}

function roomFacts(shell, row) {
  const { t, lang } = shell;
  return [
    [t("zones.name"), h("span", { lang: "fr" }, siteNames(shell, row))],
    [t("sheet.commune"), row.communes.join(", ")],
    [t("available.floor"), given(shell, row.floor, (value) => both(`${number(value, lang)}\u202fm²`, squareFeet(value, lang)))],
    [t("available.height"), given(shell, row.height, (value) => both(`${number(value, lang, 1)}\u202fm`, feet(value, lang)))],
    [t("available.docks"), given(shell, row.docks, (value) => number(value, lang))],
    [t("available.power"), given(shell, row.power, (value) => `${number(value, lang)}\u202fkW`)],
    [t("available.networks"), networksText(shell, row)],
    [t("available.rent"), given(shell, row.price, (value) => `${number(value, lang, 2)}\u202f€/m²`)],
    [t("available.from"), given(shell, row.from, (value) => t("available.since", { date: date(value, lang) }))],
    ...ways(shell, row),
    [t("sheet.source"), sources(shell, row)],
  ];
}

function sources(shell, row) {
  return h("span", {}, ...row.sources.flatMap((id, n) => [n ? ", " : "", shell.cite(id)]), ` · ${shell.t(`basis.${row.basis}`)}`);
}

function terrainSheet(shell, terrain, close) {
  const { t, lang, page } = shell;
  const word = (value) => t(`word.${value}`);
  return h(
    "article",
    { class: "sheet", id: "sheet" },
    h("h2", {}, `${t("available.terrain")} ${terrain.id}`),
    h("p", { class: "note" }, t(terrain.now === "non" ? "available.terrain.no" : "available.terrain.unknown")),
    facts([
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

function compared(context, tray) {
  const { shell, rooms, toggle } = context;
  const columns = tray.map((row) => ({ id: row.id, name: `${sizeText(shell, row, "floor" in row)} · ${"floor" in row ? row.name : siteNames(shell, row)}` }));
  const told = tray.map((row) => ("floor" in row ? roomFacts(shell, row) : plotFacts(context, row)));
  const names = [...new Set(told.flatMap((each) => each.map(([name]) => name)))].filter(Boolean);
  const cells = names.map((name) => ({ name, values: told.map((each) => each.find(([own]) => own === name)?.[1] ?? "") }));
  return comparison(shell, { title: shell.t(rooms ? "available.compare.rooms" : "available.compare", { n: tray.length }), columns, rows: cells, drop: (id) => toggle("c", id) });
}

/** What lifting each constraint alone would free. */
function lifting(shell) {
  const { t, lang, page } = shell;
  const rows = page.lifting.filter(({ covers }) => covers[1]);
  if (!rows.length) return null;
  const most = Math.max(...rows.map(({ covers }) => covers[1]));
  const pair = (values) => rangeText(shell, ...values.map((value) => number(value, lang, 2)));
  return h(
    "section",
    { id: "lifting" },
    h("h2", {}, t("available.lifting")),
    h("p", { class: "soft" }, t("available.lifting.note")),
    h("ol", { class: "fall" }, ...rows.map(({ reason, frees, covers }) => h("li", { "data-reason": reason, "data-frees-low": frees[0], "data-frees-high": frees[1] }, h("span", {}, t(`exclusion.${reason}`)), h("strong", {}, `+ ${pair(frees)}\u202fha`), h("span", { class: "bar", "aria-hidden": "true" }, h("i", { class: "whole", "--w": `${(100 * covers[1]) / most}%` }), h("i", { class: "part", "--w": `${(100 * frees[1]) / most}%` })), h("small", { class: "soft" }, t("available.lifting.covers", { ha: pair(covers) }))))),
  );
}

/** How fast ground was sold, and how long what is on offer lasts; why nobody can tell where years are too few. */
function absorption(shell) {
  const { t, page } = shell;
  const [years, pace, supply] = ["absorption_years", "absorption_ha_per_year", "supply_years"].map((kind) => page.figures.find((figure) => figure.kind === kind));
  const told = (figure) => h("p", { "data-figure": figure.kind, "data-low": figure.low, "data-high": figure.high }, h("strong", { class: "value" }, shell.figureValue(figure)), ` ${t(`available.${figure.kind}`)}`);
  return h(
    "section",
    { id: "absorption" },
    h("h2", {}, t("available.absorption")),
    pace ? told(pace) : h("p", { class: "note" }, shell.plural("available.absorption.few", years.low)),
    supply ? told(supply) : null,
    pace ? h("p", { class: "soft" }, shell.plural("available.absorption.years", years.low), ` · ${t(`basis.${pace.basis}`)} · ${t("available.absorption.note")}`) : null,
  );
}

// --- what is taken away ------------------------------------------------------------------------------------------------

function table(shell, found, rooms) {
  const { t, lang } = shell;
  const rows = found.rows("oui").concat(found.rows("inconnu"));
  /** @type {[string, (row: any) => any][]} */
  const columns = rooms
    ? [["id", (row) => row.id], ["name", (row) => row.name], ["floor_m2", (row) => row.floor], ["height_m", (row) => row.height], ["docks", (row) => row.docks], ["rent", (row) => row.price]]
    : [["terrains", (row) => row.terrains.join(" + ")], ["left_ha", (row) => row.ha], ["gross_ha", (row) => row.gross_ha], ["width_m", (row) => row.width], ["serviced", (row) => t(`word.${row.serviced}`)], ["vocation", (row) => row.vocations.join(", ")], ["price_low", (row) => row.price[0]], ["price_high", (row) => row.price[1]], ["owners", (row) => row.owners]];
  /** @type {[string, (row: any) => any][]} */
  const common = [["site", (row) => siteNames(shell, row)], ["commune", (row) => row.communes.join(", ")], ["answer", (row) => t(found.says(row, "inconnu").length ? "available.legend.maybe" : "available.legend.yes")], ["power_kw", (row) => row.power], ["motorway_km", (row) => row.km.motorway_exit?.[0] ?? null], ["latitude", (row) => row.at?.[0] ?? null], ["longitude", (row) => row.at?.[1] ?? null], ["basis", (row) => t(`basis.${row.basis}`)], ["source", (row) => row.sources.map((id) => shell.source(id).name).join(", ")]];
  const all = [...columns, ...common];
  return { lang, rows: [all.map(([key]) => t(`column.${key}`)), ...rows.map((row) => all.map(([, of]) => of(row)))] };
}

/** The plots that were found, as features: a terrain each, with the plot it is part of, as parts that touch are no one shape. */
function features(shell, rows, layer, shapeOf) {
  return rows.flatMap((row) =>
    row.terrains
      .filter((id) => shapeOf.has(id))
      .map((id) => ({
        type: "Feature",
        id,
        properties: { terrain_id: id, plot_id: row.id, sites: siteNames(shell, row), communes: row.communes.join("|"), available: row.available, plot_left_ha: row.ha, plot_gross_ha: row.gross_ha, serviced: row.serviced, price_low_eur_m2: row.price[0], price_high_eur_m2: row.price[1], motorway_km: row.km.motorway_exit?.[0] ?? null, basis: row.basis, sources: row.sources.map((source) => shell.source(source).name).join(", ") },
        geometry: { type: "MultiPolygon", coordinates: layer.shapes.polygons(shapeOf.get(id)) },
      })),
  );
}

/** Favourites that the browser keeps, where it may and the address has none. */
function restoreFavourites(shell) {
  const { filters } = shell.state.get();
  const stored = storage()?.getItem(`${FAVOURITES}.${shell.page.slug}`);
  if (stored && filters.fav === undefined) shell.state.put({ filters: { ...filters, fav: stored } });
}

function keepFavourites(shell, ids) {
  storage()?.setItem(`${FAVOURITES}.${shell.page.slug}`, ids.join("|"));
}

function storage() {
  try {
    return window.localStorage;
  } catch {
    return null; // not allowed: the address keeps them
  }
}
