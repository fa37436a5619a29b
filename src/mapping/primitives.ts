import type { Definitions } from '../fhir/definitions.ts';
import { tidy } from '../fhir/path/operators.ts';

const NUMBERS = new Set(['integer', 'positiveInt', 'unsignedInt', 'decimal']);

/** True for FHIR's primitive types. */
export function isPrimitive(definitions: Definitions, type: string): boolean {
  return definitions.type(type)?.kind === 'primitive-type';
}

/** True for the primitive types whose JSON is a text, any text. */
export const isText = (definitions: Definitions, type: string): boolean =>
  isPrimitive(definitions, type) && type !== 'boolean' && !NUMBERS.has(type);

/**
 * A JSON scalar as a value of a FHIR primitive type, or `undefined` where that would be a guess: text becomes a number or
 * boolean only when it is exactly one, a number becomes text, a decimal never becomes an integer.
 */
export function toPrimitive(value: unknown, type: string): string | number | boolean | undefined {
  if (type === 'boolean') {
    if (typeof value === 'boolean') return value;
    return value === 'true' ? true : value === 'false' ? false : undefined;
  }
  if (NUMBERS.has(type)) {
    const number = typeof value === 'string' && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
    if (type !== 'decimal' && !Number.isInteger(number)) return undefined;
    if ((type === 'positiveInt' && number < 1) || (type === 'unsignedInt' && number < 0)) return undefined;
    return tidy(number);
  }
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

const LEXICAL: Record<string, RegExp> = {
  date: /^\d{4}(-\d{2}(-\d{2})?)?$/,
  dateTime: /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?$/,
  instant: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/,
  time: /^\d{2}:\d{2}:\d{2}(\.\d+)?$/,
  uuid: /^urn:uuid:[0-9a-f-]{36}$/,
  oid: /^urn:oid:[0-2](\.(0|[1-9]\d*))+$/,
};

/** True when the text has the form of the type (dates, times, identifiers); other text types take any text. */
export function fitsForm(value: unknown, type: string): boolean {
  const form = LEXICAL[type];
  return !form || (typeof value === 'string' && form.test(value));
}

/**
 * Casts a scalar to a primitive type on the map's explicit word (`cast(v, 'type')`): a dateTime gives its date, a date
 * stands as a dateTime of day precision. `undefined` where the value has no such form.
 */
export function castPrimitive(value: unknown, type: string): string | number | boolean | undefined {
  const converted = toPrimitive(value, type);
  if (typeof converted !== 'string') return converted;
  const text = type === 'date' && converted.includes('T') ? converted.slice(0, 10) : converted;
  return fitsForm(text, type) ? text : undefined;
}

/** The type among `allowed` that a scalar of an untyped source naturally has, in the order of its definition. */
export function naturalType(value: unknown, allowed: string[]): string | undefined {
  const preferred =
    typeof value === 'boolean'
      ? ['boolean']
      : typeof value === 'number'
        ? Number.isInteger(value)
          ? ['integer', 'decimal', 'positiveInt', 'unsignedInt']
          : ['decimal']
        : typeof value === 'string'
          ? ['string', 'markdown']
          : [];
  const natural = preferred.find((type) => allowed.includes(type));
  if (natural || typeof value !== 'string') return natural;
  const formed = allowed.filter((type) => LEXICAL[type]);
  return formed.find((type) => fitsForm(value, type)) ?? allowed.find((type) => ['uri', 'code', 'id'].includes(type));
}
