// The pages' `fit` on the cases that `gis/measures/fit.py` computed: `node --test tests/node`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fit, plane } from "../../gis/maps/assets/src/fit.js";

const cases = JSON.parse(readFileSync(new URL("../data/fit_cases.json", import.meta.url), "utf8"));

/** Even-odd. */
function inside(rings, [x, y]) {
  let odd = false;
  for (const ring of rings)
    for (let k = 0; k + 3 < ring.length; k += 2) {
      const [x1, y1, x2, y2] = ring.slice(k, k + 4);
      if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) odd = !odd;
    }
  return odd;
}

function distance([x, y], [x1, y1, x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const t = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - x1 - t * dx, y - y1 - t * dy);
}

const sides = (rings) =>
  rings.flatMap((ring) =>
    Array.from({ length: ring.length / 2 - 1 }, (_, k) => Array.from(ring.slice(2 * k, 2 * k + 4))),
  );

for (const { name, rings, a, b, setback, placement } of cases)
  test(`${name}: ${a} × ${b}, setback ${setback}`, () => {
    const found = fit(rings, a, b, { setback });
    assert.equal(found !== null, placement !== null);
    if (!found) return;
    assert.ok(inside(rings, found.centre));
    const edges = found.corners.map((corner, k) => [...corner, ...found.corners[(k + 1) % 4]]);
    for (const side of sides(rings)) {
      const ends = [side.slice(0, 2), side.slice(2)];
      for (const corner of found.corners) assert.ok(distance(corner, side) >= setback - 1e-5);
      for (const edge of edges) for (const end of ends) assert.ok(distance(end, edge) >= setback - 1e-5);
      for (const end of ends) {
        const within = edges.every(([x1, y1, x2, y2]) => (x2 - x1) * (end[1] - y1) - (y2 - y1) * (end[0] - x1) > 1e-3);
        assert.ok(!within, "a corner of the plot is in the rectangle");
      }
    }
  });

test("nearly all places are the same: of two equally roomy ones either may be taken", () => {
  const placed = cases.filter(({ placement }) => placement);
  const same = placed.filter(({ rings, a, b, setback, placement }) => {
    const { centre, angle } = fit(rings, a, b, { setback });
    const away = Math.hypot(centre[0] - placement.centre[0], centre[1] - placement.centre[1]);
    return away < 0.001 && Math.abs(((angle - placement.angle + 270) % 180) - 90) < 0.001;
  });
  assert.ok(same.length > 0.95 * placed.length);
});

test("sizes that are none are refused", () => {
  const [{ rings }] = cases;
  for (const [a, b, options] of [
    [0, 1],
    [1, -1],
    [NaN, 1],
    [1, Infinity],
    [1, 1, { setback: -1 }],
  ])
    assert.throws(() => fit(rings, a, b, options), RangeError);
});

test("a plot of 60 corners takes less than 100 ms", () => {
  const large = cases.filter(({ rings }) => sides(rings).length >= 55);
  assert.ok(large.length > 5);
  const times = large.map(({ rings, a, b, setback }) => {
    const start = performance.now();
    fit(rings, a, b, { setback });
    return performance.now() - start;
  });
  times.sort((p, q) => p - q);
  assert.ok(times[Math.floor(times.length / 2)] < 100, `${times}`);
});

test("a plot that is nearly round takes less than 100 ms, however close it is", () => {
  const round = cases.filter(({ name }) => name.startsWith("round"));
  assert.ok(round.length > 5 && round.every(({ rings }) => sides(rings).length === 200));
  for (const { name, rings, a, b, setback } of round) {
    const times = [0, 1, 2, 3, 4].map(() => {
      const start = performance.now();
      fit(rings, a, b, { setback });
      return performance.now() - start;
    });
    times.sort((p, q) => p - q);
    assert.ok(times[2] < 100, `${name}: ${times}`);
  }
});

test("a plane in metres is true", () => {
  const { to, back } = plane(2.64, 50.53);
  const [x, y] = to(2.65, 50.537);
  assert.ok(Math.hypot(x - 708.939976778, y - 778.723070855) < 0.001); // as PROJ's tmerc has it
  const [lon, lat] = back(x, y);
  assert.ok(Math.hypot(lon - 2.65, lat - 50.537) < 1e-11);
});
