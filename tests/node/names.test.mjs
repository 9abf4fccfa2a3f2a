/** Who is not named is said in the language of the page. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { named, namesOf } from "../../gis/maps/assets/src/names.js";

const words = {
  fr: { "named.sole_trader": "entreprise individuelle", "named.withheld": "non diffusé" },
  en: { "named.sole_trader": "sole trader", "named.withheld": "withheld" },
};
const shell = (lang) => ({ lang, page: { words }, t: (key) => words[lang][key] });

test("a person and a text that is withheld are said in the language of the page, a name as it is", () => {
  const said = (lang) => ["entreprise individuelle", "non diffusé", "Algues"].map((name) => named(shell(lang), name));
  assert.deepEqual(said("fr"), ["entreprise individuelle", "non diffusé", "Algues"]);
  assert.deepEqual(said("en"), ["sole trader", "withheld", "Algues"]);
});

test("several persons are named once in a list", () => {
  const rows = ["Algues", "entreprise individuelle", "entreprise individuelle"].map((occupant) => ({ occupant }));
  assert.equal(namesOf(shell("en"), rows), "Algues, sole trader");
});
