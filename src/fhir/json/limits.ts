/** Why a text is refused: stable codes, each with the sentence the sender reads. None of them repeats input. */
export const JSON_REFUSALS = {
  'json-encoding': 'The body must be UTF-8 without a byte order mark.',
  'json-syntax': 'The body is not valid JSON (RFC 8259).',
  'json-depth': 'Arrays and objects are nested too deeply.',
  'json-duplicate-key': 'An object has the same key twice.',
  'json-forbidden-key': 'An object has a key that is not allowed: __proto__, constructor or prototype.',
  'json-text': 'A text has a lone surrogate or the character U+0000.',
  'json-number': 'A number is too long or too large.',
  'json-size': 'There are too many keys and elements.',
} as const;

export type JsonRefusal = keyof typeof JSON_REFUSALS;

/** Bounds on one text: nesting levels, keys and elements taken together, characters of one number. */
export interface JsonLimits {
  readonly depth: number;
  readonly members: number;
  readonly numberLength: number;
}

export const JSON_LIMITS: JsonLimits = { depth: 40, members: 250_000, numberLength: 32 };
