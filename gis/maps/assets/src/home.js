import { h } from "./dom.js";
import { area, number, percent } from "./format.js";
import { claimValue } from "./claims.js";

/** The first page: the sites, what is announced, the communes. */
export function home(shell, state, { layer }) {
  const { page } = shell;
  const panel = document.getElementById("panel");
  layer.on("select", ({ href }) => {
    const found = page.sites.find((each) => each.href === href);
    if (found) location.href = found.href + location.hash;
  });
  layer.on("hover", ({ key }) => {
    layer.highlight(key ? [key] : null);
  });
  return () => {
    const { t, lang } = shell;
    document.getElementById("stage-title").textContent = page.outlines
      ? t("index.map.title", { n: number(page.communes.length, lang) })
      : t("index.map.title.none");
    layer.show({
      inset: page.outlines ? "" : t("inset.title"),
      blocks: layer.data.blocks.map((block) => ({
        ...block,
        text: page.sites.find((each) => each.key === block.key)?.name[lang] ?? block.label,
      })),
      shapes: layer.data.shapes.items.map((item) => ({
        ...item,
        text: page.sites.find((each) => each.key === item.key)?.name[lang] ?? item.label,
      })),
    });
    panel.replaceChildren(
      h("h1", {}, t("index.title")),
      h("p", { class: "soft" }, t("index.lead")),
      h("h2", {}, t("index.sites")),
      ...page.sites.map((each) => siteCard(shell, each)),
      h("h2", {}, t("index.claims")),
      h("ul", { class: "cards" }, ...page.claims.map((claim) => claimCard(shell, claim))),
      h(
        "details",
        { class: "fold", open: !page.outlines },
        h("summary", {}, t("index.communes.count", { n: number(page.communes.length, lang) })),
        page.outlines ? null : h("p", { class: "soft" }, t("index.communes.lead")),
        h("ul", { class: "columns", lang: "fr" }, ...page.communes.map((name) => h("li", {}, name))),
      ),
    );
  };
}

function siteCard(shell, each) {
  const { t, lang } = shell;
  return h(
    "a",
    { class: "card", href: each.href + location.hash, "data-key": each.key },
    h("span", { class: "card-title" }, each.question[lang]),
    h("span", { class: "soft" }, t("site.at_least")),
    h("span", { class: "big" }, number(each.in_place_m2, lang), h("small", {}, " m²")),
    h("span", {}, shell.plural("site.attributed", each.occupants)),
    each.share === null
      ? null
      : h("span", { class: "soft" }, `≥ ${percent(each.share, lang)} ${t("index.of", { area: area(each.base_m2, lang) })}`),
    h("span", { class: "go" }, `${t("index.open")} →`),
  );
}

function claimCard(shell, claim) {
  const { t, lang } = shell;
  return h(
    "li",
    {},
    h("span", { class: "value" }, claimValue(shell, claim)),
    h("span", {}, claim.measure[lang]),
    h("span", { class: "soft" }, h("em", { class: `verdict ${claim.verdict}` }, t(`verdict.${claim.verdict}`)), " · ", shell.cite(claim.source, claim.page)),
    claim.note[lang] ? h("span", { class: "soft" }, claim.note[lang]) : null,
  );
}
