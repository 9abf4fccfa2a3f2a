import { figuresFold } from "./chains.js";
import { byId, every, h, show } from "./dom.js";
import { number, published } from "./format.js";
import { named, nameOf } from "./names.js";
import { claimedTwice, claimsSection, communesOf, facts, showInset, showLegend } from "./panel.js";
import { makeTools } from "./tools.js";
import { transportLegend, transportScene, transportSection } from "./transport.js";

/** @type {Record<string, string>} */
const COLOURS = { electric: "#D55E00", industry: "#0072B2", school: "#009E73", "": "#666666" };

/** Degrees between two points of one commune; the turn that fills a disc evenly. */
const STEP = 0.0024;
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/**
 * The page of the territory: the employers and schools that sources name, at their commune.
 * @param {Shell<TerritoryPage>} shell @param {State} state @param {Target} target
 */
export function territory(shell, state, target) {
  const { page } = shell;
  const { layer } = target;
  const panel = byId("panel");
  const groups = [...new Set(page.employers.map((each) => each.group))];
  const placed = page.employers.filter((each) => each.at || each.insee.split("|").some((code) => page.points[code]));
  const shaped = new Set(layer.data.shapes.items.map(({ key }) => key));
  const dotted = placed.filter(({ id }) => !shaped.has(id));
  const stated = dotted.flatMap((each) => (each.at ? [{ each, at: each.at }] : []));
  const points = [
    ...stated,
    ...spread(
      page,
      dotted.filter(({ at }) => !at),
    ),
  ];
  /** @param {string} id */
  const select = (id) => state.set({ selected: state.get().selected === id ? "" : id });
  layer.on("select", ({ key }) => key && select(key));
  /** @param {string | null} id */
  const mark = (id) => {
    const key = id || state.get().selected;
    layer.highlight(key ? [key] : null);
    for (const row of every("[data-employer], [data-access]", panel))
      row.classList.toggle("marked", (row.dataset.employer ?? row.dataset.access) === key);
  };
  layer.on("hover", ({ key }) => mark(key));
  const tools = makeTools(shell, target, { name: page.slug, rows: () => table(shell) });
  return () => {
    const { t, lang } = shell;
    show(
      panel,
      h("h1", {}, page.title[lang]),
      page.employers.length
        ? h("p", {}, t("territory.lead", { n: page.employers.length }))
        : h("p", { class: "note" }, t("territory.none")),
      transportSection(shell, state, { select, mark }),
      ...groups.map((group) =>
        h(
          "section",
          {},
          h(
            "h2",
            {},
            h("i", { class: "key dot", "--c": COLOURS[group] ?? COLOURS[""] }),
            ` ${t(`territory.group.${group in COLOURS ? group : ""}`)}`,
          ),
          h(
            "ul",
            { class: "employers" },
            ...page.employers
              .filter((each) => each.group === group)
              .map((each) => employer(shell, state, layer, each, select, mark)),
          ),
        ),
      ),
      page.figures.some(({ kind }) => !kind.endsWith("_overlaid_ha"))
        ? h(
            "section",
            {},
            h("h2", {}, t("territory.held")),
            h(
              "ul",
              { class: "claims" },
              ...page.figures
                .filter(({ kind }) => !kind.endsWith("_overlaid_ha"))
                .map((figure) =>
                  h(
                    "li",
                    { class: "claim", "data-figure": figure.kind },
                    h("span", { class: "value" }, shell.figureValue(figure)),
                    h("span", {}, t(`figure.${figure.kind}`)),
                    claimedTwice(shell, figure),
                    h("span", { class: "soft" }, t(`basis.${figure.basis}`)),
                    figuresFold(shell, `working-${figure.kind}`, [figure]),
                  ),
                ),
            ),
          )
        : null,
      claimsSection(shell, t("territory.claims"), page.claims),
    );
    const by = stated.length ? ".points" : "";
    const transport = page.roads.length || page.accesses.length;
    byId("stage-title").textContent = t(
      transport
        ? `territory.map.title.transport${by}`
        : points.length
          ? `territory.map.title${by}`
          : shaped.size
            ? "territory.map.title.shapes"
            : "territory.map.title.none",
    );
    layer.show({
      ...transportScene(page),
      shapes: layer.data.shapes.items.map((item) => ({ ...item, text: item.label })),
      dots: points.map(({ each, at }) => ({
        key: each.id,
        label: named(shell, each.name),
        at,
        fill: COLOURS[each.group] ?? COLOURS[""],
        jobs: each.jobs[1] ?? each.jobs[0],
      })),
    });
    showLegend([
      ...groups.map((group) => ({
        kind: "dot",
        colour: COLOURS[group] ?? COLOURS[""],
        text: t(`territory.group.${group in COLOURS ? group : ""}`),
      })),
      ...transportLegend(shell, page),
    ]);
    const lost = page.employers.filter((each) => !placed.includes(each) && !shaped.has(each.id));
    showInset(
      shell,
      lost.map((each) => h("i", { class: "ring", title: named(shell, each.name), "--c": COLOURS[each.group] })),
      "",
      lost.map((each) => named(shell, each.name)),
    );
    mark("");
    tools();
  };
}

/**
 * Stand points of one commune apart, on a spiral around its middle; one of two communes stands between them.
 * @param {TerritoryPage} page @param {Employer[]} placed
 * @returns {{each: Employer, at: LatLng}[]}
 */
function spread(page, placed) {
  /** @type {Map<string, {middle: number[], room: number, members: Employer[]}>} */
  const groups = new Map();
  for (const each of placed) {
    const known = each.insee
      .split("|")
      .map((code) => page.points[code])
      .filter(Boolean);
    const middle = [0, 1].map((n) => known.reduce((sum, point) => sum + point[n], 0) / known.length);
    const key = middle.join();
    const group = groups.get(key) ?? { middle, room: Math.min(...known.map((point) => point[2])), members: [] };
    groups.set(key, group);
    group.members.push(each);
  }
  return [...groups.values()].flatMap(({ middle: [lat, lng], room, members }) => {
    const step = Math.min(STEP, (0.9 * room) / Math.sqrt(members.length));
    return members.map((each, n) => {
      const [apart, angle] = [step * Math.sqrt(n), n * GOLDEN_ANGLE];
      return {
        each,
        at: [lat + apart * Math.sin(angle), lng + (apart * Math.cos(angle)) / Math.cos((lat * Math.PI) / 180)],
      };
    });
  });
}

/** @param {Shell<TerritoryPage>} shell @param {Employer} each */
function jobs(shell, each) {
  const { t, lang } = shell;
  const [low, high] = each.jobs;
  const [least, most] = [low, high].map((end) => (end === null ? "" : number(end, lang)));
  if (!least && !most) return "";
  const count = !least ? `≤ ${most}` : !most ? `≥ ${least}` : low === high ? least : `${least}–${most}`;
  const planned = each.as_of.startsWith("planned ");
  const when = planned
    ? t("territory.planned", { date: published(each.as_of.slice(8), lang, t) })
    : each.as_of
      ? t("sheet.as_of", { date: published(each.as_of, lang, t) })
      : "";
  return `${t("site.jobs_now", { n: count })}${when ? `, ${when}` : ""}`;
}

/**
 * @param {Shell<TerritoryPage>} shell @param {State} state @param {CanvasLayer} layer @param {Employer} each
 * @param {(id: string) => void} select @param {(id: string) => void} mark
 */
function employer(shell, state, layer, each, select, mark) {
  const { lang, t } = shell;
  const open = state.get().selected === each.id;
  return h(
    "li",
    { "data-employer": each.id, onmouseenter: () => mark(each.id), onmouseleave: () => mark("") },
    h(
      "button",
      {
        type: "button",
        class: "name",
        id: `employer-${each.id}`,
        "aria-expanded": String(open),
        onclick: () => select(each.id),
      },
      nameOf(shell, each.name),
    ),
    h(
      "span",
      { class: "soft" },
      [
        communesOf(shell, each) ||
          t(
            each.at || layer.data.shapes.items.some(({ key }) => key === each.id)
              ? "sheet.commune.unknown"
              : "inset.title",
          ),
        jobs(shell, each),
      ]
        .filter(Boolean)
        .join(" · "),
    ),
    open
      ? facts([
          [t("site.table.activity"), each.activity[lang]],
          [t("sheet.source"), shell.cite(each.source, each.page)],
          ["", each.note[lang]],
        ])
      : null,
  );
}

/** @param {Shell<TerritoryPage>} shell @returns {Table} */
function table(shell) {
  const { t, lang, page } = shell;
  const head = [t("territory.name"), t("sheet.commune"), t("site.table.activity"), t("sheet.jobs"), t("sheet.source")];
  const rows = page.employers.map((each) => [
    named(shell, each.name),
    each.communes.join(", "),
    each.activity[lang],
    jobs(shell, each),
    shell.source(each.source).name,
  ]);
  return { lang, rows: [head, ...rows] };
}
