import { decode } from "./packing.js";

/**
 * Where a latitude is in the square of Web Mercator, from 0 at the top to 1.
 * @param {number} latitude
 */
function down(latitude) {
  const sine = Math.sin((latitude * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
}

/**
 * Many polygons in few arrays, so that ten thousand are drawn as readily as ten.
 * A view is how the square of Web Mercator is put on a canvas: its side, and where the canvas begins in it.
 */
export class Shapes {
  /** @param {string} text @param {number} precision @param {number} count */
  constructor(text, precision, count) {
    const { points, rings, shapes } = decode(text, precision, count);
    this._degrees = points;
    this._rings = rings;
    this._shapes = shapes;
    this._points = new Float64Array(points.length);
    this._bounds = new Float64Array(4 * count);
    this._extent = 0;
    for (let shape = 0; shape < count; shape += 1) {
      let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
      const last = 2 * rings[shapes[shape + 1]];
      for (let n = 2 * rings[shapes[shape]]; n < last; n += 2) {
        const x = (this._points[n] = points[n] / 360 + 0.5);
        const y = (this._points[n + 1] = down(points[n + 1]));
        if (x < left) left = x;
        if (x > right) right = x;
        if (y < top) top = y;
        if (y > bottom) bottom = y;
      }
      this._bounds.set([left, top, right, bottom], 4 * shape);
      if (left <= right) this._extent += Math.max(right - left, bottom - top);
    }
  }

  get length() {
    return this._shapes.length - 1;
  }

  /**
   * The rings of a shape as GeoJSON has them: closed lists of longitude and latitude.
   * @param {number} shape
   */
  rings(shape) {
    return this._ringsOf(shape).map(([first, last]) => {
      const points = [];
      for (let n = 2 * first; n < 2 * last; n += 2) points.push([this._degrees[n], this._degrees[n + 1]]);
      return [...points, points[0]];
    });
  }

  /**
   * The polygons of a shape, each its border and then its holes: a border runs counter-clockwise, a hole does not.
   * @param {number} shape
   */
  polygons(shape) {
    const found = [];
    for (const ring of this.rings(shape)) {
      const twice = ring.slice(1).reduce((sum, [x, y], n) => sum + ring[n][0] * y - x * ring[n][1], 0);
      if (twice > 0 || !found.length) found.push([ring]);
      else found[found.length - 1].push(ring);
    }
    return found;
  }

  /**
   * South, west and north, east of a shape.
   * @param {number} shape @returns {[LatLng, LatLng]}
   */
  corners(shape) {
    const points = this._ringsOf(shape).flatMap(([first, last]) =>
      Array.from(this._degrees.subarray(2 * first, 2 * last)),
    );
    const [lng, lat] = [0, 1].map((side) => points.filter((_, n) => n % 2 === side));
    return [
      [Math.min(...lat), Math.min(...lng)],
      [Math.max(...lat), Math.max(...lng)],
    ];
  }

  /** @param {number} shape @returns {Pair[]} */
  _ringsOf(shape) {
    const [first, last] = [this._shapes[shape], this._shapes[shape + 1]];
    return this._rings.slice(first, last).map((begin, n) => [begin, this._rings[first + n + 1]]);
  }

  /**
   * The rectangle around a shape: x, y, width, height.
   * @param {number} shape @param {View} view
   */
  box(shape, { side, left, top }) {
    const [west, north, east, south] = this._bounds.subarray(4 * shape, 4 * shape + 4);
    return [west * side - left, north * side - top, (east - west) * side, (south - north) * side];
  }

  /**
   * The longer side of that rectangle, on average.
   * @param {View} view
   */
  extent({ side }) {
    return (side * this._extent) / Math.max(this.length, 1);
  }

  /**
   * Whether the rectangle around any shape meets a rectangle of the canvas; those around `inner` do not count.
   * @param {Box} rectangle @param {View} view @param {Box} [inner]
   */
  meet(rectangle, { side, left, top }, inner) {
    /** @param {Box} box */
    const put = ([x, y, width, height]) => [
      (x + left) / side,
      (y + top) / side,
      (x + width + left) / side,
      (y + height + top) / side,
    ];
    const [west, north, east, south] = put(rectangle);
    const [first, upper, last, lower] = inner ? put(inner) : [-Infinity, -Infinity, Infinity, Infinity];
    const bounds = this._bounds;
    for (let n = 0; n < bounds.length; n += 4) {
      const [a, b, d, e] = [bounds[n], bounds[n + 1], bounds[n + 2], bounds[n + 3]];
      const meets = a < east && west < d && b < south && north < e;
      if (meets && !(a <= first && b <= upper && d >= last && e >= lower)) return true;
    }
    return false;
  }

  /**
   * Add a shape to the path of a canvas.
   * @param {Pen} c @param {number} shape @param {View} view
   */
  trace(c, shape, { side, left, top }) {
    for (let ring = this._shapes[shape]; ring < this._shapes[shape + 1]; ring += 1) {
      const last = 2 * this._rings[ring + 1];
      for (let n = 2 * this._rings[ring], begun = false; n < last; n += 2, begun = true) {
        const x = this._points[n] * side - left;
        const y = this._points[n + 1] * side - top;
        if (begun) c.lineTo(x, y);
        else c.moveTo(x, y);
      }
      c.closePath();
    }
  }

  /**
   * Whether a point of the canvas is in a shape: a line from it to the left crosses the rings oddly often.
   * @param {number} shape @param {Point} given @param {View} view
   */
  holds(shape, { x, y }, { side, left, top }) {
    const [atX, atY] = [(x + left) / side, (y + top) / side];
    const [west, north, east, south] = this._bounds.subarray(4 * shape, 4 * shape + 4);
    if (!(west <= atX && atX <= east && north <= atY && atY <= south)) return false;
    let inside = false;
    for (const [first, last] of this._ringsOf(shape)) {
      for (let n = first, before = last - 1; n < last; before = n, n += 1) {
        const [x1, y1, x2, y2] = [
          this._points[2 * n],
          this._points[2 * n + 1],
          this._points[2 * before],
          this._points[2 * before + 1],
        ];
        if (y1 > atY !== y2 > atY && atX > x1 + ((atY - y1) * (x2 - x1)) / (y2 - y1)) inside = !inside;
      }
    }
    return inside;
  }
}
