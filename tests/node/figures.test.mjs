/** Numbers, dates, spans, bounds and figures are written as Python writes them, on the same cases. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { figureValue } from "../../gis/maps/assets/src/figures.js";
import * as format from "../../gis/maps/assets/src/format.js";

const read = (name) => JSON.parse(readFileSync(new URL(`../data/${name}.json`, import.meta.url), "utf8"));
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

test("figures", () => {
  const [{ words }, ...cases] = read("figure_cases");
  for (const each of cases)
    for (const lang of /** @type {const} */ (["fr", "en"])) {
      const t = (key, values = {}) => fill(words[lang][key], values);
      assert.equal(figureValue({ t, lang }, each), each[lang], JSON.stringify(each));
    }
});

test("numbers, percents and days", () => {
  const cases = read("format_cases");
  for (const [value, digits, fr, en] of cases.number)
    assert.deepEqual([format.number(value, "fr", digits), format.number(value, "en", digits)], [fr, en]);
  for (const kind of ["percent", "date"])
    for (const [value, fr, en] of cases[kind])
      assert.deepEqual([format[kind](value, "fr"), format[kind](value, "en")], [fr, en]);
  for (const [low, high, both] of cases.between) assert.equal(format.between(low, high), both);
});
