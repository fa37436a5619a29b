import type { Definitions } from '../definitions.ts';

const NUMBER_TYPES = new Set(['integer', 'positiveInt', 'unsignedInt', 'decimal']);
const INTEGER_MAX = 2_147_483_647;
const URI_TYPES = new Set(['uri', 'url', 'canonical', 'oid', 'uuid']);
const DATE_TYPES = new Set(['date', 'dateTime', 'instant']);

/** FHIR R4 §datatypes: a text element holds at most 1 MB. */
const MAX_TEXT = 1024 * 1024;

/** What is wrong with the JSON value of a primitive, as what was expected; `undefined` when nothing is. */
export function primitiveFault(value: unknown, type: string, definitions: Definitions): string | undefined {
  if (type === 'boolean') return typeof value === 'boolean' ? undefined : 'expected true or false';
  if (NUMBER_TYPES.has(type)) return numberFault(value, type);
  if (typeof value !== 'string') return `expected text of type ${type}`;
  if (type === 'base64Binary') return isBase64(value) ? undefined : 'expected base64';
  if (value.trim() === '') return 'expected text that is not empty';
  if (value.length > MAX_TEXT) return 'expected at most 1 MB of text';
  if (hasForbiddenControl(value)) return 'expected text without control characters';
  if (type === 'string' || type === 'markdown' || type === 'xhtml') return undefined;
  if (DATE_TYPES.has(type)) return isDate(value, type) ? undefined : `expected a valid ${type}`;
  if (URI_TYPES.has(type)) return isUri(value, type) ? undefined : `expected a valid ${type}`;
  const pattern = definitions.type(type)?.pattern;
  return pattern && !pattern.test(value) ? `expected a valid ${type}` : undefined;
}

function numberFault(value: unknown, type: string): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return `expected a number (${type})`;
  if (type === 'decimal') return undefined;
  const min = type === 'positiveInt' ? 1 : type === 'unsignedInt' ? 0 : -INTEGER_MAX - 1;
  const fits = Number.isInteger(value) && value >= min && value <= INTEGER_MAX;
  return fits ? undefined : `expected a whole number from ${min} to ${INTEGER_MAX}`;
}

const DATE = /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(T.+)?)?)?$/;
const TIME = /^T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)$/;

/** A date, dateTime or instant that exists in the calendar. */
function isDate(text: string, type: string): boolean {
  const match = DATE.exec(text);
  if (!match) return false;
  const [, year, month, day, time] = match;
  if (year === '0000') return false;
  if (day !== undefined && Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return false;
  if (time !== undefined) return type !== 'date' && TIME.test(time);
  return type !== 'instant';
}

const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const OID = /^urn:oid:[0-2](\.(0|[1-9]\d*))+$/;
/** RFC 3986: characters that no URI may hold unescaped, and escapes that are none. FHIR itself writes `|` in canonicals and searches. */
const NOT_URI = /[\s<>"{}\\^`]|%(?![0-9A-Fa-f]{2})/;

function isUri(text: string, type: string): boolean {
  if (NOT_URI.test(text)) return false;
  if (text.startsWith('urn:uuid:')) return type !== 'oid' && UUID.test(text);
  if (text.startsWith('urn:oid:')) return type !== 'uuid' && OID.test(text);
  if (type === 'oid' || type === 'uuid') return false;
  return !/^https?:\/\/(?:[/?#]|$)/i.test(text);
}

/** One pass without backtracking: attachments are large. White space between groups is allowed. */
function isBase64(text: string): boolean {
  let digits = 0;
  let padding = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 32 || code === 10 || code === 13 || code === 9) continue;
    if (code === 61) padding++;
    else if (padding > 0 || !isBase64Digit(code)) return false;
    else digits++;
  }
  return digits > 0 && padding <= 2 && (digits + padding) % 4 === 0;
}

function isBase64Digit(code: number): boolean {
  return (
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    (code >= 48 && code <= 57) ||
    code === 43 ||
    code === 47
  );
}

/** FHIR R4 §string: no characters below 32 other than tab, carriage return and line feed. */
function hasForbiddenControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 32 && code !== 9 && code !== 10 && code !== 13) return true;
  }
  return false;
}
