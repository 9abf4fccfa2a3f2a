/**
 * Does a rectangle fit in a plot, at some angle? The reference is `gis/measures/fit.py`, which says how and why; both
 * take the same steps and are tested on the same cases. Everything is in metres, in a plane: see `plane`.
 *
 * @typedef {{a: number, b: number, centre: number[], angle: number, corners: number[][]}} Placement
 *   Centre and corners in the plane of the rings; `angle` in degrees counter-clockwise from the x axis to side `a`.
 * @typedef {{x: Float64Array, y: Float64Array, toX: Float64Array, toY: Float64Array, n: number, setback: number,
 *   origin: number[]}} Edges sides of all rings, about `origin`, and what is kept from them
 * @typedef {ArrayLike<number>[]} Rings x, y, x, y … of each closed ring
 * @typedef {{angle: number, x: number, y: number, gap: number}} Place angle of the long side, centre in its frame
 * @typedef {{turn: number, half: number}} Grid half the width of cells, in angle and along the rectangle
 * @typedef {{keys: number[], low: number[], high: number[]}} Open cells, and between which heights a centre may be
 */

const PRECISION = 1e-6;
const FIRST_CELLS = 8;
const SIDES = 6;
const LINES = 2 ** 26;

/**
 * A plane in metres about a place, true to a millimetre within a kilometre: transverse Mercator, third order, GRS80.
 *
 * @param {number} longitude in degrees
 * @param {number} latitude in degrees
 */
export function plane(longitude, latitude) {
  const rad = Math.PI / 180;
  const e2 = 0.00669438002290342;
  /** @type {(phi: number) => number} */
  const bend = (phi) => 1 - e2 * Math.sin(phi) ** 2;
  /** @type {(phi: number) => number} */
  const across = (phi) => 6378137 / Math.sqrt(bend(phi));
  /** @type {(phi: number) => number} */
  const along = (phi) => (6378137 * (1 - e2)) / bend(phi) ** 1.5;
  const phi0 = latitude * rad;
  /** @type {(lon: number, lat: number) => [number, number]} */
  const to = (lon, lat) => {
    const phi = lat * rad;
    const turn = (lon - longitude) * rad;
    const x = across(phi) * Math.cos(phi) * turn;
    return [x, along((phi + phi0) / 2) * (phi - phi0) + (x * turn * Math.sin(phi)) / 2];
  };
  /** @type {(x: number, y: number) => [number, number]} */
  const back = (x, y) => {
    let lon = longitude;
    let lat = latitude;
    for (let n = 0; n < 4; n++) {
      const [nearX, nearY] = to(lon, lat);
      lon += (x - nearX) / (across(lat * rad) * Math.cos(lat * rad) * rad);
      lat += (y - nearY) / (along(lat * rad) * rad);
    }
    return [lon, lat];
  };
  return { to, back };
}

/**
 * Find a place for a rectangle of `a × b` metres, a setback from every ring; nothing if there is none.
 *
 * @param {Rings} rings holes and parts alike (even-odd)
 * @param {number} a
 * @param {number} b
 * @param {{setback?: number, tolerance?: number}} [options] `no` is sure for a rectangle larger by the tolerance
 * @returns {Placement | null}
 */
export function fit(rings, a, b, { setback = 0, tolerance = 0.1 } = {}) {
  if (!(a > 0 && b > 0 && setback >= 0 && tolerance > 0 && Number.isFinite(a + b + setback)))
    throw new RangeError(`${a} × ${b} m, ${setback} m from the border, is no rectangle.`);
  const edges = edgesOf(rings, setback);
  const long = Math.max(a, b);
  const short = Math.min(a, b);
  const hull = new Hull(edges, long, short);
  if (!mayFit(hull, edges, rings, long, short)) return null;
  const place = search(edges, hull, long, short, Math.min(tolerance, short / 4));
  return place && placement(edges, a, b, place);
}

/** @param {Rings} rings @param {number} setback @returns {Edges} */
function edgesOf(rings, setback) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  let n = 0;
  for (const ring of rings)
    for (let k = 0; k < ring.length; k += 2) {
      box[0] = Math.min(box[0], ring[k]);
      box[1] = Math.min(box[1], ring[k + 1]);
      box[2] = Math.max(box[2], ring[k]);
      box[3] = Math.max(box[3], ring[k + 1]);
      n++;
    }
  const origin = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  const [x, y, toX, toY] = [new Float64Array(n), new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  let count = 0;
  for (const ring of rings)
    for (let k = 0; k + 3 < ring.length; k += 2) {
      if (ring[k] === ring[k + 2] && ring[k + 1] === ring[k + 3]) continue;
      x[count] = ring[k] - origin[0];
      y[count] = ring[k + 1] - origin[1];
      toX[count] = ring[k + 2] - origin[0];
      toY[count] = ring[k + 3] - origin[1];
      count++;
    }
  return { x, y, toX, toY, n: count, setback, origin };
}

/**
 * What costs nothing to ask: the area, the narrowest band around, and the diagonal.
 * @param {Hull} hull @param {Edges} edges @param {Rings} rings @param {number} long @param {number} short
 */
function mayFit(hull, edges, rings, long, short) {
  let area = 0;
  for (const ring of rings) area += signedArea(ring, edges.origin);
  if (rings.length === 1 && Math.abs(area) < long * short - PRECISION * (long + short)) return false;
  if (hull.width < short + 2 * edges.setback - 2 * PRECISION) return false;
  return hull.diameter >= Math.hypot(long, short) + 2 * edges.setback - 4 * PRECISION;
}

/** @param {ArrayLike<number>} ring @param {number[]} origin */
function signedArea(ring, [x0, y0]) {
  let twice = 0;
  for (let k = 0; k + 3 < ring.length; k += 2)
    twice += (ring[k] - x0) * (ring[k + 3] - y0) - (ring[k + 2] - x0) * (ring[k + 1] - y0);
  return twice / 2;
}

/** The convex hull of all corners: what a rectangle may not leave costs little to ask of it. */
class Hull {
  /** @param {Edges} edges @param {number} long @param {number} short */
  constructor({ x, y, n, setback }, long, short) {
    const order = Array.from({ length: n }, (_, k) => k).sort((p, q) => x[p] - x[q] || y[p] - y[q]);
    /** @type {(way: number[]) => number[]} */
    const chain = (way) => {
      /** @type {number[]} */
      const found = [];
      for (const k of way) {
        while (found.length > 1) {
          const [p, q] = found.slice(-2);
          if ((x[q] - x[p]) * (y[k] - y[p]) - (y[q] - y[p]) * (x[k] - x[p]) > 0) break;
          found.pop();
        }
        found.push(k);
      }
      return found.slice(0, -1);
    };
    const corners = [...chain(order), ...chain(order.reverse())];
    this.x = Float64Array.from(corners, (k) => x[k]);
    this.y = Float64Array.from(corners, (k) => y[k]);
    this.n = corners.length;
    this.setback = setback;
    const diagonal = Math.atan2(short, long);
    // along the sides, along the diagonals, and between them
    const quarter = [0, diagonal / 2, diagonal, (diagonal + Math.PI / 2) / 2];
    this.ways = [0, 1, 2, 3].flatMap((turn) =>
      quarter.map((angle, k) => (turn % 2 && k ? Math.PI / 2 - angle : angle) + (turn * Math.PI) / 2),
    );
    this.reach = new Float64Array(this.ways.length);
    this.cos = Float64Array.from(this.ways, Math.cos);
    this.sin = Float64Array.from(this.ways, Math.sin);
    this.angle = NaN;
  }

  /** Least distance of two parallels with everything between them: one of them lies along a side. */
  get width() {
    let least = Infinity;
    for (let p = 0; p < this.n; p++) {
      const q = (p + 1) % this.n;
      const [dx, dy] = [this.x[q] - this.x[p], this.y[q] - this.y[p]];
      const length = Math.hypot(dx, dy);
      if (length === 0) continue;
      let most = 0;
      for (let r = 0; r < this.n; r++)
        most = Math.max(most, Math.abs(dx * (this.y[r] - this.y[p]) - dy * (this.x[r] - this.x[p])) / length);
      least = Math.min(least, most);
    }
    return this.n > 2 ? least : 0;
  }

  /** Greatest distance of two corners. */
  get diameter() {
    let most = 0;
    for (let p = 0; p < this.n; p++)
      for (let r = p + 1; r < this.n; r++)
        most = Math.max(most, (this.x[p] - this.x[r]) ** 2 + (this.y[p] - this.y[r]) ** 2);
    return Math.sqrt(most);
  }

  /** The middle of its area. */
  get centre() {
    let [area, x, y] = [0, 0, 0];
    for (let p = 0; p < this.n; p++) {
      const q = (p + 1) % this.n;
      const cross = this.x[p] * this.y[q] - this.x[q] * this.y[p];
      area += cross / 2;
      x += ((this.x[p] + this.x[q]) * cross) / 6;
      y += ((this.y[p] + this.y[q]) * cross) / 6;
    }
    return [x / area, y / area];
  }

  /** Find how far it reaches along each way of a frame. @param {number} angle */
  turn(angle) {
    if (angle === this.angle) return;
    this.angle = angle;
    this.ways.forEach((way, k) => {
      const [cos, sin] = [Math.cos(angle + way), Math.sin(angle + way)];
      let most = -Infinity;
      for (let p = 0; p < this.n; p++) {
        const far = this.x[p] * cos + this.y[p] * sin;
        if (far > most) most = far;
      }
      this.reach[k] = most - this.setback + 4 * PRECISION;
    });
  }

  /** Whether it is as wide as a rectangle along each way: no is sure. @param {number} long @param {number} short */
  spans(long, short) {
    const half = this.ways.length / 2;
    for (let k = 0; k < half; k++)
      if (this.reach[k] + this.reach[k + half] < Math.abs(this.cos[k]) * long + Math.abs(this.sin[k]) * short)
        return false;
    return true;
  }

  /**
   * Whether a rectangle may lie in it with its centre between two parallels: no is sure.
   * @param {number} left @param {number} right @param {number} long @param {number} short
   */
  admits(left, right, long, short) {
    let [low, high] = [-Infinity, Infinity];
    for (let k = 0; k < this.reach.length; k++) {
      const [x, y] = [this.cos[k], this.sin[k]];
      const rest = this.reach[k] - (Math.abs(x) * long) / 2 - (Math.abs(y) * short) / 2 - Math.min(left * x, right * x);
      if (y > 1e-9) high = Math.min(high, rest / y);
      else if (y < -1e-9) low = Math.max(low, rest / y);
      else if (rest < 0) return false;
    }
    return low <= high;
  }
}

/**
 * The first place found: along the sides of the border, then in ever finer cells of angles and lines.
 * @param {Edges} edges @param {Hull} hull @param {number} long @param {number} short @param {number} tolerance
 * @returns {Place | null}
 */
function search(edges, hull, long, short, tolerance) {
  const frame = new Frame(edges);
  const easy = alongSides(frame, edges, hull, long, short) ?? inCircle(edges, hull, long, short);
  if (easy || hull.diameter < Math.hypot(long + tolerance, short + tolerance) + 2 * edges.setback) return easy;
  const halfTurn = (long > short ? Math.PI : Math.PI / 2) / (2 * FIRST_CELLS);
  const levels = Math.max(0, Math.ceil(Math.log2(halfTurn / Math.asin(tolerance / (2 * (long + tolerance))))));
  let grid = { turn: halfTurn, half: (tolerance / 4) * 2 ** levels };
  let cells = firstCells(edges, grid);
  for (let level = 0; level <= levels && cells.length; level++) {
    const open = openCells(frame, hull, grid, cells, long + tolerance, short + tolerance);
    const found = roomiest(frame, hull, open, grid, long, short);
    if (found) return found;
    if (level < levels) {
      cells = halves(grid, open);
      grid = { turn: grid.turn / 2, half: grid.half / 2 };
    }
  }
  return null;
}

// A cell is one number: of its angle, and of its line, which may be negative.
/** @type {(cell: number, line: number) => number} */
const keyOf = (cell, line) => cell * LINES + line + LINES / 2;
/** @type {(key: number) => number} */
const cellOf = (key) => Math.floor(key / LINES);
/** @type {(key: number) => number} */
const lineOf = (key) => (key % LINES) - LINES / 2;

/** @param {Edges} edges */
function reachOf({ x, y, n }) {
  let reach = 0;
  for (let k = 0; k < n; k++) reach = Math.max(reach, Math.hypot(x[k], y[k]));
  return reach;
}

/** @param {Edges} edges @param {Grid} grid @returns {ArrayLike<number>} */
function firstCells(edges, grid) {
  const most = Math.ceil(reachOf(edges) / (2 * grid.half));
  const cells = [];
  for (let cell = 0; cell < FIRST_CELLS; cell++)
    for (let line = -most; line < most; line++) cells.push(keyOf(cell, line));
  return cells;
}

/**
 * Cells that may hold a place.
 * @param {Frame} frame @param {Hull} hull @param {Grid} grid @param {ArrayLike<number>} cells @param {number} long
 * @param {number} short @returns {Open}
 */
function openCells(frame, hull, grid, cells, long, short) {
  const [innerLong, innerShort] = inner(long, short, grid.turn);
  const half = innerLong / 2 - grid.half;
  const enough = innerShort - 2 * PRECISION;
  if (half <= 0) {
    // no line is under all rectangles of a cell: nothing can be said yet
    const reach = reachOf(frame.edges);
    const keys = Array.from(cells);
    return { keys, low: keys.map(() => -reach), high: keys.map(() => reach) };
  }
  /** @type {Open} */
  const open = { keys: [], low: [], high: [] };
  for (const key of Array.from(cells)) {
    const x = (2 * lineOf(key) + 1) * grid.half;
    const angle = (2 * cellOf(key) + 1) * grid.turn;
    hull.turn(angle);
    if (!hull.spans(innerLong, innerShort) || !hull.admits(x - grid.half, x + grid.half, innerLong, innerShort))
      continue;
    frame.turn(angle);
    frame.look(x - half, x + half, enough);
    if (frame.gap < enough) continue;
    open.keys.push(key);
    open.low.push(frame.low);
    open.high.push(frame.high);
  }
  return open;
}

/**
 * The place with most room, in the middles of cells.
 * @param {Frame} frame @param {Hull} hull @param {Open} open @param {Grid} grid @param {number} long
 * @param {number} short @returns {Place | null}
 */
function roomiest(frame, hull, open, grid, long, short) {
  const half = long / 2 - PRECISION;
  const enough = short - 2 * PRECISION;
  /** @type {Place | null} */
  let best = null;
  for (const key of open.keys) {
    const angle = (2 * cellOf(key) + 1) * grid.turn;
    const x = (2 * lineOf(key) + 1) * grid.half;
    hull.turn(angle);
    if (!hull.admits(x, x, long, short)) continue;
    frame.turn(angle);
    frame.look(x - half, x + half, enough);
    if (frame.gap >= enough && !(best && best.gap >= frame.gap)) best = { angle, x, y: frame.middle, gap: frame.gap };
  }
  return best;
}

/**
 * Turning the frame moves a centre along by as much as it is away across.
 * @param {Grid} grid @param {Open} open @returns {ArrayLike<number>}
 */
function halves(grid, open) {
  /** @type {Set<number>} */
  const found = new Set();
  for (const side of [-1, 1]) {
    const cos = Math.cos(grid.turn / 2);
    const sin = side * Math.sin(grid.turn / 2);
    open.keys.forEach((key, k) => {
      const x = (2 * lineOf(key) + 1) * grid.half;
      const [p, q] = [open.low[k] * sin, open.high[k] * sin];
      const first = Math.floor(((x - grid.half) * cos + Math.min(p, q) - PRECISION) / grid.half);
      const last = Math.floor(((x + grid.half) * cos + Math.max(p, q) + PRECISION) / grid.half);
      const cell = 2 * cellOf(key) + (side > 0 ? 1 : 0);
      for (let line = first; line <= last; line++) found.add(keyOf(cell, line));
    });
  }
  return Float64Array.from(found).sort();
}

/**
 * Sides of a rectangle that stays in the other one when that is turned by any angle up to this one.
 * @param {number} long @param {number} short @param {number} turn
 */
function inner(long, short, turn) {
  const [cos, sin, cos2] = [Math.cos(turn), Math.sin(turn), Math.cos(2 * turn)];
  const [innerLong, innerShort] = [(long * cos - short * sin) / cos2, (short * cos - long * sin) / cos2];
  if (innerShort * cos >= innerLong * sin) return [innerLong, innerShort];
  const least = Math.min(long * cos, short / sin);
  return [least, Math.min(long * sin, (short - least * sin) / cos)];
}

/**
 * A place along the longest sides of the border, an end of the rectangle at a corner of it.
 * @param {Frame} frame @param {Edges} edges @param {Hull} hull @param {number} long @param {number} short
 * @returns {Place | null}
 */
function alongSides(frame, edges, hull, long, short) {
  /** @type {Map<number, {sum: number, longest: number, angle: number}>} */
  const kinds = new Map();
  for (let k = 0; k < edges.n; k++) {
    const [dx, dy] = [edges.toX[k] - edges.x[k], edges.toY[k] - edges.y[k]];
    const length = Math.hypot(dx, dy);
    const angle = (Math.atan2(dy, dx) + 2 * Math.PI) % (Math.PI / 2);
    const rounded = Math.round(angle * 1e4);
    const kind = kinds.get(rounded) ?? { sum: 0, longest: 0, angle };
    kinds.set(rounded, kind);
    kind.sum += length;
    if (length > kind.longest) Object.assign(kind, { longest: length, angle });
  }
  const sides = [...kinds].sort(([m, p], [n, q]) => q.sum - p.sum || m - n).slice(0, SIDES);
  const half = long / 2 + edges.setback;
  const enough = short - 2 * PRECISION;
  for (const [, { angle }] of sides)
    for (const turned of [angle, angle + Math.PI / 2]) {
      hull.turn(turned);
      if (!hull.spans(long, short)) continue;
      frame.turn(turned);
      /** @type {Place | null} */
      let best = null;
      const corners = frame.start.slice().sort();
      const [least, most] = [corners[0] + half - PRECISION, corners[corners.length - 1] - half + PRECISION];
      const ends = Float64Array.from([...corners].flatMap((corner) => [corner - half, corner + half])).sort();
      let last = NaN;
      for (const x of ends) {
        if (x < least || x > most || x === last || !hull.admits(x, x, long, short)) continue;
        last = x;
        frame.look(x - long / 2 + PRECISION, x + long / 2 - PRECISION, enough);
        if (frame.gap >= enough && !(best && best.gap >= frame.gap))
          best = { angle: turned, x, y: frame.middle, gap: frame.gap };
      }
      if (best) return best;
    }
  return null;
}

/**
 * A place in the middle, where a circle around the rectangle and its setback has room: it fits at any angle there.
 * @param {Edges} edges @param {Hull} hull @param {number} long @param {number} short @returns {Place | null}
 */
function inCircle({ x, y, toX, toY, n, setback }, hull, long, short) {
  const [cx, cy] = hull.centre;
  const radius = Math.hypot(long, short) / 2 + setback;
  let inside = false;
  for (let k = 0; k < n; k++) {
    const [dx, dy] = [toX[k] - x[k], toY[k] - y[k]];
    const at = Math.max(0, Math.min(1, ((cx - x[k]) * dx + (cy - y[k]) * dy) / (dx * dx + dy * dy)));
    if (Math.hypot(cx - x[k] - at * dx, cy - y[k] - at * dy) < radius) return null;
    if (y[k] > cy !== toY[k] > cy && cx < x[k] + ((cy - y[k]) / dy) * dx) inside = !inside;
  }
  return inside ? { angle: 0, x: cx, y: cy, gap: short } : null;
}

/** @param {Edges} edges @param {number} a @param {number} b @param {Place} place @returns {Placement} */
function placement(edges, a, b, { angle: frame, x, y }) {
  const [cos, sin] = [Math.cos(frame), Math.sin(frame)];
  const centre = [edges.origin[0] + x * cos - y * sin, edges.origin[1] + x * sin + y * cos];
  const angle = (frame + (a < b ? Math.PI / 2 : 0)) % Math.PI;
  const along = [(Math.cos(angle) * a) / 2, (Math.sin(angle) * a) / 2];
  const across = [(-Math.sin(angle) * b) / 2, (Math.cos(angle) * b) / 2];
  const corners = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ].map(([p, q]) => [0, 1].map((k) => centre[k] + p * along[k] + q * across[k]));
  return { a, b, centre, angle: (angle * 180) / Math.PI, corners };
}

/** The sides turned to one angle, and what is free between two parallels there: the heart of it all. */
class Frame {
  /** @param {Edges} edges */
  constructor(edges) {
    this.edges = edges;
    this.angle = NaN;
    this.start = new Float64Array(edges.n);
    this.west = new Float64Array(edges.n);
    this.westY = new Float64Array(edges.n);
    this.east = new Float64Array(edges.n);
    this.eastY = new Float64Array(edges.n);
    this.lows = new Float64Array(edges.n);
    this.highs = new Float64Array(edges.n);
    this.crossed = new Uint8Array(edges.n);
    this.gap = this.middle = this.low = this.high = 0;
  }

  /** @param {number} angle */
  turn(angle) {
    if (angle === this.angle) return;
    this.angle = angle;
    const { x, y, toX, toY, n } = this.edges;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    for (let k = 0; k < n; k++) {
      const firstX = x[k] * cos + y[k] * sin;
      const firstY = y[k] * cos - x[k] * sin;
      const lastX = toX[k] * cos + toY[k] * sin;
      const lastY = toY[k] * cos - toX[k] * sin;
      const forward = firstX <= lastX;
      this.start[k] = firstX;
      this.west[k] = forward ? firstX : lastX;
      this.westY[k] = forward ? firstY : lastY;
      this.east[k] = forward ? lastX : firstX;
      this.eastY[k] = forward ? lastY : firstY;
    }
  }

  /**
   * Set the largest `gap` inside and its `middle`, and between which heights a centre may be in any gap with room.
   * @param {number} left @param {number} right @param {number} enough
   */
  look(left, right, enough) {
    const { west, westY, east, eastY, lows, highs, crossed } = this;
    const { n, setback } = this.edges;
    const middle = (left + right) / 2;
    let met = 0;
    for (let k = 0; k < n; k++) {
      if (!(west[k] - setback < right && east[k] + setback > left)) continue;
      const low = -top(west[k], -westY[k], east[k], -eastY[k], left, right, setback);
      let at = met++;
      for (; at > 0 && lows[at - 1] > low; at--) {
        lows[at] = lows[at - 1];
        highs[at] = highs[at - 1];
        crossed[at] = crossed[at - 1];
      }
      lows[at] = low;
      highs[at] = top(west[k], westY[k], east[k], eastY[k], left, right, setback);
      crossed[at] = west[k] <= middle && middle < east[k] ? 1 : 0;
    }
    this.gap = this.high = -Infinity;
    this.low = Infinity;
    let inside = 0;
    let floor = -Infinity;
    for (let k = 0; k + 1 < met; k++) {
      inside ^= crossed[k];
      if (highs[k] > floor) floor = highs[k];
      if (!inside) continue;
      const gap = lows[k + 1] - floor;
      if (gap > this.gap) {
        this.gap = gap;
        this.middle = (floor + lows[k + 1]) / 2;
      }
      if (gap < enough) continue;
      if (floor + enough / 2 < this.low) this.low = floor + enough / 2;
      if (lows[k + 1] - enough / 2 > this.high) this.high = lows[k + 1] - enough / 2;
    }
  }
}

/**
 * How high a side reaches between two parallels, once so much is kept around it.
 * @param {number} west @param {number} westY @param {number} east @param {number} eastY
 * @param {number} left @param {number} right @param {number} around
 */
function top(west, westY, east, eastY, left, right, around) {
  const rising = eastY > westY;
  const topX = rising ? east : west;
  const topY = rising ? eastY : westY;
  const at = topX < left ? left : topX > right ? right : topX;
  const width = east - west;
  const rise = eastY - westY;
  const slope = width > 0 ? rise / width : rise;
  if (around === 0) return topY + (at - topX) * slope;
  const length = Math.sqrt(width * width + rise * rise) || 1; // of a side that is a point, those beside it tell
  const shift = (-around * rise) / length;
  if (at < west + shift) return westY + Math.sqrt(Math.max(around * around - (at - west) ** 2, 0));
  if (at > east + shift) return eastY + Math.sqrt(Math.max(around * around - (at - east) ** 2, 0));
  return topY + (around * width) / length + (at - topX - shift) * slope;
}
