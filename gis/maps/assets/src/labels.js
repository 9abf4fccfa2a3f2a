import { inkOn } from "./colours.js";

/** Texts on a canvas: each where there is room for it, none over another. */

/** What is taken of a map, by what is written and by what nothing may be written over. */
export class Room {
  /** @param {...Box} boxes */
  constructor(...boxes) {
    this._boxes = boxes;
  }

  /**
   * Take rectangles, whatever lies in them.
   * @param {...Box} boxes
   */
  take(...boxes) {
    this._boxes.push(...boxes);
  }

  /**
   * Whether nothing lies in a rectangle: x, y, width, height.
   * @param {Box} box
   */
  isFree([x, y, width, height]) {
    for (const box of this._boxes)
      if (x < box[0] + box[2] && box[0] < x + width && y < box[1] + box[3] && box[1] < y + height) return false;
    return true;
  }

  /**
   * Take a rectangle for a label, unless another label or a block has it.
   * @param {Box} box
   */
  claim(box) {
    const free = this.isFree(box);
    if (free) this._boxes.push(box);
    return free;
  }
}

/**
 * Write a text, on a halo where it stands on more than one colour.
 * @param {Pen} c @param {string} text @param {number} x @param {number} y @param {string} ink @param {string} [halo]
 */
export function write(c, text, x, y, ink, halo) {
  if (halo) {
    c.lineWidth = 3;
    c.lineJoin = "round";
    c.strokeStyle = halo;
    c.strokeText(text, x, y);
  }
  c.fillStyle = ink;
  c.fillText(text, x, y);
}

/**
 * Name a block: inside it, turned inside it, else beside it, else not (the table names it).
 * @param {Pen} c @param {PlacedBlock} block @param {{room: Room, colours: Colours, east: number}} given
 */
export function labelBlock(c, block, { room, colours, east }) {
  const [x, y, width, height] = block.box;
  const text = block.text ?? block.label;
  if (!text || block.unlabelled) return;
  c.textAlign = "left";
  c.font = "600 13px system-ui, sans-serif";
  const full = block.sub ? `${text} · ${block.sub}` : text;
  /** @param {string} line */
  const wide = (line) => c.measureText(line).width;
  if (!block.fill) {
    const at = [x + width / 2 - wide(full) / 2, y + height + 4, wide(full), 16];
    c.textAlign = "center";
    if (room.claim(at)) write(c, full, x + width / 2, y + height + 16, colours.ink, colours.ground);
    return;
  }
  if (block.circle) {
    const at = [x + width / 2 - wide(text) / 2 - 3, y - 18, wide(text) + 6, 16];
    c.textAlign = "center";
    if (room.claim(at)) write(c, text, x + width / 2, y - 6, colours.ink, colours.tile);
    return;
  }
  if (labelInside(c, block, text, full, colours)) return;
  for (const line of [full, text]) {
    const past = x + width + wide(line) + 12 > east;
    const left = past ? x - wide(line) - 8 : x + width + 4;
    if (!room.claim([left, y + height / 2 - 8, wide(line) + 4, 16])) continue;
    write(c, line, left + 3, y + height / 2 + 4, colours.ink, colours.tile);
    return;
  }
}

/**
 * Name a block inside it, or turned inside it; whether it has room for that.
 * @param {Pen} c @param {PlacedBlock} block @param {string} text @param {string} full @param {Colours} colours
 */
function labelInside(c, block, text, full, colours) {
  const [x, y, width, height] = block.box;
  const ink = block.dashed || block.maybe ? colours.ink : inkOn(block.fill);
  /** @param {string} line */
  const wide = (line) => c.measureText(line).width;
  for (const lines of block.sub ? [[text, block.sub], [text]] : [[text]]) {
    if (Math.max(...lines.map(wide)) + 12 > width || 16 * lines.length + 8 > height) continue;
    lines.forEach((line, n) => write(c, line, x + 7, y + 18 + 16 * n, ink));
    return true;
  }
  for (const line of [full, text]) {
    if (wide(line) + 12 > height || width < 18) continue;
    c.save();
    c.translate(x + width / 2 + 5, y + height / 2 + wide(line) / 2);
    c.rotate(-Math.PI / 2);
    write(c, line, 0, 0, ink);
    c.restore();
    return true;
  }
  return false;
}

/**
 * Write lines in the middle of a rectangle, if they fit and nothing else is written there.
 * @param {Pen} c @param {string[]} lines @param {Box} box @param {{room: Room, colours: Colours}} given
 */
export function labelRest(c, lines, [left, top, width, height], { room, colours }) {
  c.textAlign = "center";
  const fonts = ["600 14px system-ui, sans-serif", "13px system-ui, sans-serif"];
  const rows = lines.flatMap((line, n) => {
    c.font = fonts[Math.min(n, 1)];
    return wrap(c, line, width - 24).map((text) => ({ text, font: fonts[Math.min(n, 1)] }));
  });
  const widths = rows.map(({ text, font }) => ((c.font = font), c.measureText(text).width));
  const middle = [left + width / 2, top + height / 2];
  /** @param {number} n */
  const box = (n) => [middle[0] - widths[n] / 2, middle[1] + 18 * (n - rows.length / 2) - 14, widths[n], 18];
  if (18 * rows.length > height - 16 || width < 90) return;
  if (!rows.every((_, n) => room.isFree(box(n)))) return;
  rows.forEach(({ text, font }, n) => {
    c.font = font;
    room.claim(box(n));
    write(
      c,
      text,
      middle[0],
      middle[1] + 18 * (n - rows.length / 2),
      n ? colours["ink-soft"] : colours.ink,
      colours.tile,
    );
  });
}

/** @param {Pen} c @param {string} text @param {number} width */
function wrap(c, text, width) {
  const lines = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line ? `${line} ${word}` : word;
    if (line && c.measureText(longer).width > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line ? [...lines, line] : lines;
}
