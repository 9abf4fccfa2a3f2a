import { figuresFold } from "./chains.js";
import { h } from "./dom.js";
import { bothEnds, number } from "./format.js";
import { claimedTwice, rangeText } from "./panel.js";

/** How much ground there is to sell: what would free more, how fast it goes and how long it lasts. */

/**
 * What lifting each constraint alone would free.
 * @param {Shell<AvailablePage>} shell
 */
export function lifting(shell) {
  const { t, lang, page } = shell;
  const rows = page.lifting.filter(({ covers }) => covers[1]);
  if (!rows.length) return null;
  const most = Math.max(...rows.map(({ covers }) => covers[1]));
  /** @param {Pair} values */
  const pair = (values) => rangeText(shell, ...bothEnds(values, (value) => number(value, lang, 2)));
  return h(
    "section",
    { id: "lifting" },
    h("h2", {}, t("available.lifting")),
    h("p", { class: "soft" }, t("available.lifting.note")),
    claimedTwice(
      shell,
      page.figures.find(({ kind }) => kind === "freed_ha"),
      "p",
    ),
    h(
      "ol",
      { class: "fall" },
      ...rows.map(({ reason, frees, covers }) =>
        h(
          "li",
          { "data-reason": reason, "data-frees-low": frees[0], "data-frees-high": frees[1] },
          h("span", {}, t(`exclusion.${reason}`)),
          h("strong", {}, `+ ${pair(frees)}\u202fha`),
          h(
            "span",
            { class: "bar", "aria-hidden": "true" },
            h("i", { class: "whole", "--w": `${(100 * covers[1]) / most}%` }),
            h("i", { class: "part", "--w": `${(100 * frees[1]) / most}%` }),
          ),
          h("small", { class: "soft" }, t("available.lifting.covers", { ha: pair(covers) })),
        ),
      ),
    ),
  );
}

/**
 * How fast ground was sold, and how long what is on offer lasts; why nobody can tell where years are too few.
 * @param {Shell<AvailablePage>} shell
 */
export function absorption(shell) {
  const { t, page } = shell;
  const [years, pace, supply] = ["absorption_years", "absorption_ha_per_year", "supply_years"].map((kind) =>
    page.figures.find((figure) => figure.kind === kind),
  );
  const sold = years?.low ?? null;
  /** @param {Figure} figure */
  const told = (figure) =>
    h(
      "p",
      { "data-figure": figure.kind, "data-low": figure.low, "data-high": figure.high },
      h("strong", { class: "value" }, shell.figureValue(figure)),
      ` ${t(`available.${figure.kind}`)}`,
      " ",
      claimedTwice(shell, figure),
      figuresFold(shell, `working-${figure.kind}`, [figure]),
    );
  return h(
    "section",
    { id: "absorption" },
    h("h2", {}, t("available.absorption")),
    pace
      ? told(pace)
      : h(
          "p",
          { class: "note" },
          sold === null ? t("available.absorption.none") : shell.plural("available.absorption.few", sold),
        ),
    supply ? told(supply) : null,
    pace && sold !== null
      ? h(
          "p",
          { class: "soft" },
          shell.plural("available.absorption.years", sold),
          ` · ${t(`basis.${pace.basis}`)} · ${t("available.absorption.note")}`,
        )
      : null,
  );
}
