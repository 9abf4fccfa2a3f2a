/**
 * An answer of three values, as `gis.schemas.Answer` writes it and every page carries it: nothing unknown is ever read
 * as no.
 */

/** @type {Answer} */
export const YES = "oui";
/** @type {Answer} */
export const NO = "non";
/** @type {Answer} */
export const UNKNOWN = "inconnu";

/**
 * Join answers: a no decides, then an unknown.
 * @param {Answer[]} answers
 * @returns {Answer}
 */
export const every = (answers) => (answers.includes(NO) ? NO : answers.includes(UNKNOWN) ? UNKNOWN : YES);

/**
 * The answer to a question of which `null` is what nobody knows.
 * @param {boolean | null} holds
 * @returns {Answer}
 */
export const answerOf = (holds) => (holds === null ? UNKNOWN : holds ? YES : NO);
