import L from "leaflet";
import { harmless } from "./cells.js";
import { byId, h, show as fill } from "./dom.js";
import { area, number } from "./format.js";

/**
 * The everyday tools of a map: layers, measuring, a picture, a table, outlines.
 * @param {Shell} shell @param {Target} target
 * @param {{rows: (() => Table) | null, name: string, features?: (() => Feature[]) | null}} table
 */
export function makeTools(shell, { map, layer }, { rows, name, features = null }) {
  const box = byId("tools");
  /** @type {import("leaflet").Polygon | null} */
  let drawn = null;
  /** @type {import("leaflet").LatLng[]} */
  let points = [];
  let status = () => "";
  /** @param {() => string} text */
  const say = (text) => {
    status = text;
    /** @type {HTMLElement} */ (byId("tool-status")).textContent = text();
  };
  const result = () => {
    const length = points.slice(1).reduce((sum, point, n) => sum + map.distance(points[n], point), 0);
    const metres =
      length < 10_000 ? `${number(length, shell.lang)}\u202fm` : `${number(length / 1000, shell.lang, 1)}\u202fkm`;
    return shell.t("tools.measure.result", {
      length: metres,
      area: points.length > 2 ? surface(points, shell.lang) : "–",
    });
  };
  /** @param {MouseHeard} event */
  const click = ({ latlng }) => {
    points.push(latlng);
    drawn?.setLatLngs(points);
    say(result);
  };
  const stop = () => {
    map.off("click", click);
    map.doubleClickZoom.enable();
    map.getContainer().classList.remove("measuring");
    layer.measuring = false;
  };
  const start = () => {
    drawn?.remove();
    points = [];
    drawn = L.polygon([], { color: "#d55e00", weight: 3, fillOpacity: 0.1, interactive: false }).addTo(map);
    map.doubleClickZoom.disable();
    map.getContainer().classList.add("measuring");
    layer.measuring = true;
    map.on("click", click);
    map.once("dblclick", stop);
    say(() => shell.t("tools.measure.on"));
  };
  const show = () => {
    const { t } = shell;
    layer.off = Object.fromEntries((shell.state.get().filters.off ?? "").split(",").map((key) => [key, true]));
    layer.show({});
    /** @param {string} key */
    const toggle = (key) =>
      h(
        "label",
        {},
        h("input", {
          type: "checkbox",
          id: `layer-${key}`,
          checked: !layer.off[key],
          onchange: ({ target }) => {
            const others = Object.keys(layer.off).filter((each) => each && each !== key);
            shell.state.filter({ off: [...others, ...(target.checked ? [] : [key])].join() });
          },
        }),
        t(`tools.layer.${key}`),
      );
    fill(
      box,
      h(
        "details",
        { id: "tool-layers", class: "layers" },
        h("summary", {}, t("tools.layers")),
        ...[
          "ground",
          "names",
          "tiles",
          ...(layer.scene.roads?.length || layer.scene.accesses?.length ? ["transport"] : []),
        ].map(toggle),
      ),
      h("button", { type: "button", id: "tool-measure", onclick: start }, t("tools.measure")),
      h(
        "button",
        {
          type: "button",
          id: "tool-image",
          onclick: () => picture(layer, name).then((done) => say(() => shell.t(done))),
        },
        t("tools.image"),
      ),
      rows
        ? h("button", { type: "button", id: "tool-csv", onclick: () => saveTable(rows(), name) }, t("tools.csv"))
        : null,
      layer.shapes.length
        ? h(
            "button",
            {
              type: "button",
              id: "tool-geojson",
              onclick: () => saveShapes(features ? features() : shapesOf(layer), name),
            },
            t("tools.geojson"),
          )
        : null,
      h("output", { id: "tool-status", class: "soft" }, status()),
    );
  };
  return show;
}

/**
 * Area of a polygon on a sphere of the ellipsoid's area, square metres in words.
 * @param {import("leaflet").LatLng[]} points @param {Lang} lang
 */
function surface(points, lang) {
  const radius = 6_371_007.2;
  /** @param {number} degrees */
  const rad = (degrees) => (degrees * Math.PI) / 180;
  let sum = 0;
  points.forEach((point, n) => {
    const next = points[(n + 1) % points.length];
    sum += rad(next.lng - point.lng) * (2 + Math.sin(rad(point.lat)) + Math.sin(rad(next.lat)));
  });
  const m2 = Math.abs((sum * radius * radius) / 2);
  return m2 >= 10_000 ? `${number(m2 / 10_000, lang, 2)}\u202fha` : area(m2, lang);
}

/**
 * Copy the map as a picture; where the browser refuses, save it.
 * @param {CanvasLayer} layer @param {string} name
 */
async function picture(layer, name) {
  const blob = await new Promise((done) => {
    layer.snapshot().toBlob(done, "image/png");
  });
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
    return "tools.image.done";
  } catch {
    save(blob, `${name}.png`);
    return "tools.image.saved";
  }
}

/**
 * A table that French Excel opens right: semicolons, decimal commas, a byte order mark.
 * @param {Cell[][]} rows @param {Lang} lang
 */
function tableText(rows, lang) {
  /** @param {Cell} value */
  const cell = (value) => {
    const text =
      typeof value === "number" ? String(value).replace(".", lang === "fr" ? "," : ".") : harmless(String(value ?? ""));
    return /[";\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  return `\ufeff${rows.map((row) => row.map(cell).join(";")).join("\r\n")}\r\n`;
}

/** @param {Table} table @param {string} name */
function saveTable({ rows, lang }, name) {
  save(new Blob([tableText(rows, lang)], { type: "text/csv;charset=utf-8" }), `${name}.csv`);
}

/**
 * The real shapes of the map; tiles are no ground and stay out.
 * @param {CanvasLayer} layer @returns {Feature[]}
 */
function shapesOf(layer) {
  return layer.scene.shapes.map(({ key, label }, n) => ({
    type: "Feature",
    properties: { key, label },
    geometry: { type: "MultiPolygon", coordinates: layer.shapes.polygons(n) },
  }));
}

/** @param {Feature[]} features @param {string} name */
function saveShapes(features, name) {
  save(
    new Blob([JSON.stringify({ type: "FeatureCollection", features })], { type: "application/geo+json" }),
    `${name}.geojson`,
  );
}

/** @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
