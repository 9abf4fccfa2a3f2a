/**
 * Letters of names without accents and capitals: the one way in which two spellings are compared. The same as
 * `gis/folding.py`; both are held to `tests/data/folding_cases.json`.
 */

/**
 * A text without accents, capitals and ligatures, with all its other signs.
 * @param {string} text
 */
export function fold(text) {
  const plain = text.normalize("NFKD").toUpperCase().toLowerCase();
  return plain
    .replace(/[\p{Mn}\p{Cf}]/gu, "")
    .replace(/œ/gu, "oe")
    .replace(/æ/gu, "ae")
    .replace(/ς/gu, "σ");
}

/**
 * The letters and digits of a text alone, folded.
 * @param {string} text
 */
export const letters = (text) => fold(text).replace(/[^\p{L}\p{N}]/gu, "");
