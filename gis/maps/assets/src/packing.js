/** Rows as `gis/maps/packing.py` wrote them, column by column. */
export function unpack({ n, columns }) {
  const rows = Array.from({ length: n }, () => ({}));
  for (const [name, { values, words, codes }] of Object.entries(columns))
    rows.forEach((row, k) => (row[name] = values ? values[k] : words[codes[k]]));
  return rows;
}

/** Unpack rings written by `gis/maps/packing.py`: for each shape, rings of [longitude, latitude, …]. */
export function decode(text, precision, count) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  let at = 0;
  const next = () => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  };
  const signed = () => {
    const value = next();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  };
  let x = 0;
  let y = 0;
  return Array.from({ length: count }, () =>
    Array.from({ length: next() }, () => {
      const ring = new Float64Array(2 * next());
      for (let n = 0; n < ring.length; n += 2) {
        x += signed();
        y += signed();
        ring[n] = x / precision;
        ring[n + 1] = y / precision;
      }
      return ring;
    }),
  );
}
