/**
 * What the reader has chosen, kept in the address, so that reload and share show the same.
 * l: language, t: theme, d: day, s: selected, m: measure, v: variants as `value~claim`, separated by commas.
 */

/** Filters of the ground on offer: hectares, commune, whether it can be had now. */
const FILTERS = ["min", "max", "commune", "now"];

function isDay(text) {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

export function readAddress(hash) {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const variants = {};
  for (const pair of (parameters.get("v") ?? "").split(",").filter(Boolean)) {
    const [of, claim] = pair.split("~");
    if (of && claim !== undefined) variants[of] = claim;
  }
  return {
    lang: parameters.get("l") === "en" ? "en" : "fr",
    theme: ["light", "dark"].includes(parameters.get("t")) ? parameters.get("t") : "",
    day: isDay(parameters.get("d") ?? "") ? parameters.get("d") : "",
    selected: parameters.get("s") ?? "",
    measure: parameters.get("m") ?? "",
    filters: Object.fromEntries(FILTERS.filter((key) => parameters.has(key)).map((key) => [key, parameters.get(key)])),
    variants,
  };
}

export function writeAddress({ lang, theme, day, selected, measure, filters, variants }) {
  const parameters = new URLSearchParams();
  if (lang !== "fr") parameters.set("l", lang);
  if (theme) parameters.set("t", theme);
  if (day) parameters.set("d", day);
  if (selected) parameters.set("s", selected);
  if (measure) parameters.set("m", measure);
  for (const key of FILTERS) if (filters[key]) parameters.set(key, filters[key]);
  const chosen = Object.entries(variants).map(([of, claim]) => `${of}~${claim}`);
  if (chosen.length) parameters.set("v", chosen.join(","));
  return parameters.toString();
}

/** Make the state of a page: `get()`, `set(changes)`, and listeners called after each change. */
export function makeState() {
  let state = readAddress(location.hash);
  const listeners = [];
  const tell = () => listeners.forEach((listener) => listener(state));
  window.addEventListener("hashchange", () => {
    if (location.hash.replace(/^#/, "") === writeAddress(state)) return;
    state = readAddress(location.hash);
    tell();
  });
  return {
    get: () => state,
    set(changes) {
      state = { ...state, ...changes };
      const address = writeAddress(state);
      history.replaceState(null, "", address ? `#${address}` : location.pathname + location.search);
      tell();
    },
    listen: (listener) => listeners.push(listener),
  };
}
