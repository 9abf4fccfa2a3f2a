import { every } from "./dom.js";

/** What is folded on the screen and told on paper: the sources, and the working behind the large number. */
const TOLD = "#cited, #working";

/** Print in light colours, with what must be told unfolded, and put the page back as it was. */
export function makePrint() {
  const root = document.documentElement;
  /** @type {string | undefined} */
  let theme;
  /** @type {HTMLDetailsElement[]} */
  let unfolded = [];
  window.addEventListener(
    "beforeprint",
    () => {
      theme = root.dataset.theme;
      root.dataset.theme = "light";
      unfolded = every(TOLD).flatMap((each) => (each instanceof HTMLDetailsElement && !each.open ? [each] : []));
      for (const each of unfolded) each.open = true;
    },
    { capture: true }, // before the maps draw
  );
  window.addEventListener(
    "afterprint",
    () => {
      if (theme === undefined) delete root.dataset.theme;
      else root.dataset.theme = theme;
      for (const each of unfolded) each.open = false;
    },
    { capture: true },
  );
}
