import { byId, h, show } from "./dom.js";
import { claimLine } from "./claims.js";
import { figuresFold } from "./chains.js";
import { number } from "./format.js";
import { named } from "./names.js";
import { assumptions, claimsSection, contactNote, showInset, showLegend } from "./panel.js";
import { offers } from "./offers.js";
import { makeTools } from "./tools.js";

/**
 * The page of ground on offer: plots where terrains have shapes, else what is published of the hectares.
 * @param {Shell<PublishedPage>} shell @param {State} state @param {Target} target
 */
export function available(shell, state, target) {
  const { page } = shell;
  if (page.terrains.length) return offers(/** @type {Shell<AvailablePage>} */ (shell), state, target);
  const { layer } = target;
  const panel = byId("panel");
  const tools = makeTools(shell, target, { name: page.slug, rows: () => table(shell) });
  return () => {
    const { t, lang } = shell;
    /** @param {number} value */
    const ha = (value) => number(value, lang, 1);
    const figures = ["offer_ha", "offer_located_ha", "offer_unplaced_ha"].flatMap(
      (kind) => page.figures.find((figure) => figure.kind === kind) ?? [],
    );
    const located = figures.find(({ kind }) => kind === "offer_located_ha")?.high ?? 0;
    show(
      panel,
      h("h1", {}, page.title[lang]),
      page.total_ha === null
        ? h("p", { class: "note" }, t("available.none"))
        : h(
            "div",
            { class: "answer" },
            h("p", { class: "big", id: "offer-ha" }, ha(page.total_ha), h("small", {}, ` ${t("available.stated")}`)),
            h(
              "p",
              {},
              h("strong", { id: "located-ha", "data-ha": located }, t("available.located", { ha: ha(located) })),
              h("br"),
              ...page.located.map((each) =>
                h("span", { class: "soft", lang: "fr" }, `${each.name} (${each.communes.join(", ")})`),
              ),
            ),
            h(
              "p",
              {},
              h(
                "strong",
                { id: "unplaced-ha", "data-ha": page.unplaced_ha },
                t("available.unplaced", { ha: ha(/** @type {number} */ (page.unplaced_ha)) }),
              ),
            ),
            figuresFold(shell, "working-offer", figures),
          ),
      page.located.length
        ? h(
            "section",
            {},
            h("h2", {}, t("available.why")),
            h(
              "ul",
              { class: "claims" },
              ...page.located.flatMap((each) => each.claims.map((claim) => claimLine(shell, [claim]))),
            ),
          )
        : null,
      assumptions(shell),
      claimsSection(shell, t("site.claims"), page.claims),
      claimsSection(shell, t("available.premises"), page.premises),
      contactNote(shell),
    );
    byId("stage-title").textContent = t(layer.data.blocks.length ? "available.map.title" : "available.map.title.none");
    const last = layer.data.blocks.reduce((a, b) => {
      const [[lat, lng], [latB, lngB]] = [a.anchor ?? [0, 0], b.anchor ?? [0, 0]];
      return lngB > lng || (lngB === lng && latB > lat) ? b : a;
    }, layer.data.blocks[0]);
    layer.show({
      blocks: layer.data.blocks.map((block) => ({
        ...block,
        unlabelled: block !== last,
        text: `≤ ${ha(located)}\u202fha`,
      })),
    });
    showLegend(layer.data.blocks.length ? [{ kind: "", colour: "#d55e00", text: t("available.square") }] : []);
    const unplaced = Math.round(page.unplaced_ha ?? 0);
    showInset(
      shell,
      Array.from({ length: unplaced }, () => h("i", { class: "hectare" })),
      t("available.inset", { ha: ha(unplaced) }),
    );
    tools();
  };
}

/** @param {Shell<PublishedPage>} shell @returns {Table} */
function table(shell) {
  const { t, lang, page } = shell;
  const rows = [...page.claims, ...page.premises].map((claim) => [
    named(shell, claim.subject),
    claim.measure[lang],
    claim.value,
    claim.unit,
    shell.source(claim.source).name,
  ]);
  return { lang, rows: [[t("zones.name"), t("zones.measure"), t("basis.stated"), "", t("sheet.source")], ...rows] };
}
