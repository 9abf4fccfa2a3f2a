import { show, svg } from "./dom.js";
import { number, toDay, toIso } from "./format.js";
import { UNKNOWN, YES } from "./three_valued.js";

/**
 * Area attributed by occupant over time, stacked, from the days on which it changes whether each of them is there: what
 * may be between two days is a ramp between them.
 */

/**
 * The area of a tenancy on a day as the chart draws it: a straight line while it may come or go. Square metres.
 * @param {Tenancy} tenancy @param {number} day
 */
function ramp({ area_m2, steps }, day) {
  const area = area_m2[0] ?? 0;
  const here = steps.filter(([from]) => from === null || toDay(from) <= day).length - 1;
  const [before, now, after] = [steps[here - 1], steps[here], steps[here + 1]];
  if (now[1] !== UNKNOWN) return now[1] === YES ? area : 0;
  const [came, goes] = [before?.[1], after?.[1]];
  if (came === undefined && goes === YES) return 0;
  if (came === YES && goes === undefined) return 0;
  if (!came || !goes || came === goes) return area;
  // Only the first step has no day, and nothing came before it.
  const [first, next] = [now, after].map(([from]) => toDay(/** @type {string} */ (from)));
  const part = (day - first + 1) / (next - first + 1);
  return area * (goes === YES ? part : 1 - part);
}

/** Pixels that the name of what is above the occupants takes. */
const REST_NAME = 230;

/**
 * Series to stack: one for each premises and each of in place / to come.
 * @param {Tenancy[]} tenancies @returns {Series[]}
 */
function series(tenancies) {
  /** @type {Map<string, Series>} */
  const groups = new Map();
  for (const tenancy of tenancies) {
    if (tenancy.area_m2[0] === null) continue;
    const coming = tenancy.to_come;
    const key = `${coming ? 1 : 0}:${tenancy.premises}`;
    const group = groups.get(key) ?? { coming, members: [] };
    groups.set(key, group);
    group.members.push(tenancy);
  }
  return [...groups.values()].sort((a, b) => Number(a.coming) - Number(b.coming) || top(b) - top(a));
}

/** @param {Pick<Series, "members">} given */
const top = ({ members }) => Math.max(...members.map((tenancy) => tenancy.area_m2[0] ?? 0));
/** @param {Pick<Series, "members">} given */
const edges = ({ members }) =>
  members.flatMap(({ steps }) => steps.flatMap(([from]) => (from === null ? [] : [toDay(from) - 1, toDay(from)])));

/**
 * Draw the chart.
 * @param {SVGElement} box made anew in place
 * @param {ChartOptions} options
 */
export function drawChart(
  box,
  { width, height, left, right, from, to, day, events, tenancies, lang, marked, rest, onPick, onHover, onSelect },
) {
  const stack = series(tenancies);
  const days = [...new Set([from, to, ...stack.flatMap(edges)])]
    .filter((d) => d >= from && d <= to)
    .sort((a, b) => a - b);
  const values = stack.map(({ members }) => days.map((d) => Math.max(...members.map((tenancy) => ramp(tenancy, d)))));
  const totals = days.map((_, n) => values.reduce((sum, row) => sum + row[n], 0));
  const ceiling = niceCeiling(Math.max(...totals, 1));
  const bottom = height - 34;
  /** @param {number} d */
  const x = (d) => left + ((width - left - right) * (d - from)) / (to - from);
  /** @param {number} value */
  const y = (value) => bottom - ((bottom - 10) * value) / ceiling;
  const parts = [];
  for (const tick of [0, ceiling / 2, ceiling]) {
    parts.push(svg("line", { x1: left, x2: width - right, y1: y(tick), y2: y(tick), class: "grid" }));
    parts.push(svg("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end", class: "tick" }, number(tick, lang)));
  }
  const above = [
    `${x(to)},10`,
    `${x(from)},10`,
    ...days.map((d, n) => `${x(d).toFixed(1)},${y(totals[n]).toFixed(1)}`),
  ];
  const nobody = svg("polygon", {
    points: above.join(" "),
    class: `rest${rest.id === marked ? " marked" : ""}`,
    "data-who": rest.id,
  });
  nobody.append(svg("title", {}, rest.text));
  parts.unshift(nobody);
  const widest = x(days[totals.indexOf(Math.min(...totals))]);
  const middle = Math.min(Math.max(widest, left + REST_NAME / 2), width - right - REST_NAME / 2);
  const name =
    middle < left + REST_NAME / 2
      ? ""
      : svg("text", { x: middle, y: 26, "text-anchor": "middle", class: "tick rest-name" }, rest.text);
  const base = days.map(() => 0);
  stack.forEach(({ coming, members }, n) => {
    /** @param {number} k */
    const point = (k) => `${x(days[k]).toFixed(1)},${y(base[k]).toFixed(1)}`;
    const shown = days.map((_, k) => k).filter((k) => values[n][k - 1] || values[n][k] || values[n][k + 1]);
    const lower = shown.map(point).reverse();
    days.forEach((_, k) => (base[k] += values[n][k]));
    const upper = shown.map(point);
    const leader = members.reduce((a, b) => (top({ members: [b] }) > top({ members: [a] }) ? b : a));
    const area = svg("polygon", {
      points: [...upper, ...lower].join(" "),
      fill: coming ? "transparent" : leader.fill,
      stroke: coming ? leader.fill : "var(--paper)",
      class: `${coming ? "coming" : "held"}${members.some(({ who }) => who === marked) ? " marked" : ""}`,
      "data-who": leader.who,
    });
    area.append(svg("title", {}, leader.occupant));
    parts.push(area);
  });
  const firstYear = Number(toIso(from).slice(0, 4));
  const lastYear = Number(toIso(to).slice(0, 4));
  const every = width / (lastYear - firstYear + 1) < 62 ? 2 : 1;
  for (let year = firstYear; year <= lastYear; year += 1) {
    const at = x(Math.max(toDay(`${year}-01-01`), from));
    parts.push(svg("line", { x1: at, x2: at, y1: bottom, y2: bottom + 5, class: "axis" }));
    if ((year - firstYear) % every === 0)
      parts.push(
        svg(
          "text",
          { x: at, y: bottom + 30, "text-anchor": at > width - right - 20 ? "end" : "middle", class: "tick" },
          String(year),
        ),
      );
  }
  for (const event of events) {
    const at = x(event.day);
    const mark = svg("path", { d: `M${at - 4.5},${bottom + 15}l9,0l-4.5,-8z`, class: "event" });
    mark.append(svg("title", {}, event.title));
    parts.push(mark);
  }
  parts.push(svg("line", { x1: left, x2: width - right, y1: bottom, y2: bottom, class: "axis" }));
  parts.push(name);
  parts.push(svg("line", { x1: x(day), x2: x(day), y1: 2, y2: bottom, class: "now" }));
  box.setAttribute("viewBox", `0 0 ${width} ${height}`);
  show(box, ...parts);
  /** @param {Event} event */
  const whoOf = (event) => /** @type {SVGElement} */ (event.target).dataset?.who ?? "";
  box.onmouseover = (event) => onHover(whoOf(event));
  box.onmouseleave = () => onHover("");
  box.onclick = (event) => {
    if (whoOf(event)) {
      onSelect(whoOf(event));
      return;
    }
    const ratio = (event.clientX - box.getBoundingClientRect().left - left) / (width - left - right);
    onPick(Math.round(from + Math.min(Math.max(ratio, 0), 1) * (to - from)));
  };
}

/**
 * The least of 1, 2, 4, 5, 8 times a power of ten that is above a value.
 * @param {number} value
 */
function niceCeiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 6, 8, 10].map((n) => n * power).find((n) => n >= value) ?? value;
}
