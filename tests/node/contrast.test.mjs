/** What is written on a colour is what Python would write on it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { contrast, inkOn } from "../../gis/maps/assets/src/colours.js";

const cases = JSON.parse(readFileSync(new URL("../data/contrast_cases.json", import.meta.url), "utf8"));

test("the ink of a colour is the one that is read better", () => {
  for (const { colour, ink, on_white } of cases)
    assert.deepEqual([inkOn(colour), Number(contrast(colour, "#ffffff").toFixed(6))], [ink, on_white], colour);
});
