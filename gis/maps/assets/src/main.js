import L from "leaflet";
import { available } from "./available.js";
import { makeBase } from "./base.js";
import { home } from "./home.js";
import { attach, attached, mapOptions } from "./map.js";
import { showEmpty } from "./panel.js";
import { makePrint } from "./print.js";
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

/** @type {Record<string, PageMaker>} */
const kinds = { available, home, site, territory, zones };

/** Bring a page to life, with the data that `loader.js` has read; the document says when it is `ready`. */
export function start() {
  const page = window.emprisePage;
  const state = makeState();
  const shell = makeShell(page, state);
  const show = kinds[page.kind](shell, state, attached[0]);
  makePrint();
  const base = makeBase(shell, state, attached[0]);
  const all = () => {
    showShell(shell, state);
    show();
    showEmpty(shell, attached[0].layer);
    base();
  };
  state.listen(all);
  all();
  attached[0].follow({ view: state.get().view, moved: (view) => state.put({ view }) });
  document.documentElement.classList.add("ready");
}

export { attach, attached, format, mapOptions, occupancy, tiles };
