import { byId, every, h, link, show } from "./dom.js";
import { attached } from "./map.js";
import { save } from "./tools.js";
import { unpack } from "./packing.js";
import { figureValue } from "./figures.js";
import { age, date, dotted, number, published } from "./format.js";

/**
 * What every page has: languages, theme, banner, sources, working, data.
 * @param {PageData} page @param {State} state
 */
export function makeShell(page, state) {
  const packed = /** @type {Record<string, Packed<unknown>>} */ (/** @type {unknown} */ (page));
  for (const name of ["terrains", "employers", "plots", "rooms", "lots", "cited"])
    if (packed[name]) Object.assign(page, { [name]: unpack(packed[name]) });
  /** @type {Shell<PageData>} */
  const shell = {
    page,
    state,
    get lang() {
      return state.get().lang;
    },
    t(key, values = {}) {
      const { lang } = state.get();
      const text = page.words[lang][key];
      if (text === undefined) throw new Error(`no text for ${key} in ${lang}`);
      return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
    },
    plural: (key, n, values = {}) =>
      shell.t(`${key}.${(shell.lang === "fr" ? n < 2 : n === 1) ? "one" : "other"}`, {
        n: number(n, shell.lang),
        ...values,
      }),
    source: (id) => page.sources[id] ?? { id, name: id, title: id, url: "" },
    cite: (id, where = "") => cite(shell, id, where),
    figureValue: (figure) => figureValue(shell, figure),
    target: attached[0],
  };
  byId("language").addEventListener("click", () => state.set({ lang: state.get().lang === "fr" ? "en" : "fr" }));
  byId("theme").addEventListener("click", () => state.set({ theme: isDark(state.get().theme) ? "light" : "dark" }));
  byId("banner-close").addEventListener("click", () => byId("banner").remove());
  for (const name of /** @type {const} */ (["why", "complete"])) {
    const dialog = byId(`dialog-${name}`);
    byId(`banner-${name}`).addEventListener("click", () => dialog.showModal());
    dialog.querySelector("button")?.addEventListener("click", () => dialog.close());
  }
  byId("download").addEventListener("click", () => download(page));
  return shell;
}

/** @param {string} theme */
function isDark(theme) {
  return theme ? theme === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
}

/**
 * Put language and theme on the page, and every fixed text in its language.
 * @param {Shell} shell @param {State} state
 */
export function showShell(shell, state) {
  const { lang, theme } = state.get();
  document.documentElement.lang = lang;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  document.title = `${shell.page.title[lang]} · ${shell.page.name}`;
  for (const element of every("[data-t]")) element.textContent = shell.t(element.dataset.t);
  for (const element of every("[data-t-label]")) {
    element.setAttribute("aria-label", shell.t(element.dataset.tLabel));
    element.setAttribute("title", shell.t(element.dataset.tLabel));
  }
  for (const element of every("[data-words]")) {
    element.textContent = JSON.parse(element.dataset.words)[lang];
  }
  for (const element of every("a[data-page]")) {
    const keep = [lang === "en" && "l=en", theme && `t=${theme}`].filter(Boolean).join("&");
    /** @type {HTMLAnchorElement & Marked} */ (element).href = element.dataset.page + (keep ? `#${keep}` : "");
  }
  const language = byId("language");
  language.textContent = shell.t("language.other");
  language.lang = lang === "fr" ? "en" : "fr";
  showSources(shell);
  showFigures(shell);
}

/**
 * A source, named as it must be: publisher, title, date, page.
 * @param {Shell} shell @param {string} id @param {string} where
 */
function cite(shell, id, where) {
  const source = shell.source(id);
  const place = where ? `, ${shell.t("site.page", { page: where })}` : "";
  return h("span", {}, link(source.url, source.name, { lang: source.language, title: source.title }), place);
}

/** @param {Shell} shell */
function showSources(shell) {
  const list = byId("sources");
  show(
    list,
    ...Object.values(shell.page.sources).map((source) =>
      h(
        "li",
        { id: `source-${source.id}` },
        source.publisher ? h("span", { lang: source.language }, `${source.publisher}, `) : null,
        link(source.url, source.title, { lang: source.language }),
        source.edition ? `, ${published(source.edition, shell.lang, shell.t)}` : "",
        source.edition && source.retrieved ? ` (${age(source.edition, shell.lang)})` : "",
        source.licence ? h("span", { class: "soft", lang: "fr" }, ` · ${source.licence}`) : null,
        source.background ? h("span", { class: "soft" }, ` · ${shell.t("footer.retrieved")}`) : null,
      ),
    ),
  );
}

/** @param {Shell} shell */
function showFigures(shell) {
  const { t } = shell;
  const list = byId("figures");
  show(
    list,
    ...shell.page.figures.map((figure) =>
      h(
        "li",
        { id: `figure-${figure.id}` },
        h("strong", {}, shell.figureValue(figure)),
        ` ${t(`figure.${figure.kind}`)} `,
        figure.kind === "freed_ha" ? `(${t(`exclusion.${figure.id.split("@")[1]}`)}) ` : null,
        figure.at ? h("span", { class: "soft" }, t("how.at", { date: date(figure.at, shell.lang) })) : null,
        h(
          "dl",
          {},
          ...line(t("how.rule"), h("code", {}, figure.rule)),
          ...line(t("how.rows"), h("code", {}, dotted([figure.numerator, ...figure.rows]))),
          ...line(
            t("how.sources"),
            h("span", { lang: "fr" }, figure.sources.map((id) => shell.source(id).name).join(", ")),
          ),
          ...line(t("how.basis"), t(`basis.${figure.basis}`)),
          ...line(t("how.assumptions"), figure.assumptions.map((key) => t(`assumption.${key}`)).join(" ")),
        ),
      ),
    ),
  );
}

/** @param {string} name @param {Child} value */
function line(name, value) {
  return value ? [h("dt", {}, name), h("dd", {}, value)] : [];
}

/** @param {PageData} page */
function download(page) {
  const text = JSON.stringify({ ...page, map: undefined, words: undefined }, null, 1);
  save(new Blob([text], { type: "application/json" }), `${page.slug}.json`);
}
