/** folium writes scripts that call Leaflet by its usual name. */
interface Window {
  L: typeof import("leaflet");
}
