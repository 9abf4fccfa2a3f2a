/** The chain of a sum is what the ledger names for all its parts, on the cases that Python recorded. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { chainOf, weakest } from "../../gis/maps/assets/src/chains.js";

const cases = JSON.parse(readFileSync(new URL("../data/sums_cases.json", import.meta.url), "utf8"));

test("a sum names the rows, the basis and the assumptions that the ledger names", () => {
  for (const { of, parts, cited, rows, basis, assumptions } of cases) {
    const found = chainOf(parts, new Map(cited.map((each) => [each.row, each])));
    assert.deepEqual({ ...found, assumptions: [...found.assumptions].sort() }, { rows, basis, assumptions }, of);
  }
});

test("of nothing at all the basis is the weakest", () => {
  assert.equal(weakest([]), "stated");
  assert.equal(weakest(["surveyed", "digitised"]), "digitised");
});
