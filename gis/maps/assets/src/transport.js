import { chainFold, citedRows, weakest } from "./chains.js";
import { h } from "./dom.js";
import { number, published } from "./format.js";
import { claimLine } from "./claims.js";

/** Roads, accesses and what sources state of transport: drawn where they have a place, and told. */

/** Pixels of a line of each class. */
const WIDTHS = { motorway: 4, main: 2.5, street: 1.2 };

/**
 * What the map draws of them.
 * @param {TerritoryPage} page
 */
export function transportScene({ roads, accesses }) {
  return {
    roads: roads.map(({ id, kind, fill, lines }) => ({ key: id, fill, lines, width: WIDTHS[kind] })).reverse(),
    accesses: accesses.map(({ id, name, at, fill }) => ({ key: id, label: name, at, fill })),
  };
}

/**
 * The entries of the legend: only the kinds that are drawn.
 * @param {Shell<TerritoryPage>} shell @param {TerritoryPage} page
 */
export function transportLegend(shell, { roads, accesses }) {
  /** @param {{kind: string, fill: string}[]} rows @param {string} word @param {string} kind */
  const kinds = (rows, word, kind) =>
    [...new Map(rows.map((row) => [row.kind, row.fill]))].map(([name, colour]) => ({
      kind,
      colour,
      text: shell.t(`${word}.${name}`),
    }));
  return [...kinds(accesses, "access", "diamond"), ...kinds(roads, "road", "road")];
}

/** @param {{m: number}[]} rows */
const sum = (rows) => rows.reduce((total, { m }) => total + m, 0) / 1000;

/**
 * The section of the page: accesses to pick, roads by name, what sources state; nothing where there is nothing.
 * @param {Shell<TerritoryPage>} shell @param {State} state
 * @param {{select: (id: string) => void, mark: (id: string) => void}} given
 */
export function transportSection(shell, state, { select, mark }) {
  const { t, lang, page } = shell;
  const { roads, accesses, transport, hubs } = page;
  if (![roads, accesses, transport, hubs].some((rows) => rows.length)) return null;
  /** @type {Map<string, Road[]>} */
  const names = new Map();
  for (const road of roads) {
    const key = JSON.stringify([road.kind, road.name, road.source, road.basis]);
    names.set(key, [...(names.get(key) ?? []), road]);
  }
  /** @param {Road[]} rows */
  const km = (rows) => t("territory.transport.km", { km: number(sum(rows), lang, 1) });
  return h(
    "details",
    { id: "transport", class: "fold", open: true },
    h("summary", {}, t("territory.transport")),
    h(
      "ul",
      { class: "employers" },
      ...accesses.map((access) =>
        h(
          "li",
          { "data-access": access.id, onmouseenter: () => mark(access.id), onmouseleave: () => mark("") },
          h(
            "button",
            {
              type: "button",
              class: "name",
              id: `access-${access.id}`,
              "aria-pressed": String(state.get().selected === access.id),
              onclick: () => select(access.id),
            },
            h("i", { class: "key diamond", "--c": access.fill }),
            h("span", { lang: "fr" }, access.name || t(`access.${access.kind}`)),
          ),
          h(
            "span",
            { class: "soft" },
            `${t(`access.${access.kind}`)} · ${t(`basis.${access.basis}`)} · `,
            shell.cite(access.source),
          ),
        ),
      ),
      ...[...names.values()].map((those) =>
        h(
          "li",
          { "data-road": those[0].id, "data-m": those.reduce((total, { m }) => total + m, 0) },
          h(
            "span",
            {},
            h("i", { class: "key road", "--c": those[0].fill }),
            " ",
            those[0].name
              ? h("strong", { lang: "fr" }, those[0].name)
              : h("strong", {}, t("territory.transport.unnamed", { n: number(those.length, lang) })),
          ),
          h(
            "span",
            { class: "soft" },
            `${t(`road.${those[0].kind}`)} · ${km(those)} · ${t(`basis.${those[0].basis}`)} · `,
            shell.cite(those[0].source),
          ),
          those.length > 1 ? lengthFold(shell, those, km(those)) : null,
        ),
      ),
      ...hubs.map((hub) =>
        h(
          "li",
          { "data-hub": hub.id },
          h(
            "a",
            {
              href: `zones.html#${lang === "en" ? "l=en&" : ""}s=${encodeURIComponent(hub.id)}`,
              lang: hub.name.en === hub.name.fr ? "fr" : false,
            },
            hub.name[lang],
          ),
          h(
            "span",
            { class: "soft" },
            h("span", { lang: "fr" }, hub.communes.join(", ")),
            ` · ${hub.vocation[lang]} · `,
            hub.as_of ? `${t("sheet.as_of", { date: published(hub.as_of, lang, t) })} · ` : "",
            shell.cite(hub.source),
          ),
        ),
      ),
    ),
    transport.length ? h("ul", { class: "claims" }, ...transport.map((claim) => claimLine(shell, [claim]))) : null,
    accesses.length || roads.length ? null : h("p", { class: "soft" }, t("territory.transport.none")),
  );
}

/**
 * What the length of several roads of one name rests on.
 * @param {Shell<TerritoryPage>} shell @param {Road[]} roads @param {string} title
 */
function lengthFold(shell, roads, title) {
  const cited = citedRows(shell.page);
  const rows = roads.map(({ id }) => `roads/${id}`);
  const basis = () => weakest(rows.map((row) => cited.get(row)?.basis ?? "stated"));
  const chain = () => ({ rows, basis: basis(), assumptions: [] });
  return chainFold(shell, `working-roads/${roads[0].id}`, [{ of: `roads/${roads[0].id}`, title, chain }]);
}
