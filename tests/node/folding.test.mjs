/** Spellings are compared as Python compares them, on the same cases. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fold, letters } from "../../gis/maps/assets/src/folding.js";

const cases = JSON.parse(readFileSync(new URL("../data/folding_cases.json", import.meta.url), "utf8"));

test("a text is folded as in Python", () => {
  for (const each of cases)
    assert.deepEqual([fold(each.text), letters(each.text)], [each.folded, each.letters], each.text);
});
