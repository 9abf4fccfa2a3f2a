import L from "leaflet";
import { CanvasLayer } from "./canvas.js";

/** Width and height of a map on A4 paper, and how many dots of it are in a pixel. */
const PAPER = ["690px", "338px"];
const DENSE = 3;

/** The maps of this document, in order. */
export const attached = /** @type {Target[]} */ ([]);

const reducedMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

export function mapOptions() {
  return {
    attributionControl: false,
    zoomSnap: 0,
    zoomDelta: 1,
    minZoom: 8,
    maxZoom: 20,
    zoomAnimation: !reducedMotion(),
    fadeAnimation: false,
  };
}

/**
 * Put our layer on a Leaflet map; it looks at what the layer shows when the scripts that are running have done.
 * @param {LeafletMap} map @param {MapData} data
 */
export function attach(map, data) {
  const layer = new CanvasLayer(data);
  const box = map.getContainer();
  const size = () => `${box.clientWidth} ${box.clientHeight}`;
  let looked = "";
  /** @type {{center: import("leaflet").LatLng, zoom: number} | null} */
  let home = null;
  const look = () => {
    looked = size();
    map.invalidateSize({ animate: false });
    const shown = layer.home();
    if (!shown.isValid()) map.setView([0, 0], 12, { animate: false });
    else map.fitBounds(shown, { paddingTopLeft: [56, 28], paddingBottomRight: [28, 28], animate: false });
    home = { center: map.getCenter(), zoom: map.getZoom() };
  };
  queueMicrotask(look);
  layer.addTo(map);
  L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
  let touched = false;
  box.addEventListener("pointerdown", () => (touched = true));
  box.addEventListener("keydown", () => (touched = true));
  box.addEventListener("wheel", () => (touched = true), { passive: true });
  new ResizeObserver(() => {
    if (touched) map.invalidateSize({ animate: false });
    else if (size() !== looked) look();
  }).observe(box);
  /** @type {{bounds: import("leaflet").LatLngBounds, center: import("leaflet").LatLng, zoom: number} | null} */
  let kept = null;
  window.addEventListener("beforeprint", () => {
    const [center, zoom] = [map.getCenter(), map.getZoom()];
    const moved = touched || !home || zoom !== home.zoom || !center.equals(home.center);
    kept = moved ? { bounds: map.getBounds(), center, zoom } : null;
    [box.style.width, box.style.height] = PAPER;
    layer.dense = DENSE;
    look();
    if (kept) map.fitBounds(kept.bounds, { animate: false });
    layer._update();
    layer._draw();
  });
  window.addEventListener("afterprint", () => {
    [box.style.width, box.style.height] = ["", ""];
    layer.dense = 0;
    look();
    if (kept) map.setView(kept.center, kept.zoom, { animate: false });
    layer._update();
  });
  /**
   * Show a view that the reader came with, and tell of every view that the reader makes.
   * @param {Parameters<Target["follow"]>[0]} given
   */
  const follow = ({ view, moved }) => {
    if (view) {
      touched = true;
      queueMicrotask(() => map.setView([view[0], view[1]], view[2], { animate: false }));
    }
    map.on("moveend", () => {
      const { lat, lng } = map.getCenter();
      if (touched) moved([lat, lng, map.getZoom()]);
    });
  };
  attached.push({ map, layer, look, follow });
  return layer;
}
