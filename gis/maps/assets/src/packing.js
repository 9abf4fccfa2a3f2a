/**
 * Rows as `gis/maps/packing.py` wrote them, column by column.
 * @template Packable
 * @param {Packed<Packable>} packed
 * @returns {Packable[]}
 */
export function unpack({ n, columns }) {
  const rows = blank(n);
  for (const [name, column] of /** @type {[string, Column][]} */ (Object.entries(columns))) {
    const { like } = column;
    const values = like ? rows.map((row) => row[like]) : valuesOf(column, n);
    for (let k = 0; k < n; k += 1) rows[k][name] = values[k];
  }
  return /** @type {Packable[]} */ (rows);
}

/**
 * So many records that hold nothing yet.
 * @param {number} n @returns {Record<string, unknown>[]}
 */
const blank = (n) => Array.from({ length: n }, () => ({}));

/** @param {Column} column @param {number} n @returns {unknown[]} */
function valuesOf({ values = [], words, codes = [], parts, fields }, n) {
  if (words) return codes.map((code) => words[code]);
  if (parts) {
    const read = parts.map((part) => valuesOf(part, n));
    return Array.from({ length: n }, (_, k) => read.map((part) => part[k]));
  }
  if (!fields) return values;
  const maps = blank(n);
  for (const [name, field] of Object.entries(fields))
    valuesOf(field, n).forEach((value, k) => {
      if (value !== null) maps[k][name] = value;
    });
  return maps;
}

/**
 * Read the rings that `gis/maps/packing.py` wrote.
 * @param {string} text @param {number} precision @param {number} count
 * @returns {{points: Float64Array, rings: number[], shapes: number[]}} longitude, latitude, …; the point at which
 * each ring begins and, last, the count of points; the ring at which each shape begins and, last, the count of rings
 */
export function decode(text, precision, count) {
  const bytes = atob(text);
  const points = new Float64Array(bytes.length);
  const rings = [];
  const shapes = [];
  let at = 0;
  const next = () => {
    let byte = bytes.charCodeAt(at++);
    let value = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      byte = bytes.charCodeAt(at++);
      value |= (byte & 0x7f) << shift;
    }
    return value;
  };
  const signed = () => {
    const value = next();
    return (value >>> 1) ^ -(value & 1);
  };
  let written = 0;
  let x = 0;
  let y = 0;
  for (let shape = 0; shape < count; shape += 1) {
    shapes.push(rings.length);
    for (let left = next(); left > 0; left -= 1) {
      rings.push(written / 2);
      for (let n = next(); n > 0; n -= 1) {
        x += signed();
        y += signed();
        points[written++] = x / precision;
        points[written++] = y / precision;
      }
    }
  }
  shapes.push(rings.length);
  rings.push(written / 2);
  return { points: points.slice(0, written), rings, shapes };
}
