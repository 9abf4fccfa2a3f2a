import { fit } from "./fit.js";

/** Milliseconds that rectangles are tried for before the page is drawn; the rest is tried in between. */
const AT_ONCE = 60;

/** Where rectangles of one size fit in each plot, as far as that was tried. */
export class Places {
  /** @param {Plot[]} rows @param {() => void} then */
  constructor(rows, then) {
    this._rows = rows;
    this._then = then;
    this._key = "";
    /** @type {Map<string, MaybePlaced>} */
    this._found = new Map();
    /** @type {Rectangle | null} */
    this._rectangle = null;
  }

  /**
   * Try a rectangle in all plots; what was tried before is kept.
   * @param {Rectangle | null} rectangle
   */
  ask(rectangle) {
    const key = rectangle ? [rectangle.a, rectangle.b, rectangle.setback].join() : "";
    if (key === this._key) return;
    this._key = key;
    this._rectangle = rectangle;
    this._found = new Map();
    if (rectangle) this._go(key, 0);
  }

  /** @param {string} key @param {number} first */
  _go(key, first) {
    const end = performance.now() + AT_ONCE;
    let n = first;
    while (n < this._rows.length && performance.now() < end) this._try(this._rows[n++]);
    if (n < this._rows.length)
      setTimeout(() => {
        if (this._key !== key) return;
        this._go(key, n);
        this._then();
      });
  }

  /** @param {Plot} row */
  _try(row) {
    const { a, b, setback } = /** @type {Rectangle} */ (this._rectangle);
    const none = row.ground ? null : row.ha === 0 ? null : undefined;
    this._found.set(row.id, row.ground ? fit(row.ground.rings.map(metres), a, b, { setback }) : none);
  }

  /**
   * Where it fits in a plot; null for nowhere, undefined where it is not known, or not yet.
   * @param {Offer} row @returns {MaybePlaced}
   */
  of(row) {
    return this._found.get(row.id);
  }

  get done() {
    return !this._rectangle || this._found.size === this._rows.length;
  }
}

/** @param {number[]} ring */
const metres = (ring) => Float64Array.from(ring, (steps) => steps / 100);

/**
 * The corners of a placement on the map: latitude and longitude.
 * @param {Ground} ground @param {Placement} placement
 * @returns {LatLng[]}
 */
export function onMap({ at }, placement) {
  const [latitude, longitude, latEast, lngEast, latNorth, lngNorth] = at;
  return placement.corners.map(([x, y]) => [
    latitude + x * latEast + y * latNorth,
    longitude + x * lngEast + y * lngNorth,
  ]);
}
