import { encode } from './charset.ts';
import { COMPOSITES, type DataType } from './datatypes.ts';
import { escapeText } from './escape.ts';
import { USUAL_SEPARATORS } from './separators.ts';
import { fromFhirTime } from './time.ts';
import type { Charset, Hl7Issue, Hl7Value } from './types.ts';

/** Where a value that cannot be written is told. */
export interface Writer {
  readonly charset: Charset;
  report(code: Hl7Issue['code'], path: string, message: string): void;
}

/** A value of a field: its repetitions, each by its type. */
export function writeField(value: Hl7Value, type: DataType, path: string, writer: Writer): string {
  const all = Array.isArray(value) ? value : [value];
  return all
    .map((one, index) => writeValue(one, type, all.length > 1 ? `${path}[${index + 1}]` : path, writer))
    .join(USUAL_SEPARATORS.repetition);
}

function writeValue(value: Hl7Value, type: DataType, path: string, writer: Writer): string {
  if (type === 'code' || type === 'text') return writeText(String(value), path, writer);
  if (type === 'time') return writeTime(String(value), path, writer);
  return writeComposite(value, type, USUAL_SEPARATORS.component, path, writer);
}

/** Components up to the last that there is. One within a component is written with subcomponents. */
function writeComposite(
  value: Hl7Value,
  type: Exclude<DataType, 'code' | 'text' | 'time'>,
  separator: string,
  path: string,
  writer: Writer,
): string {
  const json = value as { [name: string]: Hl7Value };
  const parts: string[] = [];
  const written = new Set<string>();
  for (const [number, name, inner = 'text'] of COMPOSITES[type]) {
    const part = json[name];
    if (part === undefined || written.has(name)) continue;
    written.add(name);
    const at = `${path}.${number}`;
    parts[number - 1] =
      inner === 'code' || inner === 'text' || inner === 'time'
        ? writeValue(part, inner, at, writer)
        : writeComposite(part, inner, USUAL_SEPARATORS.subcomponent, at, writer);
  }
  return Array.from(parts, (part) => part ?? '').join(separator);
}

/** The values of an OBX by the type that OBX-2 names (HL7 v2 §7.4.2); another type than the values have is a problem. */
export function writeObservationValues(values: Hl7Value, valueType: string, path: string, writer: Writer): string {
  const all = (Array.isArray(values) ? values : [values]) as { [kind: string]: Hl7Value }[];
  return all.map((one) => writeObservationValue(one, valueType, path, writer)).join(USUAL_SEPARATORS.repetition);
}

const KINDS: { readonly [kind: string]: readonly string[] } = {
  number: ['NM'],
  text: ['ST', 'TX', 'FT'],
  coded: ['CE', 'CWE'],
  dateTime: ['DT', 'TS', 'DTM'],
  data: ['ED'],
};

function writeObservationValue(
  value: { [kind: string]: Hl7Value },
  valueType: string,
  path: string,
  writer: Writer,
): string {
  const [kind = '', ...more] = Object.keys(value);
  const one = value[kind];
  if (one === undefined || more.length > 0 || !KINDS[kind]?.includes(valueType)) {
    writer.report('hl7-value-type', path, 'One value of the type that OBX-2 names was expected.');
    return '';
  }
  if (kind === 'number') return writeNumber(one, path, writer);
  if (kind === 'coded') return writeValue(one, 'CE', path, writer);
  if (kind === 'dateTime') return writeTime(String(one), path, writer);
  if (kind === 'text') return writeText(String(one), path, writer);
  const data = one as { [name: string]: Hl7Value };
  const names = ['sourceApplication', 'type', 'subtype', 'encoding', 'data'];
  return names
    .map((name) => (data[name] === undefined ? '' : writeText(String(data[name]), path, writer)))
    .join(USUAL_SEPARATORS.component);
}

/** NM has no exponent. */
function writeNumber(value: Hl7Value, path: string, writer: Writer): string {
  const text = String(value);
  if (/^-?\d+(\.\d+)?$/.test(text)) return text;
  writer.report('hl7-number', path, 'A number that is written without an exponent was expected.');
  return '';
}

function writeTime(value: string, path: string, writer: Writer): string {
  const time = fromFhirTime(value);
  if (time === undefined)
    writer.report('hl7-date', path, 'A date or time of at most four decimals of a second was expected.');
  return time ?? '';
}

/** Two double quotes alone are the HL7 null (delete this value): nothing that was written means that. */
function writeText(text: string, path: string, writer: Writer): string {
  if (text === '""') {
    writer.report('hl7-value-type', path, 'Two double quotes would mean: delete this value.');
    return '';
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text)) {
    writer.report('hl7-control-character', path, 'Control characters have no place in a message.');
    return '';
  }
  const escaped = escapeText(text, USUAL_SEPARATORS);
  if (isEncodable(escaped, writer)) return escaped;
  writer.report('hl7-charset', path, `The character set ${writer.charset} lacks a character of this value.`);
  return '';
}

const isEncodable = (text: string, { charset }: Writer): boolean =>
  text.isWellFormed() &&
  (charset === 'UNICODE UTF-8' ||
    Array.from(text).every((character) => character === '?' || encode(character, charset)[0] !== 0x3f));
