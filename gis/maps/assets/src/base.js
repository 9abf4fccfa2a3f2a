import L from "leaflet";
import { byId, h, link, show } from "./dom.js";

/**
 * The ground of the IGN, asked for by the reader and never under tiles. The policy of the page allows its host only
 * when the address says so as the page opens: asking for it, or leaving it, opens the page again.
 */

const ABOUT = "https://cartes.gouv.fr/";

/** @param {Shell} shell @param {State} state @param {Target} target */
export function makeBase(shell, state, { map, layer }) {
  const ground = shell.page.base;
  const asked = ground ? state.get().base : "";
  if (ground && asked) {
    const tiles = L.tileLayer(ground.tiles, {
      maxNativeZoom: 19,
      maxZoom: 22,
      referrerPolicy: "no-referrer",
      keepBuffer: 1,
    });
    layer.online = true;
    layer.on("drawn", () => {
      const under = !layer.scene.blocks.length;
      if (under !== map.hasLayer(tiles)) map[under ? "addLayer" : "removeLayer"](tiles);
    });
    map.getContainer().classList.add("online");
  }
  /** @param {string} base */
  const open = (base) => {
    state.put({ base });
    location.reload();
  };
  return () => {
    const { t } = shell;
    if (ground && state.get().base !== asked) location.reload();
    const box = byId("base");
    box.hidden = !ground;
    box.classList.toggle("granted", Boolean(asked));
    if (!ground) return;
    show(
      box,
      h(
        "button",
        { type: "button", id: "base-ask", onclick: () => open(asked ? "" : "ign") },
        t(asked ? "base.leave" : "base.ask"),
      ),
      " ",
      ...(asked
        ? [h("strong", {}, t("base.credit"), " ", link(ABOUT, "IGN – Géoplateforme", { lang: "fr" })), " · "]
        : []),
      t(asked ? "base.asking" : "base.would", { host: new URL(ground.host).host }),
      ground.fictional ? ` ${t("base.fictional")}` : "",
    );
  };
}
