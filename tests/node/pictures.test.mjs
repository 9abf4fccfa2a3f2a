/** Marks of pictures: as many as the number, each class as long as its part, none twice. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { each, marks } from "../../gis/maps/assets/src/pictures.js";

const long = (drawn, name) =>
  drawn.flatMap(({ slices }) => slices).reduce((sum, [own, from, to]) => sum + (own === name ? to - from : 0), 0);

test("each class is as long as its part, whole or not", () => {
  for (const parts of [
    [
      ["sure", 18],
      ["unknown", 24],
    ],
    [
      ["sure", 19.6],
      ["maybe", 4.17],
    ],
    [
      ["sure", 0.3],
      ["maybe", 0.3],
      ["none", 2.4],
    ],
    [
      ["sure", 0],
      ["maybe", 26],
      ["none", 124],
    ],
  ]) {
    const drawn = marks(parts);
    for (const [name, amount] of parts) assert.ok(Math.abs(long(drawn, name) - amount) < 1e-6, name);
    assert.equal(drawn.length, Math.ceil(parts.reduce((sum, [, amount]) => sum + amount, 0) - 1e-9));
  }
});

test("the slices of a mark follow one another", () => {
  const drawn = marks([
    ["sure", 1.4],
    ["maybe", 0.2],
    ["none", 0.4],
  ]);
  assert.deepEqual(
    drawn[1].slices.map(([name, from, to]) => [name, from.toFixed(1), to.toFixed(1)]),
    [
      ["sure", "0.0", "0.4"],
      ["maybe", "0.4", "0.6"],
      ["none", "0.6", "1.0"],
    ],
  );
});

test("a mark stands for as little as keeps them few", () => {
  assert.deepEqual([7, 190, 823, 3000, 12000].map(each), [1, 1, 10, 100, 100]);
});

test("nothing is no mark", () => {
  assert.deepEqual(marks([]), []);
  assert.deepEqual(marks([["sure", 0]]), []);
});
