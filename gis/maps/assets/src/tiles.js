/**
 * The diagram of a site: the rule of `gis/measures/tiles.py`, for values chosen on the page.
 * Blocks are [x, y, width, height] in metres from the upper left corner of the frame.
 */

const RATIO = 2;
const SYMBOL = 0.08;
const SYMBOL_STEP = 3;

/** @param {number} areaM2 @returns {Box} */
export function frame(areaM2) {
  const height = Math.sqrt(areaM2 / RATIO);
  return [0, 0, RATIO * height, height];
}

/** @param {number[]} areas */
const sum = (areas) => areas.reduce((total, area) => total + area, 0);

/** @param {number[]} strip @param {number} height */
function elongation(strip, height) {
  const width = sum(strip) / height;
  return Math.max(...strip.map((area) => Math.max((width * width) / area, area / (width * width))));
}

/**
 * Lay areas in strips from the left, in the order given.
 * @param {number[]} areas @param {Box} box
 */
function strips(areas, [left, top, , height]) {
  const blocks = [];
  let x = left;
  for (let first = 0; first < areas.length;) {
    let last = first + 1;
    while (
      last < areas.length &&
      elongation(areas.slice(first, last + 1), height) < elongation(areas.slice(first, last), height)
    )
      last += 1;
    const strip = areas.slice(first, last);
    const width = sum(strip) / height;
    let y = top;
    for (const area of strip) {
      blocks.push([x, y, width, area / width]);
      y += area / width;
    }
    x += width;
    first = last;
  }
  return blocks;
}

/**
 * Known areas as blocks, unknown ones (null, after them) as equal symbols at the lower right.
 * @param {(number | null)[]} areas @param {Box} outer @returns {Box[]}
 */
export function lay(areas, outer) {
  const known = areas.filter((area) => area !== null);
  const side = SYMBOL * outer[3];
  const unknown = areas.length - known.length;
  const symbols = Array.from({ length: unknown }, (_, n) => [
    outer[2] - side * (SYMBOL_STEP * (unknown - n) - 1),
    outer[3] - 1.5 * side,
    side,
    side,
  ]);
  return [...strips(known, outer), ...symbols];
}

/**
 * The frame for tenants without a shape beside a site that has one.
 * @param {(number | null)[]} areas
 * @param {number[]} frame
 */
export function spareFrame(areas, [x, y, , height]) {
  const unknown = areas.filter((area) => area === null).length;
  return [x, y, sum(areas.filter((area) => area !== null)) / height + SYMBOL * SYMBOL_STEP * unknown * height, height];
}

/**
 * The rows that the diagram shows, one for each premises, in the order they are laid.
 * @template {Laid} Tenant
 * @param {Tenant[]} rows
 */
export function drawn(rows) {
  /** @param {Laid} row */
  const late = (row) => (row.to_come ? 1 : 0);
  /** @param {Laid} row */
  const none = (row) => (row.area_m2[0] === null ? 1 : 0);
  /** @param {Laid} row */
  const size = (row) => row.area_m2[0] ?? -1;
  /** @param {Laid} a @param {Laid} b */
  const key = (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  const byLead = [...rows].sort((a, b) => late(a) - late(b) || size(b) - size(a) || key(a, b));
  const seen = new Set();
  return byLead
    .filter((row) => !seen.has(row.premises) && seen.add(row.premises))
    .sort((a, b) => none(a) - none(b) || late(a) - late(b) || size(b) - size(a) || key(a, b));
}
