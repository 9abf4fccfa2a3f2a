import { byId, h } from "./dom.js";
import { claimLine } from "./claims.js";

/** Published figures of a page, folded or not. */
export function claimsSection(shell, title, claims) {
  if (!claims.length) return null;
  return h("section", {}, h("h2", {}, title), h("ul", { class: "claims" }, ...claims.map((claim) => claimLine(shell, [claim]))));
}

/** What the page assumes, printed where it matters. */
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

/** The frame beside the map for what has no place: a title, symbols, a caption. */
export function showInset(title, symbols, caption) {
  const inset = byId("inset");
  inset.hidden = !symbols.length;
  inset.replaceChildren(h("strong", {}, title), h("div", { class: "symbols", "aria-hidden": "true" }, ...symbols), h("p", {}, caption));
}

export function showLegend(entries) {
  byId("legend").replaceChildren(
    ...entries.map(({ kind, text, colour, count, of }) => h("li", {}, h("i", { class: `key ${kind}`, "--c": colour ?? false }), text, count === undefined ? null : h("i", { class: "tally", "aria-hidden": "true", "--h": count / of }), count === undefined ? null : h("small", {}, ` ${count}`))),
  );
}

/** Names and values as a definition list; what is empty is left out. */
export function facts(pairs) {
  return h(
    "dl",
    {},
    ...pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
  );
}

/** Two bounds in words: one of them where they read the same. */
export function rangeText(shell, low, high) {
  return low === high ? low : shell.t("range", { low, high });
}

export const fold = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();
