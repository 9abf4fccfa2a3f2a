import { h, svg } from "./dom.js";
import { number } from "./format.js";

/**
 * A small picture beside a number, drawn from the same data: squares for hectares and zones, dots for people and
 * things, a bar for a share. What is sure is full, what may be is pale, what no source says is hollow: three classes
 * everywhere.
 */

/** Pixels of a mark with the gap after it, and of the mark. */
const STEP = 9;
const SIDE = 7;
const COLUMNS = 30;
/** More marks than this are too many to be read: each stands for ten times as much. */
const MOST = 200;

/**
 * Marks for parts of a number, one after the other: a class and how many, not always a whole number.
 * The end of one part and the beginning of the next share a mark: what it is filled with, from where to where.
 * @param {[string, number][]} parts
 * @returns {{ slices: [string, number, number][] }[]}
 */
export function marks(parts) {
  /** @type {{ slices: [string, number, number][] }[]} */
  const found = [];
  let at = 0;
  for (const [name, amount] of parts) {
    const end = at + amount;
    while (end - at > 1e-9) {
      const n = Math.floor(at + 1e-9);
      const until = Math.min(end, n + 1);
      found[n] ??= { slices: [] };
      found[n].slices.push([name, Math.max(at - n, 0), until - n]);
      at = until;
    }
  }
  return found;
}

/**
 * How much one mark stands for, so that there are not too many: 1, 10, 100, …
 * @param {number} total
 */
export function each(total) {
  let one = 1;
  while (total / one > MOST) one *= 10;
  return one;
}

/** @param {[string, number][]} parts @param {boolean} round */
function grid(parts, round) {
  const drawn = marks(parts);
  const shapes = drawn.flatMap(({ slices }, n) => {
    const [x, y] = [STEP * (n % COLUMNS) + 1, STEP * Math.floor(n / COLUMNS) + 1];
    return slices.map(([name, from, to]) =>
      round && from === 0 && to === 1
        ? svg("circle", { cx: x + SIDE / 2, cy: y + SIDE / 2, r: SIDE / 2, class: name })
        : svg("rect", { x: x + SIDE * from, y, width: SIDE * (to - from), height: SIDE, class: name }),
    );
  });
  const [across, down] = [Math.min(drawn.length, COLUMNS), Math.ceil(drawn.length / COLUMNS)];
  return box(STEP * across + 1, STEP * down + 1, shapes);
}

/**
 * A share as a bar of the whole.
 * @param {number} low @param {number} high
 */
function bar(low, high) {
  const width = STEP * COLUMNS - 2;
  /** @param {number} from @param {number} to @param {string} name */
  const part = (from, to, name) =>
    svg("rect", { x: 1 + width * from, y: 1, width: width * (to - from), height: 10, class: name });
  return box(width + 2, 12, [part(0, 1, "none"), part(0, low, "sure"), high > low ? part(low, high, "maybe") : null]);
}

/** @param {number} width @param {number} height @param {Child[]} shapes */
function box(width, height, shapes) {
  return svg(
    "svg",
    { class: "picture", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true", focusable: "false" },
    ...shapes,
  );
}

/**
 * The picture of a figure of the territory, with what its marks mean; nothing for what no picture tells.
 * @param {Shell} shell @param {Figure} figure
 */
export function figurePicture(shell, figure) {
  const { t, lang, page } = shell;
  /** @param {string} kind */
  const of = (kind) =>
    page.figures.find((other) => other.kind === kind && other.subject === figure.subject)?.low ?? null;
  const offer = of("offer_ha");
  /** @param {string} key @param {number | null} some */
  const ofAll = (key, some) => {
    const all = of("zones_counted");
    if (some === null || all === null) return null;
    const rest = number(all - some, lang);
    return told(
      grid(zones(some, all), false),
      some === all ? t("index.picture.zone") : t(key, { n: number(some, lang), rest }),
    );
  };
  const [low, high] = [figure.low ?? 0, figure.high];
  const named = figure.kind === "zones_counted" && ofAll("index.picture.named", of("zones_named"));
  const sized = figure.kind === "zones_known_ha" && ofAll("index.picture.sized", of("zones_with_area"));
  if (named || sized) return named || sized;
  if (figure.unit === "ratio") return told(bar(low, high ?? 1), "");
  if (figure.unit !== "ha") return null;
  const one = each(Math.max(high ?? low, offer ?? 0));
  /** @type {[string, number][]} */
  const parts = [
    ["sure", low / one],
    ["maybe", ((high ?? low) - low) / one],
  ];
  if (figure.kind.startsWith("offer_") && offer !== null)
    parts.push(["none", Math.max(offer - (high ?? low), 0) / one]);
  return told(grid(parts, false), t("index.picture.ha", { n: number(one, lang) }));
}

/** @param {number} some @param {number} all @returns {[string, number][]} */
const zones = (some, all) => [
  ["sure", some],
  ["unknown", all - some],
];

/**
 * The picture of a published value.
 * @param {Shell} shell @param {Claim} claim
 */
export function claimPicture(shell, claim) {
  const { t, lang } = shell;
  const [low, high] = [claim.low ?? claim.high, claim.high ?? claim.low];
  if (low === null || high === null || claim.date[0]) return null;
  if (claim.unit === "%") return told(bar(low / 100, Math.min(high / 100, 1)), "");
  const one = each(high);
  const square = claim.unit === "ha";
  const key = square ? "index.picture.ha" : "index.picture.one";
  return ["ha", "count", "jobs", "people"].includes(claim.unit)
    ? told(
        grid(
          [
            ["sure", low / one],
            ["maybe", (high - low) / one],
          ],
          !square,
        ),
        t(key, { n: number(one, lang) }),
      )
    : null;
}

/**
 * The share of a site that is attributed, as a bar.
 * @param {number} low @param {number} [high]
 */
export const sharePicture = (low, high = low) => told(bar(low, high), "");

/** @param {SVGElement} picture @param {string} text */
function told(picture, text) {
  return h("span", { class: "pictured" }, picture, text ? h("span", { class: "soft" }, text) : null);
}
