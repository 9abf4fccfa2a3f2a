import { words } from "./criteria.js";
import { chainFold, chainOf, citedRows, figuresFold } from "./chains.js";
import { byId, every, h, show } from "./dom.js";
import { between, bothEnds, number, percent, published } from "./format.js";
import { MEASURES, classes, fallOf, measureName, measured, sharedBy, told, valueText } from "./measures.js";
import {
  assumptions,
  claimedTwice,
  claimsSection,
  communesOf,
  comparison,
  facts,
  overlaid,
  rangeText,
  showInset,
  showLegend,
} from "./panel.js";
import { fold } from "./folding.js";
import { namesList } from "./names.js";
import { makeTools } from "./tools.js";

const RAMP = ["#c6dbef", "#6baed6", "#2171b5", "#08306b"];
const UNKNOWN = "#ffffff";
/** The states of a zone, as the standard has them, and what nobody said. */
const ACTIVE = "existant et actif";
const STATES = ["en projet", "création", ACTIVE, "projet de déclassement", "déclassé", "inconnu"];
/** @param {Zone} zone */
const stateOf = (zone) => zone.state || "inconnu";
/** How many zones are compared at once. */
const TRAY = 4;

/**
 * From gross to available, step by step: what passes, what nobody knows, what is taken away.
 * @param {Shell<ZonesPage>} shell @param {string} id @param {Zone[]} rows @param {string} [title]
 */
function waterfall(shell, id, rows, title = "") {
  const { t, lang } = shell;
  const fall = fallOf(rows, shell.page.shared);
  if (!fall.length) return null;
  const gross = fall[0].ha[4];
  /** @param {number} ha */
  const part = (ha) => `${(100 * ha) / gross}%`;
  return h(
    "section",
    {},
    h("h2", {}, title || t("zones.fall")),
    h(
      "ol",
      { class: "fall" },
      ...fall.map(({ step, ha: [, , , low, high] }) =>
        h(
          "li",
          { "data-step": step, "data-low": low, "data-high": high },
          h("span", {}, t(`step.${step}`)),
          h("strong", {}, rangeText(shell, number(low, lang, 1), number(high, lang, 1))),
          h(
            "span",
            { class: "bar", "aria-hidden": "true" },
            h("i", { class: "whole", "--w": part(gross) }),
            h("i", { class: "maybe", "--w": part(high) }),
            h("i", { class: "part", "--w": part(low) }),
          ),
        ),
      ),
    ),
    h("p", { class: "soft" }, t("zones.fall.note")),
    chainFold(shell, `working-${id}`, fallChains(shell, rows, fall)),
  );
}

/** The steps of which the ledger has a figure, and the kind of each. */
/** @type {Record<string, string>} */
const TOLD = { gross: "gross_ha", serviced: "immediately_available_ha", large_enough: "available_ha" };

/**
 * What a sum of falls rests on, at each step of which the ledger has a figure.
 * @param {Shell<ZonesPage>} shell @param {Zone[]} rows @param {FallStep[]} fall @returns {Sum[]}
 */
function fallChains(shell, rows, fall) {
  const { t, lang } = shell;
  const known = rows.filter((zone) => zone.fall.length);
  return fall
    .filter(({ step }) => step in TOLD)
    .map(({ step, ha: [, , , low, high] }) => ({
      of: TOLD[step],
      title: `${rangeText(shell, number(low, lang, 1), number(high, lang, 1))}\u202fha · ${t(`figure.${TOLD[step]}`)}`,
      chain: () =>
        chainOf(
          known.map(({ sums }) => sums[TOLD[step]]),
          citedRows(shell.page),
        ),
    }));
}

/**
 * The page of zones: a measure, a list, a sheet, the map.
 * @param {Shell<ZonesPage>} shell @param {State} state @param {Target} target
 */
export function zones(shell, state, target) {
  const { page } = shell;
  const { layer } = target;
  const panel = byId("panel");
  const byKey = new Map(page.zones.map((zone) => [zone.key, zone]));
  /** @param {string} key */
  const zoneOf = (key) => /** @type {Zone} */ (byKey.get(key));
  /** @param {string} id */
  const select = (id) => {
    const opening = state.get().selected !== id;
    state.set({ selected: opening ? id : "" });
    if (opening) byId("sheet")?.scrollIntoView({ block: "nearest" });
    else byId(`zone-${id}`)?.focus();
  };
  layer.on("select", ({ key }) => {
    const zone = byKey.get(key ?? "");
    if (zone) select(zone.id);
  });
  layer.on("hover", ({ key }) => mark(key ? byKey.get(key)?.id : ""));
  /** @param {string | undefined} id */
  const mark = (id) => {
    const zone = page.zones.find((each) => each.id === (id || state.get().selected));
    layer.highlight(zone ? [zone.key] : null);
    for (const row of every("[data-zone]", panel)) row.classList.toggle("marked", row.dataset.zone === zone?.id);
  };
  const tools = makeTools(shell, target, { name: `${page.slug}`, rows: () => table(shell) });

  const inTray = () =>
    words(state.get().filters.c)
      .flatMap((id) => page.zones.find((zone) => zone.id === id) ?? [])
      .slice(0, TRAY);
  /** @param {string} id */
  const compare = (id) => {
    const ids = inTray().map((zone) => zone.id);
    state.filter({ c: (ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id].slice(-TRAY)).join("|") });
  };
  const measures = measured(page.zones).length ? measured(page.zones) : ["land"];
  const states = STATES.filter((each) => page.zones.some((zone) => stateOf(zone) === each));
  const communes = [...new Set(page.zones.flatMap((zone) => zone.communes))].sort((a, b) => a.localeCompare(b, "fr"));

  return () => {
    const { t, lang } = shell;
    const { q: search = "", sort = "", commune = "", state: at = "", known: only = "" } = state.get().filters;
    const measure = measures.includes(state.get().measure) ? state.get().measure : "land";
    /** @param {Zone} zone */
    const value = (zone) => MEASURES[measure].of(zone)?.[0] ?? null;
    const known = page.zones.filter((zone) => zone.land_ha !== null);
    const breaks = classes(page.zones.map(value).filter((each) => each !== null));
    /** @param {Zone} zone */
    const place = (zone) => breaks.filter((limit) => (value(zone) ?? -Infinity) >= limit).length;
    /** @param {Zone} zone */
    const colour = (zone) => (value(zone) === null ? UNKNOWN : RAMP[place(zone)]);
    const chosen = page.zones.find((zone) => zone.id === state.get().selected);
    const tray = inTray();
    /** @param {Zone} a @param {Zone} b */
    const byName = (a, b) => a.name[lang].localeCompare(b.name[lang], lang);
    const rows = page.zones
      .filter((zone) => fold([zone.name[lang], ...zone.communes, ...zone.other_names].join(" ")).includes(fold(search)))
      .filter(
        (zone) =>
          (!commune || zone.communes.includes(commune)) &&
          (!at || stateOf(zone) === at) &&
          (!only || value(zone) !== null),
      )
      .sort((a, b) => (sort === "name" ? byName(a, b) : (value(b) ?? -1) - (value(a) ?? -1) || byName(a, b)));
    const twice = sharedBy(
      rows.filter((zone) => zone.fall.length),
      page.shared,
    );
    /** @param {string} key @param {string} text @param {Props} [props] */
    const sorter = (key, text, props = {}) =>
      h(
        "th",
        {
          scope: "col",
          "aria-sort": (sort || "value") === key ? (key === "name" ? "ascending" : "descending") : "none",
          ...props,
        },
        h(
          "button",
          {
            type: "button",
            class: "link",
            id: `sort-${key}`,
            onclick: () => state.filter({ sort: key === "value" ? "" : key }),
          },
          text,
        ),
      );
    show(
      panel,
      h("h1", {}, page.title[lang]),
      ...counted(shell, known.length),
      chosen
        ? sheet(shell, chosen, {
            close: () => select(chosen.id),
            compare: () => compare(chosen.id),
            inTray: tray.includes(chosen),
          })
        : null,
      tray.length ? compared(shell, tray, measures, compare) : null,
      h(
        "div",
        { class: "pickers" },
        h(
          "label",
          {},
          t("zones.measure"),
          h(
            "select",
            { id: "measure", onchange: (event) => state.set({ measure: event.target.value }) },
            ...measures.map((key) => h("option", { value: key, selected: key === measure }, measureName(shell, key))),
          ),
        ),
        h("p", { class: "soft", id: "measure-note" }, t(`zones.note.${measure}`)),
        h(
          "label",
          {},
          t("zones.search"),
          h("input", {
            type: "search",
            id: "search",
            value: search,
            oninput: (event) => state.filter({ q: event.target.value }),
          }),
        ),
        h(
          "label",
          {},
          t("sheet.commune"),
          h(
            "select",
            { id: "commune", onchange: (event) => state.filter({ commune: event.target.value }) },
            h("option", { value: "" }, t("available.filter.all")),
            ...communes.map((name) => h("option", { value: name, selected: name === commune }, name)),
          ),
        ),
        states.length > 1 || at
          ? h(
              "label",
              {},
              t("sheet.state"),
              h(
                "select",
                { id: "state", onchange: (event) => state.filter({ state: event.target.value }) },
                h("option", { value: "" }, t("zones.state.all")),
                ...states.map((each) => h("option", { value: each, selected: each === at }, t(`state.${each}`))),
              ),
            )
          : null,
        h(
          "label",
          { class: "check" },
          h("input", {
            type: "checkbox",
            id: "only-known",
            checked: Boolean(only),
            onchange: (event) => state.filter({ known: event.target.checked ? "1" : "" }),
          }),
          ` ${t("zones.only")}`,
        ),
      ),
      h(
        "p",
        { class: "soft", id: "zones-found", role: "status", "data-n": rows.length },
        shell.plural("zones.count", rows.length),
      ),
      rows.length
        ? h(
            "table",
            { class: "list" },
            h(
              "thead",
              {},
              h(
                "tr",
                {},
                sorter("name", t("zones.name")),
                sorter("value", measureName(shell, measure), { class: "right" }),
              ),
            ),
            h(
              "tbody",
              {},
              ...rows.map((zone) =>
                h(
                  "tr",
                  { "data-zone": zone.id, onmouseenter: () => mark(zone.id), onmouseleave: () => mark("") },
                  h(
                    "th",
                    { scope: "row" },
                    h(
                      "button",
                      {
                        type: "button",
                        class: "name",
                        id: `zone-${zone.id}`,
                        "aria-pressed": String(zone === chosen),
                        onclick: () => select(zone.id),
                      },
                      h("i", { class: "key", "--c": colour(zone) }),
                      h("span", { lang: "fr" }, zone.name[lang]),
                    ),
                    h("span", { class: "soft" }, ` ${communesOf(shell, zone)}`),
                    ![ACTIVE, "inconnu"].includes(stateOf(zone))
                      ? h("span", { class: "tag" }, t(`state.${zone.state}`))
                      : null,
                  ),
                  h(
                    "td",
                    { class: "right" },
                    value(zone) === null
                      ? h("span", { class: "soft" }, told(shell, zone, measure))
                      : told(shell, zone, measure),
                  ),
                ),
              ),
            ),
          )
        : page.counted
          ? h("p", { class: "note" }, t("zones.none"))
          : null,
      page.stand_ins ? h("p", { class: "soft" }, t("zones.unnamed", { n: page.stand_ins })) : null,
      waterfall(shell, "zones", rows, shell.plural("zones.fall.sum", rows.filter((zone) => zone.fall.length).length)),
      twice
        ? h("p", { class: "note", id: "fall-overlaid" }, t("zones.fall.overlaid", { area: overlaid(twice, lang) }))
        : null,
      assumptions(shell),
      claimsSection(shell, t("site.claims"), page.claims),
    );
    byId("stage-title").textContent = t(mapTitle(page, layer));
    layer.show({
      blocks: layer.data.blocks.map((block) => {
        const zone = zoneOf(block.key);
        return { ...block, fill: colour(zone), opacity: 0.85, label: shown(zone, lang) };
      }),
      shapes: layer.data.shapes.items.map((item) => {
        const zone = zoneOf(item.key);
        return { ...item, fill: colour(zone), text: zone.name[lang], symbol: zone.land_ha };
      }),
    });
    const counts = RAMP.map((_, n) => page.zones.filter((zone) => value(zone) !== null && place(zone) === n).length);
    showLegend([
      { kind: "title", text: measureName(shell, measure) },
      ...(breaks.length || page.zones.some((zone) => value(zone) !== null)
        ? [...RAMP.slice(0, breaks.length + 1)].map((fill, n) => ({
            kind: "",
            colour: fill,
            text: classText(shell, breaks, n, measure),
            count: counts[n],
            of: Math.max(...counts),
          }))
        : []),
      ...(page.zones.some((zone) => value(zone) === null && zone.land_ha !== null)
        ? [{ kind: "", colour: UNKNOWN, text: t("zones.legend.unknown") }]
        : []),
      ...(layer.data.blocks.some((block) => block.circle) ? [{ kind: "unknown", text: t("zones.legend.circle") }] : []),
    ]);
    const placed = new Set([...layer.data.blocks, ...layer.data.shapes.items].map(({ key }) => key));
    const lost = page.zones.filter(({ key }) => !placed.has(key));
    showInset(
      shell,
      Array.from({ length: page.stand_ins + lost.length }, () => h("i", { class: "ring" })),
      page.stand_ins ? t("zones.inset", { n: page.stand_ins, all: page.counted }) : "",
      lost.map((zone) => zone.name[lang]),
    );
    mark("");
    tools();
  };
}

/**
 * What the map is called: by what is drawn on it.
 * @param {ZonesPage} page @param {CanvasLayer} layer
 */
function mapTitle(page, layer) {
  if (layer.data.blocks.length) return `zones.map.title${page.stated ? ".points" : ""}`;
  return layer.data.shapes.items.length ? "zones.map.title.shapes" : "zones.map.title.none";
}

/**
 * The area of the zones whose area is known, and how many zones there are and are named.
 * @param {Shell<ZonesPage>} shell @param {number} known
 */
function counted(shell, known) {
  const { t, lang, page } = shell;
  const area = page.figures.find((each) => each.kind === "zones_known_ha");
  const ha = /** @type {number} */ (area?.low);
  return [
    known
      ? h(
          "p",
          { class: "big", id: "known-ha" },
          number(ha, lang, 1),
          h("small", {}, ` ${t("zones.known", { n: known })}`),
        )
      : null,
    known ? claimedTwice(shell, area, "p") : null,
    page.counted
      ? h(
          "p",
          {},
          t(known ? "zones.of" : "zones.of.none", { all: page.counted }),
          " ",
          page.named ? shell.plural("zones.named", page.named) : t("zones.named.none"),
        )
      : h(
          "p",
          { class: "note", id: "no-zones" },
          t("zones.empty"),
          page.others ? ` ${shell.plural("zones.others", page.others)}` : "",
        ),
    known && area ? figuresFold(shell, "working-known", [area]) : null,
  ];
}

/** @param {Zone} zone @param {Lang} lang */
const shown = (zone, lang) => zone.name[lang].replace(/\s*\(.*\)$/, "");

/** @param {Shell<ZonesPage>} shell @param {number[]} breaks @param {number} n @param {string} measure */
function classText(shell, breaks, n, measure) {
  /** @param {number} each */
  const value = (each) => valueText(shell, measure, each);
  if (!n) return breaks.length ? `< ${value(breaks[0])}` : measureName(shell, measure);
  return n === breaks.length ? `≥ ${value(breaks[n - 1])}` : between(value(breaks[n - 1]), value(breaks[n]));
}

/**
 * The statutory rate in words: vacant land units over all, or why there is none.
 * @param {Shell<ZonesPage>} shell @param {Legal} legal
 */
function legalText(shell, legal) {
  const { t, lang } = shell;
  if (!legal.rate) return t(`zones.legal.${legal.why}`);
  /** @param {Pair} pair */
  const count = (pair) => rangeText(shell, ...bothEnds(pair, (each) => number(each, lang)));
  const rate = rangeText(shell, ...bothEnds(legal.rate, (each) => percent(each, lang)));
  return `${rate} · ${t("zones.legal.units", { vacant: count(legal.vacant), all: count(legal.units) })}`;
}

/**
 * What the rule of borders leaves out of the land units, and which of them another zone counts, too.
 * @param {Shell<ZonesPage>} shell @param {Legal | null} legal
 */
function legalNotes(shell, legal) {
  const { t, lang } = shell;
  if (!legal?.rate) return [];
  /** @param {Pair} pair */
  const count = (pair) => rangeText(shell, ...bothEnds(pair, (each) => number(each, lang)));
  return [
    legal.edges
      ? h(
          "p",
          { class: "soft", id: "legal-every" },
          t("zones.legal.every", {
            edges: number(legal.edges, lang),
            units: count(legal.units),
            every: count(legal.every),
          }),
        )
      : null,
    legal.several
      ? h("p", { class: "soft", id: "legal-several" }, t("zones.legal.several", { n: number(legal.several, lang) }))
      : null,
  ];
}

/**
 * Up to four zones side by side, measure by measure.
 * @param {Shell<ZonesPage>} shell @param {Zone[]} tray @param {string[]} measures @param {(id: string) => void} drop
 */
function compared(shell, tray, measures, drop) {
  const { t, lang } = shell;
  return comparison(shell, {
    title: t("zones.compare.title", { n: tray.length }),
    columns: tray.map((zone) => ({ id: zone.id, name: zone.name[lang] })),
    rows: [
      { name: t("sheet.commune"), values: tray.map((zone) => h("span", { lang: "fr" }, zone.communes.join(", "))) },
      ...measures.map((key) => ({
        key,
        name: measureName(shell, key),
        values: tray.map((zone) => told(shell, zone, key)),
      })),
      { name: t("sheet.state"), values: tray.map((zone) => t(`state.${stateOf(zone)}`)) },
      { name: t("sheet.vocation"), values: tray.map((zone) => zone.vocation[lang] || t("sheet.unknown")) },
      {
        name: t("sheet.source"),
        values: tray.map((zone) => h("span", {}, shell.cite(zone.source), ` · ${t(`basis.${zone.basis}`)}`)),
      },
    ],
    drop,
  });
}

/**
 * @param {Shell<ZonesPage>} shell @param {Zone} zone
 * @param {{close: () => void, compare: () => void, inTray: boolean}} given
 */
function sheet(shell, zone, { close, compare, inTray }) {
  const { t, lang } = shell;
  /** @type {Record<string, string>} */
  const kinds = { gross: "sheet.gross", not_said: "kind.not_said" };
  const called = zone.land_kind in kinds ? `, ${t(kinds[zone.land_kind])}` : "";
  const land = zone.land_ha === null ? t("sheet.unknown") : `${number(zone.land_ha, lang, 1)}\u202fha${called}`;
  /** @param {number} low @param {number} high */
  const share = (low, high) => rangeText(shell, percent(low, lang), percent(high, lang));
  return h(
    "article",
    { class: "sheet", id: "sheet" },
    h("h2", { lang: "fr" }, zone.name[lang]),
    facts([
      [t("sheet.commune"), communesOf(shell, zone)],
      [t("sheet.area"), land],
      [t("sheet.jobs"), zone.jobs === null ? t("sheet.unknown") : number(zone.jobs, lang)],
      [t("sheet.vocation"), zone.vocation[lang] || t("sheet.unknown")],
      [t("sheet.state"), t(`state.${stateOf(zone)}`)],
      [t("sheet.opened"), zone.opened && h("span", { lang: "fr" }, zone.opened)],
      [
        t("sheet.occupants"),
        zone.occupants.length
          ? namesList(
              shell,
              zone.occupants.map((occupant) => ({ occupant })),
            )
          : "",
      ],
      [t("sheet.names"), zone.other_names.length ? h("span", { lang: "fr" }, zone.other_names.join(", ")) : ""],
      [
        t("zones.inside"),
        zone.inside.length
          ? h(
              "span",
              { lang: "fr" },
              zone.inside
                .map((each) =>
                  each.land_ha === null ? each.name[lang] : `${each.name[lang]} (${number(each.land_ha, lang, 1)} ha)`,
                )
                .join(" · "),
            )
          : "",
      ],
      [t("sheet.held"), zone.held.map(([kind, low, high]) => `${t(`kind.${kind}`)} ${share(low, high)}`).join(" · ")],
      [t("zones.measure.vacancy"), zone.vacancy[0] === null ? "" : share(.../** @type {Pair} */ (zone.vacancy))],
      [t("zones.measure.legal"), zone.legal ? legalText(shell, zone.legal) : ""],
      [
        t("sheet.premises"),
        zone.premises &&
          t("vacancy.premises", {
            n: rangeText(shell, ...bothEnds(zone.premises.vacant, (each) => number(each, lang))),
            all: number(zone.premises.all, lang),
            share: share(...zone.premises.share),
            floor: share(...zone.premises.floor_share),
          }),
      ],
      [t("zones.gaps"), zone.missing.map((key) => t(`zones.missing.${key}`)).join(", ")],
      [
        t("sheet.source"),
        h(
          "span",
          {},
          shell.cite(zone.source),
          zone.as_of ? `, ${t("sheet.as_of", { date: published(zone.as_of, lang, t) })}` : "",
          ` · ${t(`basis.${zone.basis}`)}`,
        ),
      ],
    ]),
    zone.note[lang] ? h("p", { class: "soft" }, zone.note[lang]) : null,
    waterfall(shell, "zone", [zone]),
    [zone, ...zone.inside]
      .filter((each) => each.href)
      .map((each) =>
        h(
          "p",
          {},
          h(
            "a",
            { href: each.href + (lang === "en" ? "#l=en" : "") },
            h("span", { lang: "fr" }, each.name[lang]),
            ` · ${t("zones.page")}`,
          ),
        ),
      )[0] ?? null,
    ...legalNotes(shell, zone.legal),
    zone.legal ? h("p", { class: "soft" }, t("zones.legal.formula")) : null,
    h(
      "p",
      { class: "controls" },
      h("button", { type: "button", id: "sheet-back", onclick: close }, t("sheet.back")),
      h(
        "button",
        { type: "button", id: "sheet-compare", "aria-pressed": String(inTray), onclick: compare },
        t(inTray ? "zones.compare.out" : "zones.compare.in"),
      ),
    ),
  );
}

/** @param {Shell<ZonesPage>} shell @returns {Table} */
function table(shell) {
  const { t, lang, page } = shell;
  const measures = measured(page.zones);
  const head = [
    t("zones.name"),
    t("sheet.commune"),
    ...measures.flatMap((key) =>
      ends(key).map((end) =>
        [measureName(shell, key), end && t(`range.${end}`), UNITS[MEASURES[key].unit]].filter(Boolean).join(", "),
      ),
    ),
    t("sheet.state"),
    t("sheet.vocation"),
    t("sheet.basis"),
    t("sheet.source"),
  ];
  const rows = page.zones.map((zone) => [
    zone.name[lang],
    zone.communes.join(", "),
    ...measures.flatMap((key) => ends(key).map((_, n) => MEASURES[key].of(zone)?.[n] ?? null)),
    t(`state.${stateOf(zone)}`),
    zone.vocation[lang],
    t(`basis.${zone.basis}`),
    shell.source(zone.source).name,
  ]);
  return { lang, rows: [head, ...rows] };
}

const UNITS = { ha: "ha", share: "0–1", jobs: "", density: "/ha" };

/**
 * Measures that may be a pair of bounds take two columns.
 * @param {string} key
 */
const ends = (key) => (["land", "jobs", "density"].includes(key) ? [""] : ["low", "high"]);
