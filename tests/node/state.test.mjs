/** The address holds the whole view. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readAddress, writeAddress } from "../../gis/maps/assets/src/state.js";

const FULL = {
  lang: "en",
  theme: "dark",
  day: "2023-07-01",
  selected: "s 1/é&",
  measure: "land",
  base: "ign",
  view: [50.52345, 2.6, 14.25],
  filters: { q: "Béthune & co", min: "2,5", tab: "rooms" },
  variants: { "tenancies/t1/area_m2": "c1", "sites/x/land_ha": "" },
};

test("what is written is read again, whatever it holds", () => {
  assert.deepEqual(readAddress(`#${writeAddress(FULL)}`), FULL);
});

test("nothing chosen is an empty address", () => {
  assert.equal(writeAddress(readAddress("")), "");
});

test("what is no day, no view or no theme is passed over", () => {
  const read = readAddress("#d=2023-02-30&t=pink&map=1,2&l=de");
  assert.deepEqual([read.day, read.theme, read.view, read.lang], ["", "", null, "fr"]);
  assert.equal(readAddress("#map=95,2,10").view, null);
  assert.equal(readAddress("#map=a,b,c").view, null);
});
