import { chainFold, citedRows, figuresFold, weakest } from "./chains.js";
import { drawChart } from "./chart.js";
import { claimLine, claimValue } from "./claims.js";
import { byId, every, h, show } from "./dom.js";
import { area, bothEnds, date, number, percent, published, span, toDay, toIso } from "./format.js";
import { compute } from "./model.js";
import { occupants, variants } from "./occupants.js";
import { communesOf, rangeText } from "./panel.js";
import { named, nameOf, namesOf } from "./names.js";
import { whenReleased } from "./press.js";
import { NO, UNKNOWN, YES } from "./three_valued.js";
import {
  REST,
  VACANT,
  lotSheet,
  lotsList,
  restKeys,
  restRows,
  restSheet,
  unnamed,
  vacantSheet,
} from "./unattributed.js";
import { drawn, frame, lay, spareFrame } from "./tiles.js";

const CHART = { height: 170, left: 62, right: 14 };
const STEP_MS = 900;
/** Square metres of the frame of a site whose area nobody says, where no occupant has one either. */
const HECTARE = 10_000;
/** Lots that the list of them shows at first. */
const LOTS = 200;

/**
 * The page of one site: state in, panel, map, chart and slider out.
 * @param {Shell<SitePage>} shell @param {State} state @param {Target} target
 */
export function site(shell, state, { layer, look }) {
  const { page } = shell;
  const from = toDay(page.from);
  const to = toDay(page.to);
  const claims = new Map(page.claims.map((claim) => [claim.id, claim]));
  const facts = [...new Set([...page.events.map((event) => toDay(event.date[0])), toDay(page.at), to])]
    .filter((day) => day >= from && day <= to)
    .sort((a, b) => a - b);
  const slider = byId("slider");
  slider.min = String(from);
  slider.max = String(to);
  let marked = "";
  let timer = 0;

  const model = () => compute(page, claims, state.get());
  /** @param {number} day */
  const setDay = (day) => state.set({ day: toIso(day) === page.at ? "" : toIso(day) });
  const stop = () => {
    clearInterval(timer);
    timer = 0;
  };
  /** @param {number} direction */
  const step = (direction) => {
    const day = model().day;
    const next = direction > 0 ? facts.find((each) => each > day) : facts.filter((each) => each < day).pop();
    if (next !== undefined) setDay(next);
    return next !== undefined;
  };
  const play = () => {
    if (timer) stop();
    else {
      if (model().day >= to) setDay(from);
      timer = setInterval(() => whenReleased(() => timer && (step(1) || (stop(), showAll()))), STEP_MS);
    }
    showAll();
  };
  slider.addEventListener("input", () => {
    stop();
    setDay(Number(slider.value));
  });
  byId("previous").addEventListener("click", () => (stop(), step(-1)));
  byId("next").addEventListener("click", () => (stop(), step(1)));
  byId("play").addEventListener("click", play);
  byId("reset").addEventListener("click", () => (stop(), state.set({ day: "", variants: {}, selected: "" })));

  /** @param {string} who */
  const mark = (who) => {
    if (who === marked) return;
    marked = who;
    showMarks(model());
  };
  /** @param {string} key */
  const isLot = (key) => page.lots.some(({ id }) => id === key);
  const lots = { most: LOTS };
  /** @param {string} key */
  const whoOf = (key) => {
    const now = model();
    /** @param {Row} row */
    const own = (row) => row.present !== NO && (row.key === key || row.shape === key);
    if (now.vacant.some(({ id }) => id === key)) return VACANT;
    return now.rows.find(own)?.who ?? (isLot(key) ? key : restKeys(page, now).includes(key) ? REST : "");
  };
  /** @param {string} who */
  const pick = (who) => {
    if (isLot(who)) marked = "";
    state.set({ selected: who === state.get().selected ? "" : who });
    document
      .querySelector(`#panel [data-sheet="${CSS.escape(who)}"], #panel tr[data-who="${CSS.escape(who)}"]`)
      ?.scrollIntoView({ block: "nearest" });
  };
  // Where occupants are known, ground that is none of theirs is marked as the rest; each lot of it is asked by itself.
  /** @param {string} who */
  const pointedAt = (who) => (isLot(who) && model().tenancies.length ? REST : who);
  layer.on("hover", ({ key }) => mark(key ? pointedAt(whoOf(key)) : ""));
  layer.on("select", ({ key }) => pick(key ? whoOf(key) : ""));

  /** @param {Now} now */
  const showMarks = (now) => {
    const who = marked || state.get().selected;
    const keys = isLot(who)
      ? [who]
      : who === REST
        ? restKeys(page, now)
        : who === VACANT
          ? now.vacant.map(({ id }) => id)
          : now.rows.filter((row) => row.who === who).flatMap((row) => [row.key, row.shape]);
    layer.highlight(who ? keys : null);
    for (const row of every("[data-who]")) row.classList.toggle("marked", row.dataset.who === who);
  };

  /** @param {Now} now */
  const showChart = (now) => {
    const box = byId("chart");
    const width = Math.max(box.parentElement.clientWidth, 280);
    drawChart(box, {
      ...CHART,
      width,
      from,
      to,
      day: now.day,
      lang: shell.lang,
      marked: marked || state.get().selected,
      tenancies: now.tenancies
        .filter((tenancy) => !now.mixed || tenancy.area_kind === now.kind)
        .map((tenancy) => ({ ...tenancy, occupant: named(shell, tenancy.occupant) })),
      events: page.events
        .map((event) => ({ day: toDay(event.date[0]), title: eventTitle(shell, claims, event) }))
        .filter(({ day }) => day >= from && day <= to),
      rest: { id: REST, text: `${shell.t("site.rest")} ↑` },
      onPick: setDay,
      onHover: mark,
      onSelect: pick,
    });
    /** @type {HTMLElement} */ (document.querySelector("#time h2")).textContent =
      `${shell.t("site.chart.title")}${now.mixed ? ` · ${shell.t(`kind.${now.kind}`)}` : ""}`;
    box.setAttribute(
      "aria-label",
      shell.t("site.chart.label", { from: date(page.from, shell.lang), to: date(page.to, shell.lang) }),
    );
  };
  new ResizeObserver(() => showChart(model())).observe(byId("chart").parentElement);

  /** @type {number | null} */
  let shownFrame = null;
  const showAll = () => {
    const now = model();
    showPanel(shell, state, now, claims, { mark, setDay, pick, lots, again: showAll });
    showScene(shell, layer, now);
    if (shownFrame !== null && shownFrame !== now.land_m2) look();
    shownFrame = now.land_m2;
    byId("time").hidden = !now.said && !page.events.length && !page.vacant.length;
    showChart(now);
    showMarks(now);
    slider.value = String(now.day);
    slider.setAttribute("aria-valuetext", date(toIso(now.day), shell.lang));
    byId("day").textContent = date(toIso(now.day), shell.lang);
    const button = byId("play");
    button.textContent = timer ? "❚❚" : "▶";
    button.setAttribute("aria-label", shell.t(timer ? "site.pause" : "site.play"));
    button.setAttribute("title", shell.t(timer ? "site.pause" : "site.play"));
    const chosen = state.get();
    const asOpened = !chosen.day && !Object.keys(chosen.variants).length;
    byId("reset").hidden = asOpened;
    byId("how-other").hidden = asOpened;
  };
  return showAll;
}

/** @param {(number | null)[]} areas */
const added = (areas) => areas.flatMap((each) => each ?? []).reduce((sum, each) => sum + each, 0);

/** @param {Shell<SitePage>} shell @param {CanvasLayer} layer @param {Now} now */
function showScene(shell, layer, now) {
  const { t, lang, page } = shell;
  const here = now.rows.filter((row) => row.present !== NO);
  const shaped = new Set(page.places.filter((place) => place.shaped).map(({ id }) => id));
  const tiled = drawn(here.filter((row) => !shaped.has(row.premises)));
  const areas = tiled.map((row) => row.area_m2[0]);
  const framed = !now.measured && now.land_m2 !== null;
  const whole = frame(now.land_m2 ?? (added(areas) || HECTARE));
  const outer = now.measured ? spareFrame(areas, whole) : whole;
  const boxes = lay(areas, outer);
  const anchor = page.site.anchor;
  const blocks = tiled.map((row, n) => ({
    key: row.key,
    label: named(shell, row.occupant),
    sub: row.area_m2[0] === null ? "" : `${number(row.area_m2[0], lang)}\u202fm²`,
    anchor,
    block: boxes[n],
    fill: row.fill,
    dashed: row.to_come,
    maybe: row.present === UNKNOWN,
    circle: row.area_m2[0] === null,
  }));
  const known = boxes.filter((_, n) => tiled[n].area_m2[0] !== null);
  const edge = Math.max(0, ...known.map(([x, , width]) => x + width));
  const unknown = unnamed(now);
  const lines = [
    t("site.rest"),
    ...(now.rest_m2 === null ? [] : [t("site.rest.most", { area: `${number(now.rest_m2, lang)}\u202fm²` })]),
  ];
  if (unknown.length) lines.push(t("site.rest.who", { who: namesOf(shell, unknown) }));
  layer.show({
    inset: now.measured && blocks.length ? t("inset.title") : "",
    blocks: [
      ...(framed ? [{ key: `sites/${page.site.id}`, anchor, block: outer, fill: "", unlabelled: true }] : []),
      ...blocks,
    ],
    rest: !framed
      ? null
      : {
          lines,
          block: [edge + (tiled.length ? outer[2] * 0.16 : 0), 0, Math.max(outer[2] * 0.84 - edge, 0), outer[3] * 0.86],
        },
    shapes: layer.data.shapes.items.map((item) => {
      if (item.key.startsWith("terrains/"))
        return {
          ...item,
          hatched: now.vacant.some(({ id }) => id === item.key),
          text: named(shell, item.label),
          inside: true,
        };
      if (!item.key.startsWith("premises/")) return item;
      const holder = here.find((row) => row.shape === item.key);
      return {
        ...item,
        hidden: false,
        fill: holder?.fill ?? "",
        dashed: Boolean(holder?.to_come),
        maybe: holder?.present === UNKNOWN,
        text: holder ? named(shell, holder.occupant) : "",
      };
    }),
  });
  byId("stage-title").textContent = now.measured
    ? t("site.map.title.shape")
    : now.land_m2 === null
      ? t("site.map.title.unknown")
      : t("site.map.title", { area: area(now.land_m2, lang), place: communesOf(shell, page.site) });
  byId("over").hidden = !framed || edge <= outer[2] + 0.01;
  showLegend(shell, layer, now, here, tiled);
}

/**
 * @param {Shell<SitePage>} shell @param {CanvasLayer} layer @param {Now} now @param {Row[]} here @param {Row[]} tiled
 */
function showLegend(shell, layer, now, here, tiled) {
  const { t } = shell;
  const shown = new Set(layer.scene.shapes.filter(({ hidden }) => !hidden).map(({ key }) => key));
  const entries = /** @type {(false | [string, string])[]} */ ([
    here.some((row) => !row.to_come && row.area_m2[0] !== null) && ["in_place", "legend.in_place"],
    here.some((row) => row.to_come && row.area_m2[0] !== null) && ["to_come", "legend.to_come"],
    tiled.some((row) => row.present === UNKNOWN && row.area_m2[0] !== null) && ["maybe", "legend.maybe"],
    tiled.some((row) => row.area_m2[0] === null) && ["unknown", "legend.unknown"],
    !now.measured && now.land_m2 !== null && ["rest", "legend.rest"],
    now.measured && ["rest", "legend.shape"],
    [...shown].some((key) => key.startsWith("terrains/")) && ["lot", "legend.lot"],
    now.vacant.some(({ id }) => shown.has(id)) && ["vacant", "legend.vacant"],
    [...shown].some((key) => key.startsWith("buildings/")) && ["building", "legend.building"],
  ]);
  show(
    byId("legend"),
    ...entries.map((entry) => entry && h("li", {}, h("i", { class: `key ${entry[0]}` }), t(entry[1]))),
  );
}

/**
 * @param {Shell<SitePage>} shell @param {State} state @param {Now} now @param {Claims} claims
 * @param {SiteActions} actions
 */
function showPanel(shell, state, now, claims, actions) {
  const { t, lang, page } = shell;
  const iso = toIso(now.day);
  const sure = now.rows.filter((row) => !row.to_come && row.present === YES && row.area_m2[0] !== null);
  const holders = new Set(sure.map((row) => row.who));
  const coming = now.rows.filter((row) => row.to_come && row.present !== NO && row.low);
  /** @param {number} m2 @param {AreaKind} kind */
  const ofKind = (m2, kind) => `${number(m2, lang)}\u202fm²${now.mixed ? ` ${t(`of.${kind}`)}` : ""}`;
  const others = now.sums.slice(1).filter((sum) => sum.in_place_m2);
  const unsure = now.rows.filter((row) => row.present === UNKNOWN && row.area_m2[0] !== null);
  const headline = page.claims.find((claim) => claim.use === "occupied_share" && now.needs(claim));
  show(
    byId("panel"),
    h("h1", {}, page.question[lang]),
    h("p", { class: "when" }, date(iso, lang)),
    !now.said
      ? h("p", { class: "note", id: "nobody" }, t(now.tenancies.length ? "site.nobody.area" : "site.nobody"))
      : h(
          "div",
          { class: "answer" },
          h("span", { class: "soft" }, t("site.at_least")),
          h(
            "p",
            { class: "big", id: "in-place", "data-m2": now.in_place_m2 },
            number(now.in_place_m2, lang),
            h("small", {}, now.mixed ? ` m² ${t(`of.${now.kind}`)}` : " m²"),
          ),
          ...others.map((sum) =>
            h(
              "p",
              { class: "coming", "data-kind": sum.kind, "data-m2": sum.in_place_m2 },
              ofKind(sum.in_place_m2, sum.kind),
            ),
          ),
          h("p", {}, holders.size ? shell.plural("site.attributed", holders.size) : t("site.attributed.zero")),
          ...now.sums
            .filter((sum) => sum.to_come_m2)
            .map((sum, n) =>
              h(
                "p",
                { class: "coming", id: n ? false : "to-come", "data-m2": sum.to_come_m2 },
                t("site.to_come", {
                  area: ofKind(sum.to_come_m2, sum.kind),
                  who: namesOf(
                    shell,
                    coming.filter((row) => !now.mixed || row.area_kind === sum.kind),
                  ),
                }),
              ),
            ),
          now.mixed ? h("p", { class: "soft" }, t("site.kinds.note")) : null,
          unsure.length ? h("p", { class: "soft" }, t("site.unsure", { who: namesOf(shell, unsure) })) : null,
          working(shell, now),
        ),
    state.get().selected === REST ? restSheet(shell, now, () => actions.pick(REST)) : null,
    state.get().selected === VACANT && now.vacant.length ? vacantSheet(shell, now, actions) : null,
    page.lots.filter(({ id }) => id === state.get().selected).map((lot) => lotSheet(shell, lot, now, actions))[0] ??
      null,
    heldSection(shell, now),
    ...(now.bases.length
      ? [
          h("h2", {}, t("site.bases")),
          basesChart(shell, now, headline),
          h("p", { class: "soft" }, t(now.mixed ? "site.bases.own" : "site.bases.note")),
        ]
      : []),
    now.landOf && !now.measured ? variants(shell, state, now.landOf, page.site.states.land_ha, claims) : null,
    headline ? headlineClaim(shell, now, headline) : null,
    h("h2", {}, t("site.table")),
    occupants(shell, state, now, claims, actions, restRows(shell, state, now, actions)),
    lotsList(shell, state, actions),
    eventsList(shell, claims, actions),
    claimsList(shell, now),
  );
}

/**
 * The chain behind the large numbers: of each kind the rows that its sum cites, their basis, what is assumed.
 * @param {Shell<SitePage>} shell @param {Now} now
 */
function working(shell, now) {
  const { t, lang } = shell;
  const chains = now.sums.filter(({ chain }) => chain.rows.length);
  if (!chains.length) return null;
  const cited = chains.flatMap(({ chain }) => chain.rows);
  const sources = new Set(cited.map((row) => row.source));
  const bases = [...new Set(chains.map(({ chain }) => t(`basis.${chain.basis}`)))].join(", ");
  /** @param {Row} given @param {AreaKind} kind */
  const held = ({ area_m2: [low] }, kind) =>
    low === null ? t("sheet.unknown") : `${number(low, lang)}\u202fm²${now.mixed ? ` ${t(`of.${kind}`)}` : ""}`;
  return h(
    "details",
    { id: "working", class: "fold small" },
    h("summary", {}, t(sources.size === 1 ? "site.basis.one" : "site.basis", { basis: bases, n: sources.size })),
    ...chains.flatMap(({ kind, chain: { rows, basis, assumptions } }) => [
      h(
        "ul",
        {
          "data-chain": kind,
          "data-rows": rows.map((row) => row.key).join(" "),
          "data-basis": basis,
          "data-assumptions": assumptions.join(" "),
        },
        ...rows.map((row) =>
          h(
            "li",
            {},
            `${held(row, kind)} · `,
            nameOf(shell, row.occupant),
            row.present === UNKNOWN ? ` (${t("site.maybe")})` : "",
            " · ",
            shell.cite(row.source, row.page),
          ),
        ),
      ),
      h(
        "p",
        { class: "soft" },
        `${t("how.basis")}${lang === "fr" ? "\u202f" : ""}: ${t(`basis.${basis}`)}. `,
        assumptions.map((key) => t(`assumption.${key}`)).join(" "),
      ),
    ]),
  );
}

/**
 * What the layers hold of each kind, what is held of it on the day, and what stands empty.
 * @param {Shell<SitePage>} shell @param {Now} now
 */
function heldSection(shell, now) {
  const { t, page } = shell;
  if (!now.held) return null;
  const surface = page.figures.find(({ kind }) => kind === "surface_vacancy");
  return h(
    "section",
    { id: "held" },
    h("h2", {}, t("site.held")),
    h("ul", { class: "bases" }, ...now.held.kinds.map((each) => heldKind(shell, each))),
    h("p", { class: "soft" }, t("site.held.note")),
    chainFold(shell, "working-held", heldSums(shell, now.held)),
    now.vacancy ? premisesVacancy(shell, now.vacancy) : null,
    surface
      ? h(
          "p",
          { id: "surface-vacancy" },
          t("vacancy.surface", {
            share: shareText(shell, /** @type {Pair} */ ([surface.low, surface.high])),
          }),
        )
      : null,
    surface ? figuresFold(shell, "working-surface", [surface]) : null,
  );
}

/** @param {Shell} shell @param {Pair} share */
const shareText = (shell, share) => rangeText(shell, ...bothEnds(share, (each) => percent(each, shell.lang)));

/**
 * One kind: what is held of it, as a bar.
 * @param {Shell} shell @param {HeldOfKind} kind
 */
function heldKind(shell, { kind, base_m2, in_place: { bounds: alone }, with_to_come: { bounds: both } }) {
  const { t, lang } = shell;
  const [low, high] = alone.map((m2) => m2 / base_m2);
  const [least, most] = both.map((m2) => m2 / base_m2);
  /** @param {number} from @param {number} to */
  const bar = (from, to) => ({ "--x": `${100 * from}%`, "--w": `${100 * (to - from)}%` });
  return h(
    "li",
    {
      "data-kind": kind,
      "data-low": alone[0],
      "data-high": alone[1],
      "data-low-with": both[0],
      "data-high-with": both[1],
    },
    h("span", { class: "base-name" }, t(`site.held.${kind}`, { area: area(base_m2, lang) })),
    h(
      "span",
      { class: "base-share" },
      h("strong", {}, shareText(shell, [low, high])),
      most > high ? h("span", {}, t("site.held.with", { share: shareText(shell, [least, most]) })) : null,
    ),
    h(
      "span",
      { class: "bar", "aria-hidden": "true" },
      h("i", { class: "whole", ...bar(0, 1) }),
      h("i", { class: "part", ...bar(0, low) }),
      most > low ? h("i", { class: "more", ...bar(low, most) }) : null,
    ),
  );
}

/**
 * What each of them rests on: the rows that hold, then what they are held of, as the ledger has both.
 * @param {Shell<SitePage>} shell @param {Held} held @returns {Sum[]}
 */
function heldSums(shell, { kinds }) {
  const cited = citedRows(shell.page);
  // The basis of a tenancy is that of its row, whichever published value is chosen of it.
  /** @param {Pick<HeldChain, "tenancies" | "rows">} sum */
  const basisOf = ({ tenancies, rows }) => {
    const own = new Map(tenancies.map(({ id, basis }) => [`tenancies/${id}`, basis]));
    return weakest(rows.map((row) => own.get(row) ?? cited.get(row)?.basis ?? "stated"));
  };
  /** @param {Pair} m2 */
  const areaText = (m2) => rangeText(shell, ...bothEnds(m2, (each) => `${number(each, shell.lang)}\u202fm²`));
  return kinds.flatMap(({ kind, base_m2, whole, in_place: { bounds, chain } }) => [
    {
      of: `held_${kind}_m2`,
      title: `${areaText(bounds)} · ${shell.t(`figure.held_${kind}_m2`)}`,
      chain: () => ({ ...chain, basis: basisOf(chain) }),
    },
    {
      of: `held_${kind}_share`,
      title: `${shareText(
        shell,
        bothEnds(bounds, (m2) => m2 / base_m2),
      )} · ${shell.t(`figure.held_${kind}_share`)}`,
      chain: () => ({
        rows: whole,
        basis: weakest([basisOf(chain), basisOf({ tenancies: [], rows: whole })]),
        assumptions: chain.assumptions,
      }),
    },
  ]);
}

/**
 * How many premises stand empty, and what share of them and of their floors that is.
 * @param {Shell<SitePage>} shell @param {EmptyPremises} empty
 */
function premisesVacancy(shell, { all, empty, floor_m2, empty_m2, chain }) {
  const { t, lang } = shell;
  const share = shareText(
    shell,
    bothEnds(empty, (each) => each / all),
  );
  const floor = shareText(
    shell,
    bothEnds(empty_m2, (m2) => m2 / floor_m2),
  );
  const n = rangeText(shell, ...bothEnds(empty, (each) => number(each, lang)));
  return h(
    "div",
    {},
    h(
      "p",
      {
        id: "premises-vacancy",
        "data-low": empty[0],
        "data-high": empty[1],
        "data-low-m2": empty_m2[0],
        "data-high-m2": empty_m2[1],
      },
      t("vacancy.premises", { n, all: number(all, lang), share, floor }),
    ),
    chainFold(shell, "working-vacancy", [
      { of: "premises_vacancy", title: `${share} · ${t("figure.premises_vacancy")}`, chain: () => chain },
      { of: "floor_vacancy", title: `${floor} · ${t("figure.floor_vacancy")}`, chain: () => chain },
    ]),
  );
}

/**
 * Each published area as a bar on one scale, with what is attributed in it.
 * @param {Shell<SitePage>} shell @param {Now} now @param {Claim | undefined} headline
 */
function basesChart(shell, now, headline) {
  const { t, lang } = shell;
  const most = Math.max(...now.bases.map((base) => base.m2), now.with_m2);
  /** @param {number} m2 */
  const part = (m2) => `${(100 * m2) / most}%`;
  const needs = headline && now.needs(headline);
  return h(
    "ul",
    { class: "bases" },
    ...now.bases.map((base) =>
      h(
        "li",
        { "data-base": base.id, "data-share": base.share, "data-share-with": base.share_with },
        h("span", { class: "base-name" }, t(`site.base.${base.kind}`, { area: area(base.m2, lang) })),
        h(
          "span",
          { class: "base-share" },
          h(
            "strong",
            {},
            now.said
              ? t("site.share", { share: percent(base.share, lang) })
              : rangeText(shell, percent(0, lang), percent(1, lang)),
          ),
          base.to_come_m2 ? h("span", {}, t("site.share_with", { share: percent(base.share_with, lang) })) : null,
        ),
        h(
          "span",
          { class: "bar", "aria-hidden": "true" },
          h("i", { class: "whole", "--w": part(base.m2) }),
          now.said
            ? h("i", { class: "part", "--w": part(base.in_place_m2) })
            : h("i", { class: "more", "--w": part(base.m2) }),
          base.to_come_m2
            ? h("i", { class: "more", "--x": part(base.in_place_m2), "--w": part(base.with_m2 - base.in_place_m2) })
            : null,
        ),
      ),
    ),
    needs
      ? h(
          "li",
          { class: "needed" },
          h("span", { class: "base-name wide" }, t("site.needed.bar", { value: claimValue(shell, headline) })),
          h(
            "span",
            { class: "bar", "aria-hidden": "true" },
            h("i", { class: "need", "--x": part(needs.without[0]), "--w": part(needs.without[1] - needs.without[0]) }),
            h("i", { class: "need with", "--x": part(needs.with[0]), "--w": part(needs.with[1] - needs.with[0]) }),
          ),
        )
      : null,
  );
}

/** @param {Needs} needs @param {Lang} lang */
function needValues(needs, lang) {
  /** @param {number} value */
  const m2 = (value) => `${number(value, lang)}\u202fm²`;
  const [low, high] = needs.without.map(m2);
  const [low2, high2] = needs.with.map(m2);
  return { low, high, low2, high2 };
}

/** @param {Shell<SitePage>} shell @param {Now} now @param {Claim} claim */
function headlineClaim(shell, now, claim) {
  const { t, lang } = shell;
  const needs = /** @type {Needs} */ (now.needs(claim));
  return h(
    "div",
    { class: "note", id: "headline-claim", "data-needs": JSON.stringify([...needs.without, ...needs.with]) },
    h("p", { class: "soft" }, t("claim.as_of", { date: published(claim.as_of, lang, t) })),
    h(
      "p",
      {},
      t("site.claim", { value: claimValue(shell, claim), verdict: t(`verdict.${claim.verdict}`) }),
      " ",
      shell.cite(claim.source, claim.page),
    ),
    h("p", {}, t("site.needed", needValues(needs, lang)), now.mixed ? ` (${t(`kind.${needs.kind}`)})` : ""),
    h("p", { class: "soft" }, t("site.needed.note")),
  );
}

/** @param {Shell<SitePage>} shell @param {Claims} claims @param {Dated} event */
function eventTitle(shell, claims, event) {
  const claim = /** @type {Claim} */ (claims.get(event.claim));
  const when = span(event.date[0], event.date[1], shell.lang, shell.t);
  return `${when} · ${named(shell, claim.subject)} · ${claim.measure[shell.lang]}`;
}

/** @param {Shell<SitePage>} shell @param {Claims} claims @param {SiteActions} actions */
function eventsList(shell, claims, actions) {
  const { t, lang, page } = shell;
  return h(
    "details",
    { id: "events", class: "fold" },
    h("summary", {}, `${t("site.events")} (${page.events.length})`),
    h(
      "ol",
      { class: "events" },
      ...page.events.map((event) => {
        const claim = /** @type {Claim} */ (claims.get(event.claim));
        return h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              class: "link",
              id: `event-${event.claim}`,
              onclick: () => actions.setDay(toDay(event.date[1])),
            },
            span(event.date[0], event.date[1], lang, t),
          ),
          " ",
          nameOf(shell, claim.subject),
          ` · ${claim.measure[lang]} · `,
          shell.cite(claim.source, claim.page),
        );
      }),
    ),
  );
}

/** @param {Shell<SitePage>} shell @param {Now} now */
function claimsList(shell, now) {
  const { t, lang, page } = shell;
  const beside = page.claims.filter((claim) =>
    ["occupied_share", "parts_count", "tenant_share", "base"].includes(claim.use),
  );
  const others = page.claims.filter((claim) => !beside.includes(claim));
  return h(
    "section",
    {},
    h("h2", {}, t("site.claims")),
    h("p", { class: "soft" }, t("site.claims.lead")),
    h(
      "ul",
      { class: "claims" },
      ...alike(beside).map((said) => {
        const needs = said[0].use === "occupied_share" ? now.needs(said[0]) : null;
        return claimLine(
          shell,
          said,
          needs ? h("span", { class: "soft" }, t("claim.needs", needValues(needs, lang))) : null,
        );
      }),
    ),
    h(
      "details",
      { id: "other-claims", class: "fold" },
      h("summary", {}, t("site.claims.more", { n: others.length })),
      h("ul", { class: "claims" }, ...others.map((claim) => claimLine(shell, [claim]))),
    ),
  );
}

/**
 * Claims that say the same of the same thing, together: shares stay apart, each is of its own day.
 * @param {Claim[]} claims
 */
function alike(claims) {
  const groups = new Map();
  for (const claim of claims) {
    const key =
      claim.use === "occupied_share"
        ? claim.id
        : [claim.use, claim.subject, claim.value, claim.unit, claim.verdict].join("|");
    groups.set(key, [...(groups.get(key) ?? []), claim]);
  }
  return [...groups.values()];
}
