/** The colours of the page, and what is made of them on a canvas. */

/** What is written on a colour: as `gis/maps/palette.py`, held to `tests/data/contrast_cases.json` with it. */
const DARK_INK = "#10202c";
const LIGHT_INK = "#ffffff";

/**
 * The relative luminance of a colour `#rrggbb`, from 0 to 1, as WCAG 2.2 defines it.
 * @param {string} colour
 */
function luminance(colour) {
  const channels = [1, 3, 5].map((n) => parseInt(colour.slice(n, n + 2), 16) / 255);
  const [r, g, b] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * The contrast ratio of two colours, from 1 to 21.
 * @param {string} one
 * @param {string} other
 */
export function contrast(one, other) {
  const [dark, light] = [one, other].map((colour) => luminance(colour) + 0.05).sort((a, b) => a - b);
  return light / dark;
}

/**
 * The ink that is read better on a colour.
 * @param {string} colour
 */
export function inkOn(colour) {
  return contrast(colour, DARK_INK) >= contrast(colour, LIGHT_INK) ? DARK_INK : LIGHT_INK;
}

/**
 * Slanted lines, for what a source calls vacant and for nothing else.
 * @param {Pen} c @param {string} colour
 */
export function hatch(c, colour) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const own = /** @type {Pen} */ (tile.getContext("2d"));
  own.strokeStyle = colour;
  own.lineWidth = 1.2;
  own.beginPath();
  for (const x of [-8, 0, 8]) {
    own.moveTo(x - 1, 9);
    own.lineTo(x + 9, -1);
  }
  own.stroke();
  return c.createPattern(tile, "repeat");
}

/**
 * A colour half way to white, for lines on a dark ground.
 * @param {string} colour
 */
function lift(colour) {
  const channels = [1, 3, 5].map((n) => Math.round((parseInt(colour.slice(n, n + 2), 16) + 255) / 2));
  return `rgb(${channels.join(" ")})`;
}

/** @type {ColourName[]} */
const NAMES = ["ground", "ground-line", "tile", "tile-line", "ink", "ink-soft", "accent", "paper"];

/**
 * The colours of the page as it is now, by name; `line` makes one of a line that is seen on its ground.
 * @returns {Colours}
 */
export function pageColours() {
  const style = getComputedStyle(document.documentElement);
  const colours = /** @type {Record<ColourName, string>} */ (
    Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]))
  );
  const dark = inkOn(colours.paper) === LIGHT_INK;
  return { ...colours, line: (fill) => (dark ? lift(fill) : fill) };
}
