import { siteNames } from "./offerfacts.js";
import { UNKNOWN, YES } from "./three_valued.js";

/** What the reader takes away of what is found: a table and shapes. */

/**
 * The offers that were found, a row each; what is not known of some is last.
 * @param {Shell<AvailablePage>} shell @param {Found} found @param {boolean} rooms @returns {Table}
 */
export function table(shell, found, rooms) {
  const { t, lang } = shell;
  const rows = found.rows(YES).concat(found.rows(UNKNOWN));
  /** @type {[string, CellOf<Premises>][]} */
  const ofRooms = [
    ["id", (row) => row.id],
    ["name", (row) => row.name],
    ["floor_m2", (row) => row.floor],
    ["height_m", (row) => row.height],
    ["docks", (row) => row.docks],
    ["rent", (row) => row.price],
  ];
  /** @type {[string, CellOf<Plot>][]} */
  const ofPlots = [
    ["terrains", (row) => row.terrains.join(" + ")],
    ["name", (row) => row.names.join(" + ")],
    ["left_ha", (row) => row.ha],
    ["gross_ha", (row) => row.gross_ha],
    ["width_m", (row) => row.width],
    ["serviced", (row) => t(`word.${row.serviced}`)],
    ["vocation", (row) => row.vocations.join(", ")],
    ["price_low", (row) => row.price[0]],
    ["price_high", (row) => row.price[1]],
    ["owners", (row) => row.owners],
  ];
  /** @type {[string, CellOf][]} */
  const common = [
    ["site", (row) => siteNames(shell, row)],
    ["commune", (row) => row.communes.join(", ")],
    ["answer", (row) => t(found.says(row, UNKNOWN).length ? "available.legend.maybe" : "available.legend.yes")],
    ["power_kw", (row) => row.power],
    ["motorway_km", (row) => row.km.motorway_exit?.[0] ?? null],
    ["latitude", (row) => row.at?.[0] ?? null],
    ["longitude", (row) => row.at?.[1] ?? null],
    ["basis", (row) => t(`basis.${row.basis}`)],
    ["source", (row) => row.sources.map((id) => shell.source(id).name).join(", ")],
  ];
  /** @type {[string, CellOf][]} */
  const own = rooms ? ofRooms : ofPlots;
  const all = [...own, ...common];
  return { lang, rows: [all.map(([key]) => t(`column.${key}`)), ...rows.map((row) => all.map(([, of]) => of(row)))] };
}

/**
 * The plots that were found, as features: a terrain each, with its plot, as parts that touch are no one shape.
 * @param {Shell<AvailablePage>} shell @param {Plot[]} rows @param {CanvasLayer} layer
 * @param {Map<string, number>} shapeOf @returns {Feature[]}
 */
export function features(shell, rows, layer, shapeOf) {
  return rows.flatMap((row) =>
    row.terrains
      .map((id, n) => ({ id, name: row.names[n] }))
      .filter(({ id }) => shapeOf.has(id))
      .map(({ id, name }) => ({
        type: "Feature",
        id,
        properties: {
          terrain_id: id,
          terrain_name: name === id ? "" : name,
          plot_id: row.id,
          sites: siteNames(shell, row),
          communes: row.communes.join("|"),
          available: row.available,
          plot_left_ha: row.ha,
          plot_gross_ha: row.gross_ha,
          serviced: row.serviced,
          price_low_eur_m2: row.price[0],
          price_high_eur_m2: row.price[1],
          motorway_km: row.km.motorway_exit?.[0] ?? null,
          basis: row.basis,
          sources: row.sources.map((source) => shell.source(source).name).join(", "),
        },
        geometry: { type: "MultiPolygon", coordinates: layer.shapes.polygons(/** @type {number} */ (shapeOf.get(id))) },
      })),
  );
}
