import L from "leaflet";
import { available } from "./available.js";
import { byId } from "./dom.js";
import { home } from "./home.js";
import { attach, attached, mapOptions } from "./map.js";
import { showShell, makeShell } from "./shell.js";
import { site } from "./site.js";
import { makeState } from "./state.js";
import { territory } from "./territory.js";
import { zones } from "./zones.js";
import * as format from "./format.js";
import * as occupancy from "./occupancy.js";
import * as tiles from "./tiles.js";

// folium writes scripts that call Leaflet by its usual name.
window.L = L;

const kinds = { available, home, site, territory, zones };

let data = null;

/** What the page carries, read once. */
export function page() {
  data ??= JSON.parse(byId("page-data").textContent);
  return data;
}

/** Bring a page to life. */
export function start() {
  const state = makeState();
  const shell = makeShell(page(), state);
  shell.target = attached[0];
  const show = kinds[page().kind](shell, state, attached[0]);
  const all = () => {
    showShell(shell, state);
    show();
  };
  state.listen(all);
  all();
  attached[0].follow({ view: state.get().view, moved: (view) => state.put({ view }) });
}

export { attach, attached, format, mapOptions, occupancy, tiles };
