import { between, number, percent } from "./format.js";

/**
 * The value of a figure with its bounds: what nobody knows is said, and so is what is between nothing and all of it.
 * The same as `gis/maps/static_tables.py`; both are held to `tests/data/figure_cases.json`.
 * @param {Pick<Shell, "lang" | "t">} shell @param {Pick<Figure, "low" | "high" | "unit">} figure
 */
export function figureValue(shell, figure) {
  const { lang, t } = shell;
  /** @param {number} value */
  const one = (value) => {
    if (figure.unit === "ratio") return percent(value, lang);
    if (figure.unit === "m2") return `${number(value, lang)}\u202fm²`;
    const unit = t(`unit.${figure.unit}`);
    return `${number(value, lang, 1)}${unit ? `\u202f${unit}` : ""}`;
  };
  if (figure.unit === "ratio" && figure.low === 0 && figure.high === 1)
    return t("range.unknown", { low: one(0), high: one(1) });
  if (figure.high === null) return figure.low ? `≥ ${one(figure.low)}` : t("word.inconnu");
  if (figure.low === null) return `≤ ${one(figure.high)}`;
  return between(one(figure.low), one(figure.high));
}
