/** Cells of a table that a reader takes away: none is run by a spreadsheet. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { harmless } from "../../gis/maps/assets/src/cells.js";

const cells = JSON.parse(readFileSync(new URL("../data/csv_cells.json", import.meta.url), "utf8"));

test("what a spreadsheet would run is text, and all else is as it was", () => {
  assert.ok(cells.length > 10);
  assert.deepEqual(
    cells.map(([written]) => [written, harmless(written)]),
    cells,
  );
});
