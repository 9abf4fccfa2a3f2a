import L from "leaflet";
import { hatch, inkOn, pageColours } from "./colours.js";
import { Room, labelBlock, labelRest, write } from "./labels.js";
import { unpack } from "./packing.js";
import { Shapes } from "./shapes.js";

/**
 * One canvas that draws everything a map shows: ground outlines, real shapes, blocks of diagrams.
 * A block keeps its place in metres in its frame, which is anchored by its upper left corner and never turned.
 */

/** Pixels of the upper left corner that the buttons for zoom cover. */
const ZOOM_CONTROL = [50, 90];
const EARTH_RADIUS = 6_378_137;
const ECCENTRICITY2 = 0.006_694_38;

const WHOLE = /** @type {number[]} */ ([]);
const DASHED = [6, 4];
/** Pixels of the line around shapes; where they are small it is this part of their extent, not to hide their colour. */
const LINE = 1.2;
const THIN = 0.08;
/** Pixels: a line thinner than this is not seen, and not drawn. */
const UNSEEN = 0.25;
/** Pixels: a shape smaller than this is shown by a circle of its hectares, where the page gives them. */
const SYMBOL = 10;

/** Pixels that a name in a shape is high, and the least that one is wide; where in the box of the shape it may be. */
const LINE_HEIGHT = 16;
const LETTER = 12;
const PLACES = [0.5, 0.3, 0.7, 0.16, 0.84].flatMap((down) => [0.5, 0.3, 0.7].map((along) => [along, down]));

/** Pixels from the middle of an access to its corners. */
const ACCESS = 9;

/**
 * Pixels in a metre of true ground, at a latitude and a zoom of Web Mercator.
 * @param {number} latitude @param {number} zoom
 */
function pixelsPerMetre(latitude, zoom) {
  const phi = (latitude * Math.PI) / 180;
  const stretch = Math.sqrt(1 - ECCENTRICITY2 * Math.sin(phi) ** 2) / Math.cos(phi);
  return (256 * 2 ** zoom * stretch) / (2 * Math.PI * EARTH_RADIUS);
}

/**
 * What a block is filled with, and its line: a frame has no fill of its own, a hollow one shows the paper.
 * @param {Block} block @param {Colours} colours
 */
function lookOf(block, colours) {
  if (!block.fill) return { fill: colours.tile, stroke: colours["tile-line"], width: 1.5 };
  const hollow = block.dashed || (block.circle && !block.opacity);
  const coloured = (hollow || block.maybe) && !block.opacity;
  return {
    fill: hollow ? colours.paper : block.fill,
    stroke: coloured ? colours.line(block.fill) : colours.ink,
    width: hollow ? 2.5 : 1,
  };
}

/** What Leaflet's renderer does, the part that has no public name too. */
const inherited = /** @type {CanvasLayer} */ (/** @type {unknown} */ (L.Renderer.prototype));

/** @type {Partial<CanvasLayer> & ThisType<CanvasLayer> & {options: object}} */
const drawing = {
  options: { padding: 0.3 },

  initialize(data) {
    inherited.initialize.call(this, /** @type {MapData} */ ({}));
    this.data = { ...data, shapes: { ...data.shapes, items: unpack(data.shapes.items) } };
    this.ground = new Shapes(data.ground.rings, data.precision, data.ground.names.length);
    this.shapes = new Shapes(data.shapes.rings, data.precision, this.data.shapes.items.length);
    this.scene = { blocks: data.blocks, shapes: this.data.shapes.items, rest: null, inset: "" };
    this.highlighted = null;
    /** How many shapes are drawn. */
    this.count = 0;
    /** Whether pictures of the true ground lie under it: then the ground is drawn as lines, without names. */
    this.online = false;
    /** Least dots in a pixel: paper shows more than most screens. */
    this.dense = 0;
    /** Kinds of things that the reader has switched off. */
    this.off = {};
  },

  /** Where the map looks first: the view it was given, else the frames of its blocks. */
  home() {
    const bounds = L.latLngBounds(this.data.view ?? []);
    if (this.data.view && this.data.ground.names.length && !this.data.shapes.items.length) return bounds;
    for (const block of this.scene.blocks) {
      const [x, y, width, height] = block.block;
      for (const corner of [this._place(block, x, y), this._place(block, x + width, y + height)]) bounds.extend(corner);
    }
    if (!this.data.view) for (const dot of this.scene.dots ?? []) bounds.extend(dot.at);
    return this.scene.inset && bounds.isValid() ? bounds.pad(this.data.view ? 0.15 : 1) : bounds;
  },

  _place(block, x, y) {
    const [latitude, longitude] = block.anchor ?? [0, 0];
    const zoom = 20;
    const metre = pixelsPerMetre(latitude, zoom);
    const at = L.CRS.EPSG3857.latLngToPoint(L.latLng(latitude, longitude), zoom);
    return L.CRS.EPSG3857.pointToLatLng(at.add([x * metre, y * metre]), zoom);
  },

  /** Whether there is nothing to draw: no ground, no shape, no tile, no point, no line. */
  isEmpty() {
    const { blocks, dots = [], roads = [], accesses = [] } = this.scene;
    return !this.ground.length && !this.shapes.length && ![blocks, dots, roads, accesses].some((those) => those.length);
  },

  /** Draw other blocks, or other looks of the same shapes. */
  show(scene) {
    this.scene = { ...this.scene, ...scene };
    this._redraw();
  },

  /** Mark the features with these keys; null marks none. */
  highlight(keys) {
    this.highlighted = keys;
    this._redraw();
  },

  /** Draw once before the next frame, however often it is asked for. */
  _redraw() {
    if (!this._map || this._waiting) return;
    this._waiting = requestAnimationFrame(() => {
      this._waiting = 0;
      if (this._map) this._draw();
    });
  },

  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.className = "leaflet-zoom-animated";
    this._context = /** @type {Pen} */ (this._container.getContext("2d"));
    this._map.on("mousemove", this._onMove, this);
    this._map.on("mouseout", this._onOut, this);
    this._map.on("click", this._onClick, this);
  },

  _destroyContainer() {
    this._map.off("mousemove", this._onMove, this);
    this._map.off("mouseout", this._onOut, this);
    this._map.off("click", this._onClick, this);
    cancelAnimationFrame(this._waiting);
    this._waiting = 0;
    this._container.remove();
    delete (/** @type {Partial<CanvasLayer>} */ (this)._container);
  },

  _ratio() {
    return Math.max(window.devicePixelRatio || 1, this.dense);
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    inherited._update.call(this);
    const size = this._bounds.getSize();
    const ratio = this._ratio();
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this._container.width = Math.round(ratio * size.x);
    this._container.height = Math.round(ratio * size.y);
    this._container.style.width = `${size.x}px`;
    this._container.style.height = `${size.y}px`;
    this._redraw();
  },

  _draw() {
    const c = this._context;
    const ratio = this._ratio();
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, this._container.width, this._container.height);
    c.setTransform(ratio, 0, 0, ratio, -ratio * this._bounds.min.x, -ratio * this._bounds.min.y);
    this._hits = [];
    this.count = 0;
    const corner = this._map.containerPointToLayerPoint([0, 0]);
    this._room = new Room([corner.x, corner.y, ...ZOOM_CONTROL]);
    const colours = pageColours();
    this._drawGround(c, colours);
    this._drawRoads(c, colours);
    this._drawShapes(c, colours);
    this._drawInset(c, colours);
    this._drawBlocks(c, colours);
    this._drawRectangles(c, colours);
    this._labelShapes(c, colours);
    this._drawDots(c, colours);
    this._drawGroundNames(c, colours);
    this.fire("drawn");
  },

  /** How the shapes are put on the canvas now. */
  _view() {
    const origin = this._map.getPixelOrigin();
    return { side: 256 * 2 ** this._map.getZoom(), left: origin.x, top: origin.y };
  },

  _drawGround(c, colours) {
    if (this.off.ground) return;
    const view = this._view();
    c.fillStyle = colours.ground;
    c.strokeStyle = colours["ground-line"];
    c.lineWidth = 1;
    for (let n = 0; n < this.ground.length; n += 1) {
      c.beginPath();
      this.ground.trace(c, n, view);
      if (!this.online) c.fill("evenodd");
      c.stroke();
    }
  },

  /** Name the ground, the largest first, where the name fits and nothing else is written. */
  _drawGroundNames(c, colours) {
    if (this.off.names || this.online) return;
    const frames = this.scene.blocks.filter((block) => !block.fill).map((block) => this._box(block));
    this._room.take(...frames);
    c.font = "11.5px system-ui, sans-serif";
    c.textAlign = "center";
    const view = this._view();
    this.data.ground.names
      .map((name, n) => ({ name, box: this.ground.box(n, view) }))
      .sort((a, b) => b.box[2] * b.box[3] - a.box[2] * a.box[3])
      .forEach(({ name, box: [left, top, wide, high] }) => {
        const [x, y] = [left + wide / 2, top + high / 2];
        const width = c.measureText(name).width;
        const label = [x - width / 2, y - 8, width, 16];
        if (width + 6 > wide || high < 22 || this.shapes.meet(label, view) || !this._room.claim(label)) return;
        write(c, name, x, y + 4, colours["ink-soft"], colours.ground);
      });
  },

  _drawShapes(c, colours) {
    const view = this._view();
    const line = Math.min(LINE, THIN * this.shapes.extent(view));
    this.scene.shapes.forEach((item, n) => {
      if (item.hidden) return;
      const marked = this._marked(item.key);
      c.beginPath();
      if (item.symbol && Math.max(...this.shapes.box(n, view).slice(2)) < SYMBOL) this._symbol(c, n, view);
      else this.shapes.trace(c, n, view);
      c.globalAlpha = item.maybe ? 0.45 : item.dashed ? 0.15 : item.fill ? 0.85 : 1;
      c.fillStyle = item.fill || colours.tile;
      c.fill("evenodd");
      c.globalAlpha = 1;
      if (item.hatched) {
        c.fillStyle = hatch(c, colours.ink) ?? "";
        c.fill("evenodd");
      }
      this.count += 1;
      if (!marked && line < UNSEEN) return;
      c.setLineDash(item.dashed ? DASHED : WHOLE);
      c.strokeStyle = marked ? colours.accent : colours["tile-line"];
      c.lineWidth = marked ? 4 : line;
      c.stroke();
    });
    c.setLineDash(WHOLE);
  },

  /** Rectangles that fit somewhere, by their corners. */
  _drawRectangles(c, colours) {
    for (const { corners } of this.scene.rectangles ?? []) {
      c.beginPath();
      for (const corner of corners) {
        const { x, y } = this._map.latLngToLayerPoint(corner);
        c.lineTo(x, y);
      }
      c.closePath();
      c.fillStyle = colours.paper;
      c.globalAlpha = 0.75;
      c.fill();
      c.globalAlpha = 1;
      c.strokeStyle = colours.ink;
      c.lineWidth = 2;
      c.stroke();
    }
  },

  /** A circle for a shape that is too small to be seen. */
  _symbol(c, n, view) {
    const [left, top, wide, high] = this.shapes.box(n, view);
    c.arc(left + wide / 2, top + high / 2, 3 + Math.sqrt(this.scene.shapes[n].symbol ?? 0) / 2, 0, 2 * Math.PI);
  },

  /** Name the shapes that have room for it. */
  _labelShapes(c, colours) {
    const view = this._view();
    /** @type {number[]} */
    const later = [];
    this.scene.shapes.forEach((item, n) => {
      if (item.hidden || !item.text) return;
      if (item.inside) {
        later.push(n);
        return;
      }
      const [left, top, wide, high] = this.shapes.box(n, view);
      const [x, y] = [left + wide / 2, top + high / 2];
      c.font = "600 13px system-ui, sans-serif";
      c.textAlign = "center";
      const width = c.measureText(item.text).width;
      const ink = item.fill && !item.maybe && !item.dashed ? inkOn(item.fill) : colours.ink;
      if (width + 8 < wide && high > 20 && this._room.claim([x - width / 2, y - 9, width, 18]))
        write(c, item.text, x, y + 4, ink);
      else this._labelBeside(c, item.text, [left, top, wide, high], view, colours.ink, colours.tile);
    });
    if (!later.length) return;
    const over = this.scene.shapes.flatMap((item, n) =>
      item.hidden || item.inside ? [] : [{ n, box: this.shapes.box(n, view) }],
    );
    for (const n of later) this._labelInside(c, n, view, colours, over);
  },

  /** Name a shape on its own ground, where nothing else is drawn if it can be; nowhere where it has no room for it. */
  _labelInside(c, n, view, colours, over) {
    const [left, top, wide, high] = this.shapes.box(n, view);
    if (wide < LETTER || high < LINE_HEIGHT || !this._isInView([left, top, wide, high])) return;
    const { text = "" } = this.scene.shapes[n];
    c.font = "600 12px system-ui, sans-serif";
    c.textAlign = "center";
    const half = c.measureText(text).width / 2 + 3;
    const above = over.filter(
      ({ n: other, box: [x0, y0, width, height] }) =>
        other > n && x0 < left + wide && left < x0 + width && y0 < top + high && top < y0 + height,
    );
    const places = PLACES.map(([along, down]) => [left + wide * along, top + high * down])
      .map(([x, y]) => ({
        x,
        y,
        points: [-half, 0, half].flatMap((dx) =>
          [-LINE_HEIGHT / 2, LINE_HEIGHT / 2].map((dy) => ({ x: x + dx, y: y + dy })),
        ),
      }))
      .filter(({ points }) => points.every((point) => this.shapes.holds(n, point, view)))
      .map((place) => ({
        ...place,
        covered: above.some(({ n: other }) => place.points.some((point) => this.shapes.holds(other, point, view))),
      }));
    for (const { x, y } of places.sort((a, b) => Number(a.covered) - Number(b.covered))) {
      if (!this._room.claim([x - half, y - LINE_HEIGHT / 2, 2 * half, LINE_HEIGHT])) continue;
      write(c, text, x, y + 4, colours.ink, colours.tile);
      return;
    }
  },

  /** Whether any of a rectangle is on the canvas. */
  _isInView([left, top, wide, high]) {
    const { min, max } = this._bounds;
    return left < max.x && min.x < left + wide && top < max.y && min.y < top + high;
  },

  /** Name what lies in a box to its right or else to its left: inside the map, and over no other shape. */
  _labelBeside(c, text, inner, view, ink, halo) {
    const [left, top, wide, high] = inner;
    const width = c.measureText(text).width + 4;
    const [west, east] = this._edges();
    c.textAlign = "left";
    for (const x of [left + wide + 3, left - width - 3]) {
      const box = [x, top + high / 2 - 9, width, 18];
      if (x < west || x + width > east || this.shapes.meet(box, view, inner) || !this._room.claim(box)) continue;
      write(c, text, x + 2, top + high / 2 + 4, ink, halo);
      return;
    }
  },

  /** Frame what has no place, as maps do for what lies elsewhere. */
  _drawInset(c, colours) {
    if (!this.scene.inset || !this.scene.blocks.length) return;
    const boxes = this.scene.blocks.map((block) => this._box(block));
    const left = Math.min(...boxes.map(([x]) => x)) - 40;
    const top = Math.min(...boxes.map(([, y]) => y)) - 56;
    const right = Math.max(...boxes.map(([x, , width]) => x + width)) + 40;
    const bottom = Math.max(...boxes.map(([, y, , height]) => y + height)) + 44;
    c.strokeStyle = colours["tile-line"];
    c.lineWidth = 1.5;
    c.fillStyle = colours.paper;
    c.fillRect(left, top, right - left, bottom - top);
    c.strokeRect(left, top, right - left, bottom - top);
    c.font = "600 14px system-ui, sans-serif";
    c.textAlign = "left";
    write(c, this.scene.inset, left + 12, top + 24, colours.ink);
  },

  /** Where the map begins and ends from west to east; the canvas reaches past both. */
  _edges() {
    const [west, east] = [0, this._map.getSize().x].map((x) => this._map.containerPointToLayerPoint([x, 0]).x);
    return [west, east];
  },

  _marked(key) {
    return this.highlighted?.includes(key) ?? false;
  },

  /** Where a block stands on the screen: x, y, width, height; `part` is another rectangle of the same frame. */
  _box(block, part = block.block) {
    const [latitude, longitude] = block.anchor ?? [0, 0];
    const metre = pixelsPerMetre(latitude, this._map.getZoom());
    const at = this._map.latLngToLayerPoint([latitude, longitude]);
    const [x, y, width, height] = part;
    return [at.x + x * metre, at.y + y * metre, width * metre, height * metre];
  },

  _drawBlocks(c, colours) {
    if (this.off.tiles) return;
    const placed = this.scene.blocks.map((block) => ({ ...block, box: this._box(block) }));
    for (const block of placed) this._drawBlock(c, block, colours);
    const tenants = placed.filter((block) => block.fill || block.circle);
    this._room.take(...tenants.map((block) => block.box));
    const setting = { room: this._room, colours, east: this._edges()[1] };
    for (const block of placed) labelBlock(c, block, setting);
    const { rest } = this.scene;
    if (rest && placed.length) labelRest(c, rest.lines, this._box(placed[0], rest.block), setting);
  },

  _drawBlock(c, block, colours) {
    const [x, y, width, height] = block.box;
    const path = new Path2D();
    if (block.circle) path.ellipse(x + width / 2, y + height / 2, width / 2, height / 2, 0, 0, 2 * Math.PI);
    else path.rect(x, y, width, height);
    const look = lookOf(block, colours);
    c.globalAlpha = block.maybe ? 0.4 : (block.opacity ?? 1);
    c.fillStyle = look.fill;
    c.fill(path);
    c.globalAlpha = 1;
    c.setLineDash(block.dashed ? [7, 4] : block.maybe ? [2, 3] : []);
    c.strokeStyle = look.stroke;
    c.lineWidth = look.width;
    const inset = c.lineWidth / 2;
    if (width < 6 && !block.circle) c.lineWidth = 0.4;
    if (block.circle || width < 6 || height < 6) c.stroke(path);
    else c.strokeRect(x + inset, y + inset, width - 2 * inset, height - 2 * inset);
    c.setLineDash([]);
    if (this._marked(block.key)) {
      c.strokeStyle = colours.accent;
      c.lineWidth = 4;
      c.stroke(path);
    }
    this._hits.push({ key: block.key, href: block.href, path });
  },

  /** Points at their commune, larger with more jobs. */
  _drawDots(c, colours) {
    const dots = (this.scene.dots ?? []).map((dot) => {
      const { x, y } = this._map.latLngToLayerPoint(dot.at);
      return { ...dot, x, y, radius: 5 + Math.sqrt(dot.jobs ?? 0) / 5 };
    });
    if (this.off.tiles) dots.length = 0;
    for (const { key, x, y, radius, fill } of dots) {
      const path = new Path2D();
      path.arc(x, y, radius, 0, 2 * Math.PI);
      this._drawPoint(c, path, { key, x, y, fill, radius }, colours, [colours.ink, 1]);
    }
    this._drawAccesses(c, colours);
    c.font = "600 12.5px system-ui, sans-serif";
    for (const { x, y, radius, label } of dots.sort((a, b) => b.radius - a.radius))
      this._labelBeside(
        c,
        label,
        [x - radius, y - radius, 2 * radius, 2 * radius],
        this._view(),
        colours.ink,
        colours.ground,
      );
  },

  /** Draw a point by its path: it can be pointed at, and nothing is written over it. */
  _drawPoint(c, path, { key, x, y, fill, radius }, colours, line) {
    c.fillStyle = fill;
    c.fill(path);
    [c.strokeStyle, c.lineWidth] = this._marked(key) ? [colours.accent, 4] : line;
    c.stroke(path);
    this._hits.push({ key, path });
    this._room.take([x - radius, y - radius, 2 * radius, 2 * radius]);
  },

  _drawRoads(c, colours) {
    if (this.off.transport) return;
    c.lineJoin = c.lineCap = "round";
    for (const { fill, lines, width } of this.scene.roads ?? []) {
      c.beginPath();
      for (const line of lines) {
        line.forEach((at, n) => {
          const { x, y } = this._map.latLngToLayerPoint(at);
          if (n) c.lineTo(x, y);
          else c.moveTo(x, y);
        });
      }
      c.strokeStyle = colours.line(fill);
      c.lineWidth = width;
      c.stroke();
    }
    c.lineJoin = "miter";
    c.lineCap = "butt";
  },

  /** Where one gets on a road, a train, a ship or a plane: diamonds, named above or else below. */
  _drawAccesses(c, colours) {
    const accesses = this.off.transport
      ? []
      : (this.scene.accesses ?? []).map((access) => ({ ...access, ...this._map.latLngToLayerPoint(access.at) }));
    for (const { key, x, y, fill } of accesses) {
      const path = new Path2D(`M${x},${y - ACCESS}L${x + ACCESS},${y}L${x},${y + ACCESS}L${x - ACCESS},${y}Z`);
      this._drawPoint(c, path, { key, x, y, fill, radius: ACCESS }, colours, [colours.paper, 1.5]);
    }
    c.font = "600 12.5px system-ui, sans-serif";
    c.textAlign = "center";
    const [west, east] = this._edges();
    for (const { label, x: middle, y } of accesses) {
      const width = c.measureText(label).width + 4;
      const x = Math.min(Math.max(middle, west + width / 2), east - width / 2);
      const line = [-ACCESS - 4, ACCESS + 14].find((down) =>
        this._room.claim([x - width / 2, y + down - 12, width, 15]),
      );
      if (line !== undefined) write(c, label, x, y + line, colours.ink, colours.ground);
    }
  },

  /** What is drawn, on a plain ground: a canvas of its own. */
  snapshot() {
    const copy = document.createElement("canvas");
    const size = this._map.getSize();
    const ratio = this._ratio();
    copy.width = Math.round(size.x * ratio);
    copy.height = Math.round(size.y * ratio);
    const c = /** @type {Pen} */ (copy.getContext("2d"));
    c.fillStyle = pageColours().paper;
    c.fillRect(0, 0, copy.width, copy.height);
    const origin = this._map.layerPointToContainerPoint(this._bounds.min);
    c.drawImage(this._container, Math.round(origin.x * ratio), Math.round(origin.y * ratio));
    return copy;
  },

  /** The feature at a point of the map; the last drawn is on top. */
  at(containerPoint) {
    if (!this._hits) return null;
    const point = this._map.containerPointToLayerPoint(containerPoint);
    const c = this._context;
    c.save();
    c.setTransform(1, 0, 0, 1, 0, 0);
    const hit = this._hits.findLast(({ path }) => c.isPointInPath(path, point.x, point.y));
    c.restore();
    const view = this._view();
    return hit ?? this.scene.shapes.findLast((item, n) => !item.hidden && this.shapes.holds(n, point, view)) ?? null;
  },

  _onMove(event) {
    const hit = this.at(event.containerPoint);
    this._map.getContainer().style.cursor = hit ? "pointer" : "";
    if ((hit?.key ?? null) !== this._hovered) {
      this._hovered = hit?.key ?? null;
      this.fire("hover", { key: this._hovered });
    }
  },

  _onOut() {
    this._hovered = null;
    this.fire("hover", { key: null });
  },

  _onClick(event) {
    if (this.measuring) return;
    const hit = this.at(event.containerPoint);
    this.fire("select", { key: hit?.key ?? null, href: hit?.href ?? "" });
  },
};

export const CanvasLayer = /** @type {new (data: MapData) => CanvasLayer} */ (
  /** @type {unknown} */ (L.Renderer.extend(drawing))
);
