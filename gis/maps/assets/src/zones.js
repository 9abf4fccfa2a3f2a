import { h, show } from "./dom.js";
import { number, percent, published } from "./format.js";
import { assumptions, claimsSection, facts, fold, rangeText, showInset, showLegend } from "./panel.js";
import { makeTools } from "./tools.js";

const RAMP = ["#c6dbef", "#6baed6", "#2171b5", "#08306b"];
const UNKNOWN = "#ffffff";

/** What a zone can be measured by; bounds are shown by their lower end. */
const MEASURES = {
  land: (zone) => zone.land_ha,
  jobs: (zone) => zone.jobs,
  available: (zone) => (zone.fall.length ? zone.fall[zone.fall.length - 1].ha[3] : null),
  vacancy: (zone) => zone.vacancy[0],
};

/** What a measure is called: areas are measured where every zone has its shape. */
function measureName(shell, measure) {
  const measured = measure === "land" && shell.page.zones.every((zone) => zone.land_kind === "measured");
  return shell.t(measured ? "zones.measure.measured" : `zones.measure.${measure}`);
}

/** A measure of a zone in words, both bounds where they differ. */
function told(shell, zone, measure) {
  const { lang, t } = shell;
  const ha = (value) => `${number(value, lang, 1)}\u202fha`;
  if (MEASURES[measure](zone) === null) return t("zones.measure.none");
  if (measure === "land") return ha(zone.land_ha);
  if (measure === "jobs") return number(zone.jobs, lang);
  const [low, high] = measure === "vacancy" ? zone.vacancy : zone.fall[zone.fall.length - 1].ha.slice(3);
  const write = measure === "vacancy" ? (value) => percent(value, lang) : ha;
  return rangeText(shell, write(low), write(high));
}

/** From gross to available, step by step: what passes, what nobody knows, what is taken away. */
function waterfall(shell, zone) {
  const { t, lang } = shell;
  if (!zone.fall.length) return null;
  const gross = zone.fall[0].ha[4];
  const part = (ha) => `${(100 * ha) / gross}%`;
  return h(
    "section",
    {},
    h("h2", {}, t("zones.fall")),
    h(
      "ol",
      { class: "fall" },
      ...zone.fall.map(({ step, ha: [, , , low, high] }) =>
        h(
          "li",
          { "data-step": step, "data-low": low, "data-high": high },
          h("span", {}, t(`step.${step}`)),
          h("strong", {}, rangeText(shell, number(low, lang, 1), number(high, lang, 1))),
          h("span", { class: "bar", "aria-hidden": "true" }, h("i", { class: "whole", "--w": part(gross) }), h("i", { class: "maybe", "--w": part(high) }), h("i", { class: "part", "--w": part(low) })),
        ),
      ),
    ),
    h("p", { class: "soft" }, t("zones.fall.note")),
  );
}

/** The page of zones: a measure, a list, a sheet, the map. */
export function zones(shell, state, target) {
  const { page } = shell;
  const { layer } = target;
  const panel = document.getElementById("panel");
  const byKey = new Map(page.zones.map((zone) => [zone.key, zone]));
  let search = "";
  const select = (id) => {
    const opening = state.get().selected !== id;
    state.set({ selected: opening ? id : "" });
    if (opening) document.getElementById("sheet")?.scrollIntoView({ block: "nearest" });
    else document.getElementById(`zone-${id}`)?.focus();
  };
  layer.on("select", ({ key }) => key && select(byKey.get(key).id));
  layer.on("hover", ({ key }) => mark(key ? byKey.get(key)?.id : ""));
  const mark = (id) => {
    const zone = page.zones.find((each) => each.id === (id || state.get().selected));
    layer.highlight(zone ? [zone.key] : null);
    for (const row of panel.querySelectorAll("[data-zone]")) row.classList.toggle("marked", row.dataset.zone === zone?.id);
  };
  const tools = makeTools(shell, target, { name: `${page.slug}`, rows: () => table(shell) });

  return () => {
    const { t, lang } = shell;
    const measure = state.get().measure in MEASURES ? state.get().measure : "land";
    const value = MEASURES[measure];
    const known = page.zones.filter((zone) => zone.land_ha !== null);
    const breaks = classes(page.zones.map(value).filter((each) => each !== null));
    const colour = (zone) => (value(zone) === null ? UNKNOWN : RAMP[breaks.filter((limit) => value(zone) >= limit).length]);
    const chosen = page.zones.find((zone) => zone.id === state.get().selected);
    const rows = page.zones
      .filter((zone) => fold([zone.name[lang], ...zone.communes, ...zone.other_names].join(" ")).includes(fold(search)))
      .sort((a, b) => (value(b) ?? -1) - (value(a) ?? -1) || a.name[lang].localeCompare(b.name[lang], lang));
    const focus = document.activeElement?.id;
    show(panel,
      h("h1", {}, page.title[lang]),
      h("p", { class: "big", id: "known-ha" }, number(known.reduce((sum, zone) => sum + zone.land_ha, 0), lang, 1), h("small", {}, ` ${t("zones.known", { n: known.length })}`)),
      h("p", {}, t("zones.of", { all: page.counted, named: page.zones.length })),
      chosen ? sheet(shell, chosen, () => select(chosen.id)) : null,
      h(
        "div",
        { class: "pickers" },
        h("label", {}, t("zones.measure"), h("select", { id: "measure", onchange: (event) => state.set({ measure: event.target.value }) }, ...Object.keys(MEASURES).filter((key) => key === measure || page.zones.some((zone) => MEASURES[key](zone) !== null)).map((key) => h("option", { value: key, selected: key === measure }, measureName(shell, key))))),
        h("label", {}, t("zones.search"), h("input", { type: "search", id: "search", value: search, oninput: (event) => ((search = event.target.value), state.set({})) })),
      ),
      rows.length
        ? h(
            "table",
            { class: "list" },
            h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("zones.name")), h("th", { scope: "col", class: "right" }, measureName(shell, measure)))),
            h(
              "tbody",
              {},
              ...rows.map((zone) =>
                h(
                  "tr",
                  { "data-zone": zone.id, onmouseenter: () => mark(zone.id), onmouseleave: () => mark("") },
                  h("th", { scope: "row" }, h("button", { type: "button", class: "name", id: `zone-${zone.id}`, "aria-pressed": String(zone === chosen), onclick: () => select(zone.id) }, h("i", { class: "key", "--c": colour(zone) }), h("span", { lang: "fr" }, zone.name[lang])), h("span", { class: "soft" }, ` ${zone.communes.join(", ")}`)),
                  h("td", { class: "right" }, value(zone) === null ? h("span", { class: "soft" }, told(shell, zone, measure)) : told(shell, zone, measure)),
                ),
              ),
            ),
          )
        : h("p", { class: "note" }, t("zones.none")),
      page.stand_ins ? h("p", { class: "soft" }, t("zones.unnamed", { n: page.stand_ins })) : null,
      assumptions(shell),
      claimsSection(shell, t("site.claims"), page.claims),
    );
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    document.getElementById("stage-title").textContent = t(layer.data.blocks.length ? "zones.map.title" : "zones.map.title.shapes");
    layer.show({
      blocks: layer.data.blocks.map((block) => ({ ...block, fill: colour(byKey.get(block.key)), opacity: 0.85, label: shown(byKey.get(block.key), lang) })),
      shapes: layer.data.shapes.items.map((item) => ({ ...item, fill: colour(byKey.get(item.key)), text: byKey.get(item.key).name[lang] })),
    });
    showLegend([
      ...(breaks.length || page.zones.some((zone) => value(zone) !== null)
        ? [...RAMP.slice(0, breaks.length + 1)].map((fill, n) => ({ kind: "", colour: fill, text: range(shell, breaks, n, measure) }))
        : []),
      ...(page.zones.some((zone) => value(zone) === null && zone.land_ha !== null) ? [{ kind: "", colour: UNKNOWN, text: t("zones.legend.unknown") }] : []),
      ...(layer.data.blocks.some((block) => block.circle) ? [{ kind: "unknown", text: t("zones.legend.circle") }] : []),
    ]);
    showInset(t("inset.title"), Array.from({ length: page.stand_ins }, () => h("i", { class: "ring" })), t("zones.inset", { n: page.stand_ins, all: page.counted }));
    mark("");
    tools();
  };
}

const shown = (zone, lang) => zone.name[lang].replace(/\s*\(.*\)$/, "");

/** Limits of up to four classes of about equal numbers, each a round number. */
export function classes(values) {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  if (sorted.length < 2) return [];
  const limits = [0.25, 0.5, 0.75].map((part) => sorted[Math.min(Math.floor(part * sorted.length), sorted.length - 1)]).map(round);
  return [...new Set(limits)].filter((limit) => limit > sorted[0] && limit <= sorted[sorted.length - 1]);
}

function round(value) {
  if (value <= 0) return value;
  const power = 10 ** Math.floor(Math.log10(value));
  return Math.floor((2 * value) / power) * (power / 2) || value;
}

function range(shell, breaks, n, measure) {
  const value = (each) => (measure === "vacancy" ? percent(each, shell.lang) : `${number(each, shell.lang, 1)}${measure === "jobs" ? "" : "\u202fha"}`);
  if (!n) return breaks.length ? `< ${value(breaks[0])}` : measureName(shell, measure);
  return n === breaks.length ? `≥ ${value(breaks[n - 1])}` : `${value(breaks[n - 1])} – ${value(breaks[n])}`;
}

function sheet(shell, zone, close) {
  const { t, lang } = shell;
  const land = zone.land_ha === null ? t("sheet.unknown") : `${number(zone.land_ha, lang, 1)}\u202fha${zone.land_kind === "gross" ? `, ${t("sheet.gross")}` : zone.land_kind === "not_said" ? `, ${t("kind.not_said")}` : ""}`;
  const share = (low, high) => rangeText(shell, percent(low, lang), percent(high, lang));
  return h(
    "article",
    { class: "sheet", id: "sheet" },
    h("h2", { lang: "fr" }, zone.name[lang]),
    facts([
      [t("sheet.commune"), zone.communes.join(", ")],
      [t("sheet.area"), land],
      [t("sheet.jobs"), zone.jobs === null ? t("sheet.unknown") : number(zone.jobs, lang)],
      [t("sheet.vocation"), zone.vocation[lang] || t("sheet.unknown")],
      [t("sheet.state"), t(`state.${zone.state || "inconnu"}`)],
      [t("sheet.opened"), zone.opened && h("span", { lang: "fr" }, zone.opened)],
      [t("sheet.occupants"), zone.occupants.length ? h("span", { lang: "fr" }, zone.occupants.join(", ")) : ""],
      [t("sheet.names"), zone.other_names.length ? h("span", { lang: "fr" }, zone.other_names.join(", ")) : ""],
      [t("zones.inside"), zone.inside.length ? h("span", { lang: "fr" }, zone.inside.map((each) => (each.land_ha === null ? each.name[lang] : `${each.name[lang]} (${number(each.land_ha, lang, 1)} ha)`)).join(" · ")) : ""],
      [t("sheet.held"), zone.held.map(([kind, low, high]) => `${t(`kind.${kind}`)} ${share(low, high)}`).join(" · ")],
      [t("zones.measure.vacancy"), zone.vacancy[0] === null ? "" : share(...zone.vacancy)],
      [t("sheet.premises"), zone.premises && t("vacancy.premises", { n: rangeText(shell, ...zone.premises.vacant.map((each) => number(each, lang))), all: number(zone.premises.all, lang), share: share(...zone.premises.share), floor: share(...zone.premises.floor_share) })],
      [t("zones.gaps"), zone.missing.map((key) => t(`zones.missing.${key}`)).join(", ")],
      [t("sheet.source"), h("span", {}, shell.cite(zone.source), zone.as_of ? `, ${t("sheet.as_of", { date: published(zone.as_of, lang, t) })}` : "", ` · ${t(`basis.${zone.basis}`)}`)],
    ]),
    zone.note[lang] ? h("p", { class: "soft" }, zone.note[lang]) : null,
    waterfall(shell, zone),
    [zone, ...zone.inside].filter((each) => each.href).map((each) => h("p", {}, h("a", { href: each.href + (lang === "en" ? "#l=en" : "") }, h("span", { lang: "fr" }, each.name[lang]), ` · ${t("zones.page")}`)))[0] ?? null,
    h("button", { type: "button", id: "sheet-back", onclick: close }, t("sheet.back")),
  );
}

function table(shell) {
  const { t, lang, page } = shell;
  const head = [t("zones.name"), t("sheet.commune"), `${t("sheet.area")} (ha)`, t("sheet.jobs"), t("sheet.vocation"), t("sheet.source")];
  const rows = page.zones.map((zone) => [zone.name[lang], zone.communes.join(", "), zone.land_ha, zone.jobs, zone.vocation[lang], shell.source(zone.source).name]);
  return { lang, rows: [head, ...rows] };
}
