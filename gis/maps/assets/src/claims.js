import { h } from "./dom.js";
import { number, published, span } from "./format.js";
import { named, nameOf } from "./names.js";

/**
 * A published value as its source gives it, with its unit, in the reader's language.
 * @param {Shell} shell @param {Claim} claim
 */
export function claimValue(shell, claim) {
  const { t, lang } = shell;
  if (claim.says === "phase") return t(`phase.${claim.value}`);
  if (claim.says === "date") return span(claim.date[0], claim.date[1], lang, t);
  if (claim.says === "text") return named(shell, claim.value);
  const unit = t(`unit.${claim.unit}`);
  const digits = String(claim.value).includes(".") ? 1 : 0;
  const value = [claim.low, claim.high]
    .flatMap((each, n, all) => (each !== null && all.indexOf(each) === n ? [number(each, lang, digits)] : []))
    .join("–");
  const lead =
    claim.qualifier === "at least" || claim.qualifier === "about" ? `${t(`qualifier.${claim.qualifier}`)} ` : "";
  const space = unit === "%" && lang === "en" ? "" : "\u202f";
  return lead + value + (unit ? space + unit : "");
}

/**
 * One or several claims that say the same as a line: value, what it is of, verdict, sources.
 * @param {Shell} shell @param {Claim[]} said @param {Child} [extra]
 */
export function claimLine(shell, said, extra = null) {
  const { t, lang } = shell;
  const [claim] = said;
  return h(
    "li",
    { class: "claim" },
    h("span", { class: "value", lang: claim.says === "text" ? "fr" : false }, claimValue(shell, claim)),
    h(
      "span",
      {},
      nameOf(shell, claim.subject),
      ` · ${claim.measure[lang]}`,
      claim.as_of && said.length === 1
        ? h("span", { class: "soft" }, ` · ${t("claim.as_of", { date: published(claim.as_of, lang, t) })}`)
        : null,
    ),
    h(
      "span",
      { class: "soft" },
      h("em", { class: `verdict ${claim.verdict}` }, t(`verdict.${claim.verdict}`)),
      ` ${t(`reason.${claim.reason}`)} `,
      ...said.flatMap((each, n) => [
        n ? " · " : null,
        each.found ? shell.cite(each.source, each.page) : h("span", {}, t("source.not_refound")),
        each.found && each.section ? h("span", { lang: "fr" }, `, «\u202f${each.section}\u202f»`) : null,
      ]),
    ),
    ...[...new Set(said.map((each) => each.note[lang]).filter(Boolean))].map((note) =>
      h("span", { class: "soft" }, note),
    ),
    extra,
  );
}
