import { COMPOSITES, type CompositeType, type DataType, type SimpleType } from './datatypes.ts';
import { unescapeText } from './escape.ts';
import { HL7_LIMITS } from './limits.ts';
import { toFhirTime } from './time.ts';
import type { Charset, Hl7IssueCode, Hl7Value, Separators } from './types.ts';

/** What reading values needs to know, and where it tells what it meets. */
export interface Reader {
  readonly separators: Separators;
  readonly charset: Charset;
  /** The last year that a date may lie in, where it does not say until when something counts. */
  readonly lastYear: number;
  report(code: Hl7IssueCode, path: string, message: string): void;
  /** A value is the HL7 null: it is to be cleared. */
  cleared(path: string): void;
}

/** The HL7 null (HL7 v2 §2.5.3): clear this value. An empty field means something else: no change. */
const NULL = '""';

/** The repetitions of a field as sent, empty ones left out; too many are reported and left. */
export function repetitions(raw: string, path: string, reader: Reader): string[] {
  const all = raw.split(reader.separators.repetition);
  if (all.length > HL7_LIMITS.repetitions) {
    reader.report('hl7-limit', path, `The field has more than ${HL7_LIMITS.repetitions} repetitions.`);
    return [];
  }
  return all;
}

/** One repetition of a field as a value of its type; undefined where it is empty, null, or wrong (then reported). */
export function readValue(raw: string, type: DataType, path: string, reader: Reader): Hl7Value | undefined {
  const { component } = reader.separators;
  if (type === 'text') return readSimple(raw, type, path, reader);
  if (isSimple(type)) return readSimple(first(raw, component), type, path, reader);
  return readComposite(raw, type, component, path, reader);
}

/** Free text as meant: the whole of it, separators that the sender forgot to escape included. */
export const readText = (raw: string, reader: Reader): string => unescapeText(raw, reader.separators, reader.charset);

/** The parts of a composite as sent. Too many are reported. */
export function parts(raw: string, separator: string, path: string, reader: Reader): string[] {
  const all = raw.split(separator);
  if (all.length <= HL7_LIMITS.components) return all;
  reader.report('hl7-limit', path, `There are more than ${HL7_LIMITS.components} components.`);
  return [];
}

function readComposite(
  raw: string,
  type: CompositeType,
  separator: string,
  path: string,
  reader: Reader,
): Hl7Value | undefined {
  if (isNull(raw, path, reader)) return undefined;
  const all = parts(raw, separator, path, reader);
  const value: { [name: string]: Hl7Value } = {};
  for (const [number, name, inner = 'text'] of COMPOSITES[type]) {
    const part = all[number - 1] ?? '';
    if (part === '' || name in value) continue;
    const at = `${path}.${number}`;
    const read = isSimple(inner)
      ? readSimple(part, inner, at, isEnd(name) ? endless(reader) : reader)
      : readComposite(part, inner, reader.separators.subcomponent, at, reader);
    if (read !== undefined) value[name] = read;
  }
  return Object.keys(value).length === 0 ? undefined : value;
}

function readSimple(raw: string, type: SimpleType, path: string, reader: Reader): string | undefined {
  if (raw === '' || isNull(raw, path, reader)) return undefined;
  // A text of nothing but blanks and line ends says nothing, and FHIR has no such texts.
  if (type !== 'time') return readText(raw, reader).trim() === '' ? undefined : readText(raw, reader);
  const time = toFhirTime(raw);
  if (time === undefined)
    reader.report('hl7-date', path, 'A date or time that exists was expected: YYYY[MM[DD[HHMM[SS]]]][+ZZZZ].');
  else if (Number(time.slice(0, 4)) > reader.lastYear) {
    reader.report('hl7-date', path, 'The date lies too far in the future to be meant.');
    return undefined;
  }
  return time;
}

/** Ends of validity are written as far away as can be (`99991231`). */
export const isEnd = (name: string): boolean => /^(?:expiration|end|planEnd)/.test(name);

/** The same reader, for a date that may lie in any year. */
export const endless = (reader: Reader): Reader => ({ ...reader, lastYear: 9_999 });

function isNull(raw: string, path: string, reader: Reader): boolean {
  if (raw !== NULL) return false;
  reader.cleared(path);
  return true;
}

const isSimple = (type: DataType): type is SimpleType => type === 'code' || type === 'text' || type === 'time';

function first(raw: string, separator: string): string {
  const end = raw.indexOf(separator);
  return end === -1 ? raw : raw.slice(0, end);
}
