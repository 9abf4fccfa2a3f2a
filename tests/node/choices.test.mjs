/** Another published value gives the sums that Python computes for a territory that opens with it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { choiceOf, compute } from "../../gis/maps/assets/src/model.js";

const [{ page }, ...cases] = JSON.parse(readFileSync(new URL("../data/choices_cases.json", import.meta.url), "utf8"));
const claims = new Map(page.claims.map((claim) => [claim.id, claim]));
const near = (one, other) => Math.abs(one - other) < 1e-6;

test("every choice gives the sums of its territory, on every day", () => {
  for (const { variants, sums } of cases)
    for (const { day, rows, ...areas } of sums) {
      const now = compute(page, claims, { day, variants });
      const found = Object.fromEntries(now.rows.map((row) => [row.id, [row.present, row.to_come]]));
      assert.deepEqual(found, rows, `${JSON.stringify(variants)} on ${day}`);
      for (const [name, m2] of Object.entries(areas))
        assert.ok(near(now[name], m2), `${name}: ${now[name]}, not ${m2}: ${JSON.stringify(variants)} on ${day}`);
    }
});

test("what no claim states of a value is not chosen", () => {
  const stated = { chosen: "a", claims: ["a", "b"] };
  assert.equal(choiceOf({ of: "b" }, "of", stated), "b");
  assert.equal(choiceOf({ of: "" }, "of", stated), "");
  assert.equal(choiceOf({ of: "c" }, "of", stated), "a");
  assert.equal(choiceOf({}, "of", stated), "a");
});
