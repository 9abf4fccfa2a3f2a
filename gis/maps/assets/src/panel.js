import { byId, h, show } from "./dom.js";
import { claimLine } from "./claims.js";
import { between, number, percent } from "./format.js";

/**
 * Published figures of a page, folded or not.
 * @param {Shell} shell @param {string} title @param {Claim[]} claims
 */
export function claimsSection(shell, title, claims) {
  if (!claims.length) return null;
  return h(
    "section",
    {},
    h("h2", {}, title),
    h("ul", { class: "claims" }, ...claims.map((claim) => claimLine(shell, [claim]))),
  );
}

/**
 * What the page assumes, printed where it matters.
 * @param {Shell<AssumingPage>} shell
 */
export function assumptions(shell) {
  const { t, lang, page } = shell;
  if (!page.assumptions.length) return null;
  return h(
    "section",
    { class: "note" },
    h("p", {}, h("strong", {}, t("assumptions.title"))),
    h("ul", {}, ...page.assumptions.map((text) => h("li", {}, text[lang]))),
  );
}

/**
 * Beside a total of ground that several claim: how much they do, and that it counts once. Nothing beside any other.
 * @param {Shell} shell
 * @param {Figure | undefined} figure
 * @param {"p" | "span"} element
 */
export function claimedTwice({ t, lang, page }, figure, element = "span") {
  if (!figure?.assumptions.includes("shared_once")) return null;
  const kinds = figure.kind.startsWith("zones_") ? ["zones_overlaid_ha"] : ["gross_overlaid_ha", "zones_overlaid_ha"];
  const [over] = kinds.flatMap((kind) => page.figures.filter((each) => each.kind === kind));
  const text = over
    ? t(over.kind === "zones_overlaid_ha" ? "overlaid.zones" : "overlaid.gross", {
        area: overlaid(/** @type {number} */ (over.low), lang),
      })
    : t("assumption.shared_once");
  return h(element, { class: element === "p" ? "note" : "soft", "data-overlaid": figure.kind }, text);
}

/**
 * Hectares that are counted twice, to the square metre where they are few: some are never none.
 * @param {number} ha @param {Lang} lang
 */
export const overlaid = (ha, lang) => number(ha, lang, ha < 1 ? 4 : 1);

/**
 * Whom to write to, where the territory says it.
 * @param {Shell} shell
 */
export function contactNote({ t, page }) {
  if (!page.contact) return null;
  return h(
    "section",
    { class: "note" },
    h("p", {}, h("strong", {}, t("available.contact"))),
    h("p", {}, h("a", { href: `mailto:${page.contact}` }, page.contact)),
  );
}

/** How many names the frame beside the map shows as they are; more are folded into a list. */
const NAMES = 12;

/**
 * The frame beside the map for what has no place: a title, symbols, a caption, the names of what it stands for.
 * @param {Shell} shell @param {HTMLElement[]} symbols @param {string} caption @param {string[]} [names]
 */
export function showInset(shell, symbols, caption, names = []) {
  const inset = byId("inset");
  const open = /** @type {HTMLDetailsElement | null} */ (byId("inset-names"))?.open ?? false;
  inset.hidden = !symbols.length;
  const folded = names.length > NAMES;
  show(
    inset,
    h("strong", {}, shell.t("inset.title")),
    folded ? null : h("div", { class: "symbols", "aria-hidden": "true" }, ...symbols),
    caption ? h("p", {}, caption) : null,
    folded
      ? h(
          "details",
          { id: "inset-names", open },
          h("summary", {}, shell.plural("inset.names", names.length)),
          h("ul", { class: "plain-list scroll", lang: "fr", tabindex: 0 }, ...names.map((name) => h("li", {}, name))),
        )
      : names.length
        ? h("p", { lang: "fr" }, names.join(", "))
        : null,
  );
}

/**
 * Say on a map that has nothing to draw what is missing and what would mend it.
 * @param {Shell} shell @param {CanvasLayer} layer
 */
export function showEmpty({ t, page }, layer) {
  byId("empty")?.remove();
  if (!layer.isEmpty()) return;
  byId("stage-title").textContent = t("empty.title");
  show(byId("legend"));
  document
    .querySelector(".mapbox")
    ?.prepend(h("p", { class: "note", id: "empty", role: "status" }, t(`empty.${page.kind}`)));
}

/**
 * The communes of a site or an establishment, and whether its shape alone says so.
 * @param {Shell} shell @param {{communes: string[], by_shape: boolean}} given
 */
export const communesOf = ({ t }, { communes, by_shape: byShape }) =>
  communes.join(", ") + (byShape ? ` (${t("sheet.by_shape")})` : "");

/** @param {LegendEntry[]} entries */
export function showLegend(entries) {
  show(
    byId("legend"),
    ...entries.map(({ kind, text, colour, count, of = 1 }) =>
      h(
        "li",
        {},
        h("i", { class: `key ${kind}`, "--c": colour ?? false }),
        text,
        count === undefined ? null : h("i", { class: "tally", "aria-hidden": "true", "--h": count / of }),
        count === undefined ? null : h("small", {}, ` ${count}`),
      ),
    ),
  );
}

/**
 * Names and values as a definition list; what is empty is left out.
 * @param {Fact[]} pairs
 */
export function facts(pairs) {
  return h(
    "dl",
    {},
    ...pairs
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
  );
}

/**
 * Two bounds in words; between nothing and all of it, nobody knows.
 * @param {Shell} shell @param {string} low @param {string} high
 */
export function rangeText(shell, low, high) {
  if (low === percent(0, shell.lang) && high === percent(1, shell.lang)) return shell.t("range.unknown", { low, high });
  return between(low, high, (from, to) => shell.t("range", { low: from, high: to }));
}

/**
 * A few things side by side, line by line; each can be taken out again.
 * @param {Shell} shell @param {Comparison} given
 */
export function comparison(shell, { title, columns, rows, drop }) {
  const { t } = shell;
  return h(
    "section",
    { class: "compare", id: "compare", "aria-labelledby": "compare-title" },
    h("h2", { id: "compare-title" }, title),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "compare-title" },
      h(
        "table",
        { class: "list" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("td", {}),
            ...columns.map(({ id, name }) =>
              h(
                "th",
                { scope: "col", "data-compared": id },
                h("span", { lang: "fr" }, name),
                " ",
                h(
                  "button",
                  {
                    type: "button",
                    class: "plain",
                    id: `drop-${id}`,
                    "aria-label": t("zones.compare.drop", { name }),
                    onclick: () => drop(id),
                  },
                  "×",
                ),
              ),
            ),
          ),
        ),
        h(
          "tbody",
          {},
          ...rows.map(({ key = "", name, values }) =>
            h(
              "tr",
              { "data-measure": key || false },
              h("th", { scope: "row" }, name),
              ...values.map((value) => h("td", {}, value)),
            ),
          ),
        ),
      ),
    ),
  );
}
