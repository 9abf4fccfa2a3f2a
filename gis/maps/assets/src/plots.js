import { h, show } from "./dom.js";
import { date, number } from "./format.js";
import { assumptions, claimsSection, facts, showInset, showLegend } from "./panel.js";
import { makeTools } from "./tools.js";

const OFFER = "#D55E00";
const MAYBE = "#E69F00";
const STATES = ["oui", "inconnu", "non"];
/** Terrains in the list at first, and more at each asking. */
const LISTED = 50;

/** The page of ground on offer, for a territory whose terrains have shapes: filters, list and map answer each other. */
export function plots(shell, state, target) {
  const { page } = shell;
  const { layer } = target;
  const panel = document.getElementById("panel");
  const byId = new Map(page.terrains.map((terrain) => [terrain.id, terrain]));
  const communes = [...new Set(page.terrains.flatMap((terrain) => terrain.communes))].sort((a, b) => a.localeCompare(b, "fr"));
  const select = (id) => {
    const opening = state.get().selected !== id;
    state.set({ selected: opening ? id : "" });
    if (opening) document.getElementById("sheet")?.scrollIntoView({ block: "nearest" });
    else document.getElementById(`terrain-${id}`)?.focus();
  };
  const filters = () => ({ min: "", max: "", commune: "", now: "oui", ...state.get().filters });
  const set = (changes) => state.set({ filters: { ...filters(), ...changes } });
  layer.on("select", ({ key }) => key && select(key));
  layer.on("hover", ({ key }) => mark(key));
  const mark = (id) => {
    const key = id || state.get().selected;
    layer.highlight(key ? [key] : null);
    for (const row of panel.querySelectorAll("[data-terrain]")) row.classList.toggle("marked", row.dataset.terrain === key);
  };
  let matching = [];
  let listed = LISTED;
  const tools = makeTools(shell, target, { name: page.slug, rows: () => table(shell, matching) });

  return () => {
    const { t, lang } = shell;
    const chosen = filters();
    const ha = (value) => number(value, lang, 1);
    const sum = (terrains) => terrains.reduce((total, terrain) => total + terrain.ha, 0);
    const now = page.terrains.filter((terrain) => terrain.now === "oui");
    const maybe = page.terrains.filter((terrain) => terrain.now === "inconnu");
    matching = page.terrains.filter((terrain) => fits(terrain, chosen)).sort((a, b) => b.ha - a.ha || (a.id < b.id ? -1 : 1));
    const kept = new Set(matching.map((terrain) => terrain.id));
    const focus = document.activeElement?.id;
    const field = (key, props) =>
      h("label", {}, t(`available.filter.${key}`), h("input", { type: "number", min: 0, step: 0.1, id: `filter-${key}`, value: chosen[key], onchange: ({ target: { value } }) => set({ [key]: value }), ...props }));
    const pick = (key, options, label) =>
      h("label", {}, t(`available.filter.${label}`), h("select", { id: `filter-${label}`, onchange: ({ target: { value } }) => set({ [key]: value }) }, ...options.map(([value, text]) => h("option", { value, selected: chosen[key] === value }, text))));
    const current = byId.get(state.get().selected);
    show(
      panel,
      h("h1", {}, t("available.plots.title")),
      h("p", { class: "big", id: "now-ha", "data-ha": sum(now) }, ha(sum(now)), h("small", {}, ` ${t("available.plots.now")}`)),
      h("p", {}, shell.plural("available.plots.count", now.length, { sites: new Set(now.map((terrain) => terrain.site)).size })),
      maybe.length ? h("p", { class: "soft", id: "maybe-ha", "data-ha": sum(maybe) }, t("available.plots.unknown", { n: maybe.length, ha: ha(sum(maybe)) })) : null,
      h(
        "div",
        { class: "pickers two" },
        field("min"),
        field("max"),
        pick("commune", [["", t("available.filter.all")], ...communes.map((name) => [name, name])], "commune"),
        pick("now", STATES.map((value) => [value, `${t(`available.state.${value}`)} (${page.terrains.filter((terrain) => fits(terrain, { ...chosen, now: value })).length})`]), "state"),
      ),
      h("p", { id: "matches", "data-n": matching.length, role: "status" }, h("strong", {}, shell.plural("available.matches", matching.length, { ha: ha(sum(matching)) }))),
      current ? sheet(shell, current, () => select(current.id)) : null,
      matching.length
        ? h(
            "ul",
            { class: "employers" },
            ...matching.slice(0, listed).map((terrain) =>
              h(
                "li",
                { "data-terrain": terrain.id, onmouseenter: () => mark(terrain.id), onmouseleave: () => mark("") },
                h("button", { type: "button", class: "name", id: `terrain-${terrain.id}`, "aria-pressed": String(terrain === current), onclick: () => select(terrain.id) }, `${number(terrain.ha, lang, 2)}\u202fha · ${terrain.id}`),
                h("span", { class: "soft", lang: "fr" }, [page.sites[terrain.site], terrain.communes.join(", ")].join(" · ")),
              ),
            ),
          )
        : h("p", { class: "note" }, t("available.none.match")),
      matching.length > listed ? h("button", { type: "button", id: "more", onclick: () => ((listed += LISTED), state.set({})) }, t("available.more", { n: number(matching.length - listed, lang) })) : null,
      assumptions(shell),
      claimsSection(shell, t("site.claims"), page.claims),
      claimsSection(shell, t("available.premises"), page.premises),
      page.contact ? h("section", { class: "note" }, h("p", {}, h("strong", {}, t("available.contact"))), h("p", {}, h("a", { href: `mailto:${page.contact}` }, page.contact))) : null,
    );
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    document.getElementById("stage-title").textContent = t("available.plots.map");
    layer.show({
      shapes: layer.data.shapes.items.map((item) => ({ ...item, fill: !kept.has(item.key) ? "" : byId.get(item.key).now === "oui" ? OFFER : byId.get(item.key).now === "inconnu" ? MAYBE : "#7a8894" })),
    });
    showLegend([
      ...[...new Set(matching.map((terrain) => terrain.now))].map((value) => ({ kind: "", colour: { oui: OFFER, inconnu: MAYBE, non: "#7a8894" }[value], text: t(`available.state.${value}`) })),
      { kind: "rest", text: t("available.terrain") },
    ]);
    showInset("", [], "");
    mark("");
    tools();
  };
}

/** Whether a terrain keeps every filter that is set. */
export function fits(terrain, { min, max, commune, now }) {
  return (!min || terrain.ha >= Number(min)) && (!max || terrain.ha <= Number(max)) && (!commune || terrain.communes.includes(commune)) && terrain.now === now;
}

function sheet(shell, terrain, close) {
  const { t, lang, page } = shell;
  const word = (value) => t(`word.${value}`);
  return h(
    "article",
    { class: "sheet", id: "sheet" },
    h("h2", {}, `${t("available.terrain")} ${terrain.id}`),
    facts([
      [t("zones.name"), h("span", { lang: "fr" }, page.sites[terrain.site])],
      [t("sheet.commune"), terrain.communes.join(", ")],
      [t("sheet.area"), `${number(terrain.ha, lang, 2)}\u202fha, ${t("available.excluded")}`],
      [t("available.useful"), word(terrain.useful)],
      [t("available.occupied"), word(terrain.occupied)],
      [t("available.sale"), word(terrain.sale)],
      [t("available.servicing"), word(terrain.servicing)],
      [t("sheet.vocation"), terrain.vocation ? h("span", { lang: "fr" }, terrain.vocation) : t("available.not_given")],
      [t("available.price"), terrain.price === null ? t("available.request") : `${number(terrain.price, lang, 2)}\u202f€/m²`],
      [t("available.power"), terrain.power === null ? t("available.not_given") : `${number(terrain.power, lang)}\u202fkW`],
      [t("available.from"), terrain.from === null ? t("available.not_given") : t("available.since", { date: date(terrain.from, lang) })],
      [t("sheet.source"), h("span", {}, shell.cite(terrain.source), ` · ${t(`basis.${terrain.basis}`)}`)],
    ]),
    h("button", { type: "button", id: "sheet-back", onclick: close }, t("sheet.back")),
  );
}

function table(shell, terrains) {
  const { t, lang, page } = shell;
  const head = [t("available.terrain"), t("zones.name"), t("sheet.commune"), `${t("sheet.area")} (ha)`, t("available.occupied"), t("available.sale"), t("available.servicing"), `${t("available.price")} (€/m²)`, t("sheet.source")];
  const rows = terrains.map((terrain) => [terrain.id, page.sites[terrain.site], terrain.communes.join(", "), terrain.ha, t(`word.${terrain.occupied}`), t(`word.${terrain.sale}`), t(`word.${terrain.servicing}`), terrain.price, shell.source(terrain.source).name]);
  return { lang, rows: [head, ...rows] };
}
