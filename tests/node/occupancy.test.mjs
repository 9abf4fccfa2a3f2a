/** Who holds a site on a day: looked up in the steps that Python shipped, and added up as Python adds. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { toDay } from "../../gis/maps/assets/src/format.js";
import { ALL, IN_PLACE, attributed, neededBase, onDay } from "../../gis/maps/assets/src/occupancy.js";

const cases = JSON.parse(readFileSync(new URL("../data/occupancy_cases.json", import.meta.url), "utf8"));

test("a day gives what the measure gives", () => {
  for (const { tenancies, day, present, in_place_m2, with_m2 } of cases) {
    const rows = tenancies.map((tenancy) => onDay(tenancy, toDay(day)));
    assert.deepEqual(Object.fromEntries(rows.map((row) => [row.id, row.present])), present, day);
    assert.deepEqual([attributed(rows, IN_PLACE), attributed(rows, ALL)], [in_place_m2, with_m2], day);
  }
});

test("a tenancy is ahead before its first day alone", () => {
  const tenancy = {
    steps: [
      [null, "non"],
      ["2020-01-01", "oui"],
      ["2021-01-01", "non"],
    ],
    area_m2: [1, 1],
  };
  const days = ["2019-12-31", "2020-01-01", "2020-12-31", "2021-01-01"];
  assert.deepEqual(
    days.map((day) => onDay(tenancy, toDay(day))).map(({ present, ahead }) => [present, ahead]),
    [
      ["non", true],
      ["oui", false],
      ["oui", false],
      ["non", false],
    ],
  );
});

test("no base is needed for nothing, nor for a share of nothing", () => {
  assert.equal(neededBase(0, [59.5, 60.5]), null);
  assert.equal(neededBase(100, [0, 0.5]), null);
  assert.deepEqual(neededBase(100, [50, 100]), [100, 200]);
});
