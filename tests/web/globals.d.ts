/** folium writes scripts that call Leaflet, and our bundle, by these names; the loader leaves the data here. */
interface Window {
  L: typeof import("leaflet");
  emprise: typeof import("../../gis/maps/assets/src/main.js");
  empriseDrawn: MapData[];
  emprisePage: PageData;
}
