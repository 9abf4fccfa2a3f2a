/**
 * Numbers and dates in French and in English.
 * `gis/maps/i18n.py` says the same in Python; both are tested on tests/data/format_cases.json.
 */

const NARROW = "\u202f";
const LOCALES = { fr: "fr-FR", en: "en-GB" };

/**
 * ISO day to a count of days since 1970.
 * @param {string} iso
 */
export function toDay(iso) {
  return Math.round(Date.parse(`${iso}T00:00:00Z`) / 86_400_000);
}

/**
 * Count of days since 1970 to ISO day.
 * @param {number} day
 */
export function toIso(day) {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** @type {Record<string, Intl.NumberFormat>} */
const writers = {};

/**
 * Write a number; what writes it is slow to make, so it is kept.
 * @param {number} value @param {Lang} lang @param {number} least @param {number} most
 */
function decimal(value, lang, least, most) {
  const options = { minimumFractionDigits: least, maximumFractionDigits: most };
  writers[`${lang} ${least} ${most}`] ??= new Intl.NumberFormat(LOCALES[lang], options);
  return writers[`${lang} ${least} ${most}`].format(value).replace(/\u00a0/g, NARROW);
}

/** @param {number} value @param {Lang} lang @param {number} [digits] */
export function number(value, lang, digits = 0) {
  return decimal(value, lang, 0, digits);
}

/** @param {number} share @param {Lang} lang */
export function percent(share, lang) {
  return decimal(100 * share, lang, 1, 1) + (lang === "fr" ? `${NARROW}%` : "%");
}

/**
 * What there is of some parts, on one line.
 * @param {(string | null | undefined | false)[]} parts
 */
export const dotted = (parts) => parts.filter(Boolean).join(" · ");

/**
 * Two bounds as one text: once where they read the same, else with their unit, which has no digits, once.
 * @param {string} low @param {string} high @param {(from: string, to: string) => string} [join]
 */
export function between(low, high, join = (from, to) => `${from} – ${to}`) {
  if (low === high) return low;
  const [unit] = high.match(/\D*$/) ?? [""];
  return join(low.endsWith(unit) ? low.slice(0, low.length - unit.length) : low, high);
}

/** @param {string} iso @param {Lang} lang @param {Intl.DateTimeFormatOptions} options */
function words(iso, lang, options) {
  return new Intl.DateTimeFormat(LOCALES[lang], { timeZone: "UTC", ...options }).format(Date.parse(`${iso}T00:00:00Z`));
}

/** @param {string} iso @param {Lang} lang */
export function date(iso, lang) {
  const text = words(iso, lang, { day: "numeric", month: "long", year: "numeric" });
  return lang === "fr" && iso.endsWith("-01") ? `1er${text.replace(/^1(er)?/, "")}` : text;
}

/**
 * A date known by its bounds, as short as they allow; nobody knows is the empty string.
 * @param {string | null} earliest
 * @param {string | null} latest
 * @param {"fr" | "en"} lang
 * @param {Translate} t
 */
export function span(earliest, latest, lang, t) {
  if (!earliest || !latest) {
    if (latest) return t("date.by", { date: date(latest, lang) });
    return earliest ? t("date.after", { date: date(earliest, lang) }) : "";
  }
  if (earliest === latest) return date(earliest, lang);
  if (earliest.slice(0, 7) === latest.slice(0, 7)) return words(earliest, lang, { month: "long", year: "numeric" });
  const [first, last] = [earliest.slice(0, 4), latest.slice(0, 4)];
  return first === last ? first : `${first}–${last}`;
}

/**
 * A date as a source gives it (2025, 2025-09, 2025-09-30, 2025-2026, about 2024), in words.
 * @param {string} text @param {Lang} lang @param {Translate} t @returns {string}
 */
export function published(text, lang, t) {
  const about = text.startsWith("about ");
  const bare = about ? text.slice(6) : text;
  const lead = about ? `${t("qualifier.about")} ` : "";
  if (bare.includes(".."))
    return bare
      .split("..")
      .map((day) => published(day, lang, t))
      .join(" – ");
  if (/^\d{4}-\d{2}-\d{2}$/.test(bare)) return lead + date(bare, lang);
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(bare)) return lead + words(`${bare}-01`, lang, { month: "long", year: "numeric" });
  return lead + bare.replace(/^(\d{4})-(\d{4})$/, "$1–$2");
}

/**
 * How long ago the last day of a date was, as of now: a page is built once and read for years.
 * @param {string} text @param {Lang} lang @param {number} [now]
 */
export function age(text, lang, now = Date.now()) {
  const days = Math.round((Date.parse(text.split("..").pop() ?? "") - now) / 86_400_000);
  if (!Number.isFinite(days)) return "";
  const ago = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
  if (days > -45) return ago.format(days, "day");
  return days > -700 ? ago.format(Math.round(days / 30.44), "month") : ago.format(Math.round(days / 365.25), "year");
}

/**
 * An area in hectares when it is large and round, else in square metres.
 * @param {number} m2 @param {Lang} lang
 */
export function area(m2, lang) {
  const hectares = m2 / 10_000;
  if (hectares >= 30 && Number.isInteger(hectares)) return `${number(hectares, lang)}${NARROW}ha`;
  return `${number(m2, lang)}${NARROW}m²`;
}

const ACRES_PER_HA = 2.471_053_8;
const FEET_PER_M = 3.280_839_9;

/**
 * What English readers also measure in; nothing for French ones.
 * @param {() => string} text @param {Lang} lang
 */
const english = (text, lang) => (lang === "en" ? text() : "");
/** @param {number} ha @param {Lang} lang */
export const acres = (ha, lang) => english(() => `${number(ha * ACRES_PER_HA, lang, 2)}${NARROW}acres`, lang);
/** @param {number} m @param {Lang} lang */
export const feet = (m, lang) => english(() => `${number(m * FEET_PER_M, lang)}${NARROW}ft`, lang);
/** @param {number} m2 @param {Lang} lang */
export const squareFeet = (m2, lang) =>
  english(() => `${number(m2 * FEET_PER_M ** 2, lang)}${NARROW}sq${NARROW}ft`, lang);

/**
 * Both ends of a pair, each as it is written.
 * @template Written
 * @param {Pair} pair @param {(value: number) => Written} write @returns {[Written, Written]}
 */
export const bothEnds = ([low, high], write) => [write(low), write(high)];
