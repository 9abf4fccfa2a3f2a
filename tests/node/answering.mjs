/** Answer what a page would: `{plots, rooms, sites, asked: [[tab, filters]]}` on stdin, answers by key on stdout. */

import { readFileSync } from "node:fs";
import { plotCriteria, roomCriteria, search } from "../../gis/maps/assets/src/criteria.js";

const { plots, rooms, sites, asked } = JSON.parse(readFileSync(0, "utf8"));
const answers = asked.map(([tab, filters]) => {
  const [rows, criteria] = tab === "rooms" ? [rooms, roomCriteria] : [plots, plotCriteria];
  const found = search(rows, criteria(filters, { sites, placed: () => undefined }));
  return Object.fromEntries(
    ["oui", "inconnu", "non"].flatMap((answer) => found.rows(answer).map((row) => [row.id, answer])),
  );
});
process.stdout.write(JSON.stringify(answers));
