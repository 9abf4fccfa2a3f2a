/** Measures of zones: classes that round well, sums of falls, nothing where nothing is known. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { MEASURES, classes, fallOf, measured, sharedBy } from "../../gis/maps/assets/src/measures.js";

const zone = (changes = {}) => ({
  land_ha: null,
  jobs: null,
  held: [],
  fall: [],
  vacancy: [null, null],
  premises: null,
  legal: null,
  ...changes,
});

test("a zone of which nothing is known has no measure", () => {
  for (const { of } of Object.values(MEASURES)) assert.equal(of(zone()), null);
  assert.deepEqual(measured([zone()]), []);
});

test("jobs per hectare need both", () => {
  assert.equal(MEASURES.density.of(zone({ jobs: 10 })), null);
  assert.deepEqual(MEASURES.density.of(zone({ jobs: 10, land_ha: 4 })), [2.5, 2.5]);
});

test("a zone without a rate says so, and is not zero", () => {
  assert.equal(MEASURES.legal.of(zone({ legal: { rate: null, why: "shape_not_published" } })), null);
  assert.deepEqual(MEASURES.legal.of(zone({ legal: { rate: [0, 0.5] } })), [0, 0.5]);
});

test("classes are few, ascending, round, and none is empty below", () => {
  const limits = classes([1, 2, 3, 4, 50, 60, 700]);
  assert.ok(limits.length <= 3);
  assert.deepEqual(
    [...limits].sort((a, b) => a - b),
    limits,
  );
  assert.ok(limits.every((limit) => limit > 1 && limit <= 700));
  assert.deepEqual(classes([5]), []);
  assert.deepEqual(classes([]), []);
});

test("falls add up step by step, and zones without one are passed over", () => {
  const fall = (n) => ["gross", "useful"].map((step) => ({ step, ha: [n, 0, 0, n, n] }));
  assert.deepEqual(
    fallOf([zone({ fall: fall(1) }), zone(), zone({ fall: fall(2) })]).map(({ ha }) => ha[4]),
    [3, 3],
  );
  assert.deepEqual(fallOf([zone()]), []);
});

test("ground that two zones share is in the most of their sum, and once at most in the least", () => {
  const named = (id, ha) =>
    zone({
      id,
      fall: [
        { step: "gross", ha: [ha, 0, 0, ha, ha] },
        { step: "useful", ha: [1, 0, 0, 1, 2] },
      ],
    });
  const [a, b, c] = [named("a", 6), named("b", 5), named("c", 1)];
  const shared = [["a", "b", 3]];
  const bounds = (zones) => fallOf(zones, shared).map(({ ha }) => ha.slice(3));
  assert.deepEqual(bounds([a, b, c]), [
    [9, 12],
    [1, 6],
  ]);
  assert.deepEqual(bounds([a, c]), [
    [7, 7],
    [2, 4],
  ]);
  assert.deepEqual(bounds([a, b]), [
    [8, 11],
    [1, 4],
  ]);
  assert.equal(sharedBy([a, c], shared), 0);
  assert.equal(sharedBy([a, b], shared), 3);
});
