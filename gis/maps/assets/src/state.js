/**
 * What the reader has chosen, kept in the address, so that reload and share show the same.
 * l: language, t: theme, d: day, s: selected, m: measure, v: variants as `value~claim`, separated by commas,
 * base: `ign` where the ground of the IGN was asked for, map: latitude, longitude and zoom once the map was moved;
 * whatever else there is are the filters of the page.
 */

const OWN = ["l", "t", "d", "s", "m", "v", "base", "map"];

/** @param {string} text */
function isDay(text) {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/**
 * Latitude, longitude and zoom; nothing where they are none.
 * @param {string} text @returns {ViewChoice | null}
 */
function viewOf(text) {
  const view = text.split(",").map(Number);
  const [latitude, longitude, zoom] = view;
  return view.length === 3 && Math.abs(latitude) <= 85 && Math.abs(longitude) <= 180 && zoom >= 0 && zoom <= 24
    ? [latitude, longitude, zoom]
    : null;
}

/** @param {string} hash @returns {Choice} */
export function readAddress(hash) {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  /** @type {Record<string, string>} */
  const variants = {};
  for (const pair of (parameters.get("v") ?? "").split(",").filter(Boolean)) {
    const [of, claim] = pair.split("~");
    if (of && claim !== undefined) variants[of] = claim;
  }
  const [theme, day] = ["t", "d"].map((key) => parameters.get(key) ?? "");
  return {
    lang: parameters.get("l") === "en" ? "en" : "fr",
    theme: ["light", "dark"].includes(theme) ? theme : "",
    day: isDay(day) ? day : "",
    selected: parameters.get("s") ?? "",
    measure: parameters.get("m") ?? "",
    base: parameters.get("base") === "ign" ? "ign" : "",
    view: viewOf(parameters.get("map") ?? ""),
    filters: Object.fromEntries([...parameters].filter(([key]) => !OWN.includes(key))),
    variants,
  };
}

/** @param {Choice} choice */
export function writeAddress({ lang, theme, day, selected, measure, base, view, filters, variants }) {
  const parameters = new URLSearchParams();
  if (lang !== "fr") parameters.set("l", lang);
  if (theme) parameters.set("t", theme);
  if (day) parameters.set("d", day);
  if (selected) parameters.set("s", selected);
  if (measure) parameters.set("m", measure);
  for (const [key, value] of Object.entries(filters)) if (value) parameters.set(key, value);
  const chosen = Object.entries(variants).map(([of, claim]) => `${of}~${claim}`);
  if (chosen.length) parameters.set("v", chosen.join(","));
  if (base) parameters.set("base", base);
  if (view) parameters.set("map", [view[0].toFixed(5), view[1].toFixed(5), view[2].toFixed(2)].map(Number).join());
  return parameters.toString();
}

/**
 * Make the state of a page: `get()`, `set(changes)` and `filter(changes)`, which tell the listeners, and
 * `put(changes)`, which writes the address alone.
 * @returns {State}
 */
export function makeState() {
  let state = readAddress(location.hash);
  /** @type {((choice: Choice) => void)[]} */
  const listeners = [];
  const tell = () => listeners.forEach((listener) => listener(state));
  window.addEventListener("hashchange", () => {
    if (location.hash.replace(/^#/, "") === writeAddress(state)) return;
    state = readAddress(location.hash);
    tell();
  });
  /** @param {Partial<Choice>} changes */
  const put = (changes) => {
    state = { ...state, ...changes };
    const address = writeAddress(state);
    history.replaceState(null, "", address ? `#${address}` : location.pathname + location.search);
  };
  /** @param {Partial<Choice>} changes */
  const set = (changes) => {
    put(changes);
    tell();
  };
  return {
    get: () => state,
    put,
    set,
    filter: (changes) => set({ filters: { ...state.filters, ...changes } }),
    listen: (listener) => listeners.push(listener),
  };
}
