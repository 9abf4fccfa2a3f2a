import { byId, h, show } from "./dom.js";
import { area, number, percent } from "./format.js";
import { claimValue } from "./claims.js";
import { claimPicture, figurePicture, sharePicture } from "./pictures.js";
import { unpack } from "./packing.js";
import { named, nameOf } from "./names.js";
import { claimedTwice, rangeText } from "./panel.js";
import { fold } from "./folding.js";

/** How many answers of each kind a search shows. */
const SHOWN = 8;

/**
 * The first page: the sites, what is announced, the communes.
 * @param {Shell<HomePage>} shell @param {State} _ @param {Target} target
 */
export function home(shell, _, { layer }) {
  const { page } = shell;
  const panel = byId("panel");
  const entries = unpack(page.entries).map((entry) => ({ ...entry, folded: fold(`${entry.name} ${entry.detail}`) }));
  layer.on("select", ({ href }) => {
    if (href) location.href = href + (href.includes("#") ? location.hash.replace("#", "&") : location.hash);
  });
  layer.on("hover", ({ key }) => {
    layer.highlight(key ? [key] : null);
  });
  return () => {
    const { t, lang } = shell;
    byId("stage-title").textContent = t(mapTitle(page, layer), { n: number(page.communes.length, lang) });
    layer.show({
      inset: page.outlines || page.stated ? "" : t("inset.title"),
      blocks: layer.data.blocks.map((block) => ({
        ...block,
        text: page.sites.find((each) => each.key === block.key)?.name[lang] ?? block.label,
      })),
      shapes: layer.data.shapes.items.map((item) => ({
        ...item,
        text: (lang === "en" && page.names_en[item.key]) || item.label,
      })),
    });
    show(
      panel,
      h("h1", {}, t("index.title")),
      h("p", { class: "soft" }, t("index.lead")),
      searchBox(shell, entries),
      h("h2", {}, t("index.sites")),
      ...page.sites.map((each) => siteCard(shell, each)),
      page.sites.length ? null : h("p", { class: "note" }, t("index.sites.none")),
      ...(page.numbers.length
        ? [
            h("h2", {}, t("index.numbers")),
            h("p", { class: "soft" }, t("index.lead.numbers")),
            h("ul", { class: "cards" }, ...page.numbers.map((each) => numberCard(shell, each))),
          ]
        : []),
      h(
        "details",
        { id: "communes", class: "fold", open: !page.outlines },
        h("summary", {}, t("index.communes.count", { n: number(page.communes.length, lang) })),
        page.outlines ? null : h("p", { class: "soft" }, t("index.communes.lead")),
        h("ul", { class: "columns", lang: "fr" }, ...page.communes.map((name) => h("li", {}, name))),
      ),
    );
  };
}

/**
 * What the map is called: by what is drawn on it.
 * @param {HomePage} page @param {CanvasLayer} layer
 */
function mapTitle(page, layer) {
  const points = page.stated ? ".points" : "";
  if (page.outlines) return layer.data.blocks.length ? `index.map.title${points}` : "index.map.title.shapes";
  if (layer.data.shapes.items.length) return `index.map.title.drawn${points}`;
  return page.stated ? "index.map.title.stated" : "index.map.title.none";
}

/** @param {Shell<HomePage>} shell @param {HomeSite} each */
function siteCard(shell, each) {
  const { t, lang } = shell;
  return h(
    "a",
    { class: "card", href: each.href + location.hash, "data-key": each.key },
    h("span", { class: "card-title" }, each.question[lang]),
    ...(each.said
      ? [
          h("span", { class: "soft" }, t("site.at_least")),
          ...each.in_place.map(([kind, m2], n) =>
            h(
              "span",
              { class: n ? "" : "big" },
              number(m2, lang),
              n ? ` m² ${t(`of.${kind}`)}` : h("small", {}, kind ? ` m² ${t(`of.${kind}`)}` : " m²"),
            ),
          ),
          h("span", {}, shell.plural("site.attributed", each.occupants)),
        ]
      : [h("span", {}, t("index.nobody"))]),
    each.share === null ? null : sharePicture(each.share),
    each.share === null
      ? null
      : h(
          "span",
          { class: "soft" },
          `≥ ${percent(each.share, lang)} ${t("index.of", { area: area(/** @type {number} */ (each.base_m2), lang) })}`,
        ),
    ...each.held.flatMap(([kind, low, high]) => [
      sharePicture(low, high),
      h("span", { class: "soft" }, `${t(`kind.${kind}`)} ${rangeText(shell, percent(low, lang), percent(high, lang))}`),
    ]),
    h("span", { class: "go" }, `${t("index.open")} →`),
  );
}

/**
 * One of the numbers: a computed figure or a published value, with its basis, leading to its page.
 * @param {Shell<HomePage>} shell @param {HomeNumber} given
 */
function numberCard(shell, { figure, claim, href }) {
  const { t, lang, page } = shell;
  /** @param {string} text */
  const link = (text) => h("a", { class: "value", href: href + location.hash }, text);
  if (figure) {
    const found = /** @type {Figure} */ (page.figures.find((each) => each.id === figure));
    return h(
      "li",
      {},
      link(shell.figureValue(found)),
      figurePicture(shell, found),
      h("span", {}, t(`figure.${found.kind}`)),
      claimedTwice(shell, found),
      h(
        "span",
        { class: "soft" },
        `${t(`basis.${found.basis}`)} · ${shell.plural("site.bases.sources", found.sources.length)}`,
      ),
    );
  }
  const found = /** @type {Claim} */ (page.claims.find((each) => each.id === claim));
  return h(
    "li",
    {},
    link(claimValue(shell, found)),
    claimPicture(shell, found),
    h("span", {}, `${found.measure[lang]} · `, nameOf(shell, found.subject)),
    h(
      "span",
      { class: "soft" },
      `${t(`basis.${found.basis}`)} · `,
      shell.cite(found.source, found.page),
      found.note[lang] ? ` · ${found.note[lang]}` : "",
    ),
  );
}

/**
 * One box over every zone, occupant, employer, commune and plot of all pages; each answer leads to its page.
 * @param {Shell<HomePage>} shell @param {FoldedEntry[]} entries
 */
function searchBox(shell, entries) {
  const { t } = shell;
  const asked = shell.state.get().filters.q ?? "";
  const found = asked.trim() ? answers(entries, asked) : [];
  return h(
    "search",
    { class: "pickers" },
    h(
      "label",
      {},
      t("index.search"),
      h("input", {
        type: "search",
        id: "search",
        value: asked,
        oninput: ({ target }) => shell.state.filter({ q: target.value }),
      }),
    ),
    asked.trim()
      ? h(
          "p",
          { class: "soft", id: "found", role: "status", "data-n": found.length },
          found.length ? shell.plural("index.found", found.length) : t("index.found.none"),
        )
      : null,
    ...[...new Set(found.map((entry) => entry.kind))].map((kind) => {
      const those = found.filter((entry) => entry.kind === kind);
      return h(
        "section",
        {},
        h("h2", { class: "small" }, t(`index.kind.${kind}`)),
        h(
          "ul",
          { class: "found" },
          ...those
            .slice(0, SHOWN)
            .map((entry) =>
              h(
                "li",
                {},
                h(
                  "a",
                  { href: withState(shell, entry.href), lang: named(shell, entry.name) === entry.name ? "fr" : false },
                  named(shell, entry.name),
                ),
                entry.detail ? h("span", { class: "soft", lang: "fr" }, ` ${entry.detail}`) : null,
              ),
            ),
          those.length > SHOWN
            ? h("li", { class: "soft" }, t("index.found.more", { n: number(those.length - SHOWN, shell.lang) }))
            : null,
        ),
      );
    }),
  );
}

/**
 * The entries that hold every word asked for; those whose name begins with it come first.
 * @param {FoldedEntry[]} entries @param {string} asked
 */
export function answers(entries, asked) {
  const words = fold(asked).split(/\s+/).filter(Boolean);
  /** @param {FoldedEntry} entry */
  const first = (entry) => (fold(entry.name).startsWith(words[0]) ? 0 : 1);
  return entries
    .filter((entry) => words.every((word) => entry.folded.includes(word)))
    .sort((a, b) => first(a) - first(b));
}

/**
 * An address of another page, in the language and theme of this one.
 * @param {Shell<HomePage>} shell @param {string} href
 */
function withState(shell, href) {
  const { lang, theme } = shell.state.get();
  const kept = [lang !== "fr" && `l=${lang}`, theme && `t=${theme}`].filter(Boolean).join("&");
  return kept ? `${href}${href.includes("#") ? "&" : "#"}${kept}` : href;
}
