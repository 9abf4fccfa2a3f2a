/** The pure parts of the investor's page: what is asked, what remains, and why the rest does not. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asked,
  countWith,
  histogram,
  isUnread,
  plotCriteria,
  rectangle,
  roomCriteria,
  search,
} from "../../gis/maps/assets/src/criteria.js";
import { every } from "../../gis/maps/assets/src/three_valued.js";

const sites = { a: { networks: { gas: "oui", fibre: "inconnu" } }, b: { networks: { gas: "non", fibre: "oui" } } };
const plot = (id, changes = {}) => ({
  id,
  available: "oui",
  ha: 2,
  serviced: "oui",
  sites: ["a"],
  meant_for: ["industrie"],
  in: [{ X: "oui" }, "non"],
  price: [20, 30],
  power: 100,
  km: { motorway_exit: [1.5, true, ""] },
  ...changes,
});
const setting = { sites, placed: () => ({ angle: 0 }) };

test("a no decides, then an unknown", () => {
  assert.equal(every(["oui", "inconnu", "non"]), "non");
  assert.equal(every(["oui", "inconnu"]), "inconnu");
  assert.equal(every([]), "oui");
});

test("a number is read with a comma or a point; anything else asks nothing", () => {
  assert.deepEqual(
    ["3", "2,5", " 2.5 ", ",5", "7,", "1 200", "12\u202f500,5"].map(asked),
    [3, 2.5, 2.5, 0.5, 7, 1200, 12500.5],
  );
  assert.deepEqual(
    ["", undefined, "abc", "-1", "1e3", "0x10", "Infinity", "1.234,5", "12 ha", "1 2"].map(asked),
    Array(10).fill(null),
  );
});

test("what is no number is told from nothing", () => {
  assert.deepEqual(["abc", "-1", "12 ha"].map(isUnread), [true, true, true]);
  assert.deepEqual(["", "  ", undefined, "3", "0"].map(isUnread), [false, false, false, false, false]);
});

test("nothing unknown is ever read as no", () => {
  const rows = [
    plot("known"),
    plot("silent", { ha: null, power: null, price: [null, null], km: {}, meant_for: [], serviced: "inconnu" }),
  ];
  for (const filters of [
    { min: "1" },
    { kw: "50" },
    { price: "40" },
    { km: "2" },
    { voc: "industrie" },
    { serv: "1" },
    { net: "fibre" },
  ]) {
    const found = search(rows, plotCriteria(filters, setting));
    assert.ok(!found.rows("non").some((row) => row.id === "silent"), JSON.stringify(filters));
    assert.ok(
      found.rows("inconnu").some((row) => row.id === "silent"),
      JSON.stringify(filters),
    );
  }
});

test("each criterion eliminates what it should, alone and in turn", () => {
  const rows = [
    plot("good"),
    plot("small", { ha: 0.5 }),
    plot("small and far", { ha: 0.5, km: { motorway_exit: [9, true, ""] } }),
    plot("far", { km: { motorway_exit: [9, true, ""] } }),
  ];
  const found = search(rows, plotCriteria({ min: "1", km: "2" }, setting));
  assert.deepEqual(
    found.rows("oui").map((row) => row.id),
    ["good"],
  );
  const [, ha, km] = found.eliminations;
  assert.deepEqual([ha.alone, ha.inSequence, km.alone, km.inSequence], [2, 2, 2, 1]);
  assert.deepEqual(found.says(rows[2], "non"), ["ha", "motorway_exit"]);
  assert.equal(
    found.eliminations.reduce((sum, each) => sum + each.inSequence, 0),
    rows.length - 1,
  );
});

test("a network must be in every site of a plot", () => {
  const found = search([plot("both", { sites: ["a", "b"] })], plotCriteria({ net: "gas" }, setting));
  assert.equal(found.rows("non").length, 1);
});

test("the price asked is kept by the dearest part", () => {
  assert.equal(search([plot("p")], plotCriteria({ price: "25" }, setting)).rows("non").length, 1);
});

test("words that hold a comma are one word", () => {
  const found = search(
    [plot("p", { meant_for: ["entrepôts, logistique"] }), plot("q")],
    plotCriteria({ voc: "entrepôts, logistique" }, setting),
  );
  assert.deepEqual(
    found.rows("oui").map((row) => row.id),
    ["p"],
  );
  assert.equal(
    search([plot("r")], plotCriteria({ voc: "entrepôts, logistique|industrie" }, setting)).rows("oui").length,
    1,
  );
});

test("a rectangle needs both sides", () => {
  assert.equal(rectangle({ a: "10" }), null);
  assert.deepEqual(rectangle({ a: "10", b: "5,5" }), { a: 10, b: 5.5, setback: 0 });
});

test("a rectangle that was not tried yet is unknown", () => {
  const found = search([plot("p")], plotCriteria({ a: "10", b: "5" }, { sites, placed: () => undefined }));
  assert.equal(found.rows("inconnu").length, 1);
});

test("what would remain is counted before one clicks", () => {
  const rows = [plot("x"), plot("y", { in: [{ Y: "oui" }, "non"] })];
  assert.equal(
    countWith(rows, (filters) => plotCriteria(filters, setting), { commune: "Y" }),
    1,
  );
});

test("premises are asked for their floor, height and docks", () => {
  const room = {
    id: "r",
    available: "oui",
    floor: 500,
    height: null,
    docks: 0,
    sites: ["a"],
    in: [{ X: "oui" }, "non"],
    price: null,
    power: null,
    km: {},
  };
  const ask = (filters) =>
    ["oui", "inconnu", "non"].find((answer) => search([room], roomCriteria(filters, { sites })).rows(answer).length);
  assert.equal(ask({ floor: "500" }), "oui");
  assert.equal(ask({ floor: "501" }), "non");
  assert.equal(ask({ h: "8" }), "inconnu");
  assert.equal(ask({ docks: "1" }), "non");
});

test("bars count what remains by size, of it what is of the size asked, and what is silent apart", () => {
  const rows = [
    plot("a", { ha: 0.2 }),
    plot("b", { ha: 1 }),
    plot("c", { ha: 1.9 }),
    plot("d", { ha: 30 }),
    plot("e", { ha: 1.5, in: [{ Y: "oui" }, "non"] }),
    plot("f", { ha: null }),
    plot("g", { available: "inconnu" }),
  ];
  const criteriaOf = (filters) => plotCriteria(filters, setting);
  const size = { of: (row) => row.ha, keys: ["min", "max"], limits: [0, 1, 2] };
  const counts = (filters) =>
    histogram(rows, criteriaOf, filters, size).bars.map(({ count, within }) => [count, within]);
  assert.deepEqual(counts({}), [
    [1, 1],
    [3, 3],
    [1, 1],
  ]);
  assert.deepEqual(counts({ min: "1,6" }), [
    [1, 0],
    [3, 1],
    [1, 1],
  ]);
  assert.deepEqual(counts({ max: "1.9", commune: "X" }), [
    [1, 1],
    [2, 2],
    [1, 0],
  ]);
  assert.equal(histogram(rows, criteriaOf, { min: "1" }, size).silent, 1);
  assert.deepEqual(
    histogram(rows, criteriaOf, {}, size).bars.map(({ from, to }) => [from, to]),
    [
      [0, 1],
      [1, 2],
      [2, null],
    ],
  );
});
