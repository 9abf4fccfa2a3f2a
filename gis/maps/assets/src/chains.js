import { byId, h } from "./dom.js";
import { nameOf } from "./names.js";

/**
 * What a sum rests on: the rows that were added, how they are known, what is assumed. A page carries the parts that its
 * reader may add up, each with its chain as `gis/maps/chains.py` wrote it; here they are joined and shown.
 */

/**
 * Ways of knowing a row, from strongest to weakest, as `gis.provenance.Basis`.
 * @type {Basis[]}
 */
const BASES = ["surveyed", "digitised", "stated"];

/**
 * The weakest of some ways of knowing; of nothing at all it is `stated`.
 * @param {Basis[]} bases @returns {Basis}
 */
export function weakest(bases) {
  return BASES[Math.max(...bases.map((basis) => BASES.indexOf(basis)))] ?? "stated";
}

/**
 * The chain of a sum of parts. Parts that add nothing are named only where no part adds anything; what takes ground
 * away is named whatever is left.
 * @param {SumPart[]} parts @param {Map<string, CitedRow>} cited @returns {Chain}
 */
export function chainOf(parts, cited) {
  const adding = parts.filter(({ asked }) => !asked);
  const told = adding.length ? adding : parts;
  const named = new Set([...told.flatMap(({ rows }) => rows), ...parts.flatMap(({ taken_by }) => taken_by)]);
  const rows = [...cited.keys()].filter((row) => named.has(row));
  return {
    rows,
    basis: weakest(rows.map((row) => cited.get(row)?.basis ?? "stated")),
    assumptions: [
      ...new Set([...parts.flatMap(({ assumptions }) => assumptions), ...told.flatMap(({ of_rows }) => of_rows)]),
    ],
  };
}

/**
 * The rows that the chains of a page name, in the order of the ledger.
 * @param {Pick<CitingPage, "cited">} page @returns {Map<string, CitedRow>}
 */
export const citedRows = (page) => new Map(page.cited.map((each) => [each.row, each]));

/**
 * "See the working" of one or several sums: folded, and written when the reader unfolds it, as rows may be many.
 * @param {Shell<CitingPage>} shell @param {string} id @param {Sum[]} sums
 */
export function chainFold(shell, id, sums) {
  const isOpen = () => Boolean(/** @type {HTMLDetailsElement | null} */ (byId(id))?.open);
  const open = isOpen();
  return h(
    "details",
    { id, class: "fold small chain", open, ontoggle: () => isOpen() !== open && shell.state.set({}) },
    h("summary", {}, shell.t("chain.show")),
    ...(open ? sums.flatMap((sum) => chainLines(shell, sum)) : []),
  );
}

/**
 * One sum: what it is, its rows with their sources, how they are known, what is assumed.
 * @param {Shell<CitingPage>} shell @param {Sum} sum
 */
function chainLines(shell, { of, title, chain }) {
  const { t, lang } = shell;
  const { rows, basis, assumptions } = chain();
  const cited = citedRows(shell.page);
  const colon = lang === "fr" ? "\u202f: " : ": ";
  return [
    h("p", {}, title),
    h(
      "ul",
      {
        class: "plain-list",
        "data-chain": of,
        "data-rows": rows.join(" "),
        "data-basis": basis,
        "data-assumptions": assumptions.join(" "),
      },
      ...rows.map((row) => rowLine(shell, row, cited.get(row))),
    ),
    h(
      "p",
      { class: "soft" },
      `${t("how.basis")}${colon}${t(`basis.${basis}`)}. `,
      assumptions.map((key) => t(`assumption.${key}`)).join(" "),
    ),
  ];
}

/**
 * A row by its key, with its name, its source and how it is known.
 * @param {Shell} shell @param {string} row @param {CitedRow | undefined} cited
 */
function rowLine(shell, row, cited) {
  const key = h("code", {}, row);
  if (!cited) return h("li", {}, key);
  return h(
    "li",
    {},
    key,
    ...(cited.name && !row.endsWith(`/${cited.name}`) ? [" ", nameOf(shell, cited.name)] : []),
    " · ",
    shell.cite(cited.source),
    ` · ${shell.t(`basis.${cited.basis}`)}`,
  );
}

/**
 * The working of figures of the ledger, as it has them.
 * @param {Shell<CitingPage>} shell @param {string} id @param {Figure[]} figures
 */
export function figuresFold(shell, id, figures) {
  return chainFold(
    shell,
    id,
    figures.map((figure) => ({
      of: figure.kind,
      title: `${shell.figureValue(figure)} · ${shell.t(`figure.${figure.kind}`)}`,
      chain: () => figure,
    })),
  );
}
