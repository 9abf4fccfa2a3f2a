import { asked, countWith, histogram, isUnread, rectangle, words } from "./criteria.js";
import { h } from "./dom.js";
import { feet, number } from "./format.js";
import { networksOf, sizeOf } from "./offerfacts.js";
import { whenReleased } from "./press.js";

/** What a reader asks of plots and premises: fields, boxes that say how many would remain, and what each takes away. */

/** How plots and premises are counted by size: what it is, the filters that ask for it, where each bar begins. */
/** @type {Sizes & {unit: string, name: string}} */
const HECTARES = {
  of: sizeOf,
  keys: ["min", "max"],
  limits: [0, 0.5, 1, 2, 5, 10, 20],
  unit: "ha",
  name: "available.sizes",
};
/** @type {Sizes & {unit: string, name: string}} */
const FLOORS = {
  of: sizeOf,
  keys: ["floor", "floorx"],
  limits: [0, 500, 1000, 2000, 5000, 10_000, 20_000],
  unit: "m²",
  name: "available.sizes.rooms",
};
/** What tells of a field: the bars of sizes. */
const SIZED = "sizes-title";

/**
 * A field for a number, and what is said of one that cannot be read.
 * @param {Shell<AvailablePage>} shell @param {string} key @param {string} [about]
 */
function field(shell, key, about = "") {
  const { state } = shell;
  const { filters } = state.get();
  const unread = isUnread(filters[key]);
  /** @param {Heard} event */
  const change = ({ target }) => {
    state.put({ filters: { ...state.get().filters, [key]: target.value } });
    whenReleased(() => state.set({}));
  };
  return h(
    "div",
    {},
    h(
      "label",
      {},
      shell.t(`available.filter.${key}`),
      h("input", {
        type: "text",
        inputmode: "decimal",
        autocomplete: "off",
        id: `filter-${key}`,
        value: filters[key] ?? "",
        "aria-invalid": unread && "true",
        "aria-describedby": [about, unread && `unread-${key}`].filter(Boolean).join(" ") || false,
        onchange: change,
      }),
    ),
    unread ? h("p", { class: "unread", id: `unread-${key}`, role: "alert" }, shell.t("available.filter.unread")) : null,
  );
}

/**
 * A box to tick, with how many would remain.
 * @param {Shell<AvailablePage>} shell @param {string} key @param {string} value @param {string} text
 * @param {number} count
 */
function box(shell, key, value, text, count) {
  const { filters } = shell.state.get();
  const ticked = words(filters[key]);
  const on = ticked.includes(value);
  const next = (on ? ticked.filter((each) => each !== value) : [...ticked, value]).join("|");
  return h(
    "label",
    { class: "check" },
    h("input", {
      type: "checkbox",
      id: `${key}-${value}`,
      checked: on,
      onchange: () => shell.state.filter({ [key]: next }),
    }),
    ` ${text} `,
    h("span", { class: "soft", "data-count": count }, number(count, shell.lang)),
  );
}

/**
 * What is ticked, and one more.
 * @param {string | undefined} ticked @param {string} value
 */
const withAlso = (ticked, value) => [...new Set([...words(ticked), value])].join("|");

/** @param {Shell<AvailablePage>} shell @param {Offer[]} all @param {CriteriaOf} criteriaOf */
function communePicker(shell, all, criteriaOf) {
  const { t } = shell;
  const { filters } = shell.state.get();
  const names = [...new Set(all.flatMap((row) => row.communes))].sort((a, b) => a.localeCompare(b, "fr"));
  /** @param {string} value @param {string} text */
  const option = (value, text) =>
    h(
      "option",
      { value, selected: (filters.commune ?? "") === value },
      `${text} (${countWith(all, criteriaOf, { ...filters, commune: value })})`,
    );
  return h(
    "label",
    {},
    t("available.filter.commune"),
    h(
      "select",
      { id: "filter-commune", onchange: ({ target }) => shell.state.filter({ commune: target.value }) },
      option("", t("available.filter.all")),
      ...names.map((name) => option(name, name)),
    ),
  );
}

/** @param {Shell<AvailablePage>} shell @param {string[]} keys */
function sortPicker(shell, keys) {
  const { t } = shell;
  const { sort = "" } = shell.state.get().filters;
  return h(
    "label",
    {},
    t("available.sort"),
    h(
      "select",
      { id: "filter-sort", onchange: ({ target }) => shell.state.filter({ sort: target.value }) },
      ...keys.map((key) => h("option", { value: key, selected: key === sort }, t(`available.sort.${key || "size"}`))),
    ),
  );
}

/** @param {Shell<AvailablePage>} shell @param {Offer[]} all @param {CriteriaOf} criteriaOf */
function networkBoxes(shell, all, criteriaOf) {
  const { filters } = shell.state.get();
  return networksOf(shell.page).map((name) =>
    box(
      shell,
      "net",
      name,
      shell.t(`network.${name}`),
      countWith(all, criteriaOf, { ...filters, net: withAlso(filters.net, name) }),
    ),
  );
}

/**
 * What can be asked of plots.
 * @param {Shell<AvailablePage>} shell @param {Plot[]} all @param {CriteriaOf} criteriaOf
 */
export function plotFilters(shell, all, criteriaOf) {
  const { t, lang } = shell;
  const { filters } = shell.state.get();
  /** @param {Filters} changes */
  const count = (changes) => countWith(all, criteriaOf, { ...filters, ...changes });
  const vocations = [...new Set(all.flatMap((row) => row.meant_for))].sort((a, b) => a.localeCompare(b, "fr"));
  const sides = rectangle(filters);
  return h(
    "section",
    { class: "asked", "aria-label": t("available.asked") },
    h("div", { class: "pickers two" }, field(shell, "min", SIZED), field(shell, "max", SIZED)),
    sizesChart(shell, all, criteriaOf, HECTARES),
    h(
      "fieldset",
      {},
      h("legend", {}, t("available.fit")),
      h("div", { class: "pickers three" }, field(shell, "a"), field(shell, "b"), field(shell, "sb")),
      sides && lang === "en" ? h("p", { class: "soft" }, `${feet(sides.a, lang)} × ${feet(sides.b, lang)}`) : null,
      !sides && ["a", "b", "sb"].some((key) => asked(filters[key]) !== null)
        ? h("p", { class: "soft", id: "fit-both" }, t("available.fit.both"))
        : null,
    ),
    h("div", { class: "pickers two" }, communePicker(shell, all, criteriaOf), sortPicker(shell, ["", "km", "price"])),
    h(
      "details",
      {
        class: "fold",
        id: "more-filters",
        open: ["serv", "voc", "net", "kw", "km", "st", "price"].some((key) => filters[key]),
      },
      h("summary", {}, t("available.filter.more")),
      h("p", {}, box(shell, "serv", "1", t("available.filter.serv"), count({ serv: "1" }))),
      h(
        "div",
        { class: "pickers two" },
        field(shell, "km"),
        field(shell, "st"),
        field(shell, "kw"),
        field(shell, "price"),
      ),
      vocations.length
        ? h(
            "fieldset",
            { lang: "fr" },
            h("legend", { lang }, t("sheet.vocation")),
            ...vocations.map((word) => box(shell, "voc", word, word, count({ voc: withAlso(filters.voc, word) }))),
          )
        : null,
      h("fieldset", {}, h("legend", {}, t("available.networks")), ...networkBoxes(shell, all, criteriaOf)),
    ),
    reset(shell),
  );
}

/**
 * What can be asked of premises.
 * @param {Shell<AvailablePage>} shell @param {Premises[]} all @param {CriteriaOf} criteriaOf
 */
export function roomFilters(shell, all, criteriaOf) {
  const { t } = shell;
  const { filters } = shell.state.get();
  return h(
    "section",
    { class: "asked", "aria-label": t("available.asked") },
    h("div", { class: "pickers two" }, field(shell, "floor", SIZED), field(shell, "floorx", SIZED)),
    sizesChart(shell, all, criteriaOf, FLOORS),
    h("div", { class: "pickers two" }, field(shell, "h"), field(shell, "km")),
    h(
      "p",
      {},
      box(shell, "docks", "1", t("available.filter.docks"), countWith(all, criteriaOf, { ...filters, docks: "1" })),
    ),
    h("div", { class: "pickers two" }, communePicker(shell, all, criteriaOf), sortPicker(shell, ["", "km", "price"])),
    h(
      "details",
      { class: "fold", id: "more-filters", open: ["net", "kw", "st", "price"].some((key) => filters[key]) },
      h("summary", {}, t("available.filter.more")),
      h("div", { class: "pickers two" }, field(shell, "st"), field(shell, "kw"), field(shell, "price")),
      h("fieldset", {}, h("legend", {}, t("available.networks")), ...networkBoxes(shell, all, criteriaOf)),
    ),
    reset(shell),
  );
}

/** @param {Shell<AvailablePage>} shell */
function reset(shell) {
  const { fav = "", tab = "", off = "", ...set } = shell.state.get().filters;
  return Object.values(set).some(Boolean)
    ? h(
        "button",
        {
          type: "button",
          class: "link",
          id: "filters-reset",
          onclick: () => shell.state.set({ filters: { fav, tab, off } }),
        },
        shell.t("available.filter.reset"),
      )
    : null;
}

/**
 * How many remain by size: a whole bar for what all else leaves, its filled part for what is of the size asked.
 * @param {Shell<AvailablePage>} shell @param {Offer[]} all @param {CriteriaOf} criteriaOf
 * @param {Sizes & {unit: string, name: string}} size
 */
function sizesChart(shell, all, criteriaOf, size) {
  const { t, lang } = shell;
  const { filters } = shell.state.get();
  const { bars, silent } = histogram(all, criteriaOf, filters, size);
  const most = Math.max(...bars.map(({ count }) => count), 1);
  const asks = size.keys.some((key) => asked(filters[key]) !== null);
  /** @param {SizeBar} given */
  const range = ({ from, to }) =>
    to === null ? [`≥ ${number(from, lang, 1)}`] : [`${number(from, lang, 1)}–`, h("wbr"), number(to, lang, 1)];
  /** @param {SizeBar} each */
  const bar = (each) =>
    h(
      "li",
      { "data-from": each.from, "data-count": each.count, "data-within": each.within },
      h(
        "small",
        {},
        number(each.within, lang),
        each.within === each.count
          ? null
          : h(
              "span",
              { class: "soft" },
              "/",
              h("span", { class: "hidden" }, ` ${t("available.sizes.of")} `),
              number(each.count, lang),
            ),
      ),
      h("i", { "aria-hidden": "true", "--h": each.count / most, "--part": each.count ? each.within / each.count : 0 }),
      h("small", { class: "soft" }, ...range(each)),
    );
  return h(
    "div",
    { id: "sizes", class: "sizes" },
    h(
      "p",
      { class: "soft", id: "sizes-title" },
      `${t(size.name)} (${size.unit})`,
      asks ? ` · ${t("available.sizes.asked")}` : "",
    ),
    h("ul", { "aria-labelledby": "sizes-title" }, ...bars.map(bar)),
    silent
      ? h("p", { class: "soft", id: "sizes-silent", "data-n": silent }, shell.plural("available.sizes.silent", silent))
      : null,
  );
}

/**
 * What each criterion takes away: alone, and after those before it.
 * @param {Shell<AvailablePage>} shell @param {Found} found
 */
export function whyNot(shell, found) {
  const { t, lang } = shell;
  return h(
    "details",
    { class: "fold", id: "why-not" },
    h("summary", {}, t("available.why_not")),
    h(
      "ul",
      { class: "claims" },
      ...found.eliminations
        .filter(({ alone, unknown }) => alone || unknown)
        .map(({ name, alone, inSequence, unknown }) =>
          h(
            "li",
            { "data-criterion": name, "data-alone": alone, "data-in-sequence": inSequence, "data-unknown": unknown },
            h("strong", {}, number(alone, lang)),
            ` ${t(`available.no.${name}`)}`,
            alone === inSequence
              ? ""
              : h("span", { class: "soft" }, ` · ${t("available.in_sequence", { n: number(inSequence, lang) })}`),
            unknown
              ? h("span", { class: "soft" }, ` · ${t("available.unknown_of", { n: number(unknown, lang) })}`)
              : null,
          ),
        ),
    ),
  );
}
