import { HL7_LIMITS } from './limits.ts';
import { readSegment } from './segment.ts';
import type { Hl7Segment, Hl7Value, RawSegment } from './types.ts';
import { parts, type Reader, readText, readValue, repetitions } from './value.ts';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;

/** More digits than a JSON number keeps exactly. */
const DIGITS = 15;

/**
 * An OBX with its `values`: OBX-5 read by the type that OBX-2 names (HL7 v2 §7.4.2), one object per repetition:
 * `{number}`, `{text}`, `{coded}`, `{dateTime}` or `{data}`. A structured numeric (SN) is a text such as `>100`. Where a
 * text is nothing but a number with or without a comparator and OBX-6 gives its unit (many Dutch laboratories send
 * numbers so), `quantity` stands beside it. A type that is not read is a problem, never a guess.
 */
export function readObservation(raw: RawSegment, path: string, reader: Reader): Hl7Segment {
  const segment = readSegment(raw, path, reader);
  const sent = raw.fields[5] ?? '';
  if (sent === '') return segment;
  if (segment.valueType === undefined) {
    reader.report('hl7-required', `${path}-2`, 'A value needs its type.');
    return segment;
  }
  const read = READERS.get(String(segment.valueType));
  if (!read) {
    reader.report('hl7-value-type', `${path}-2`, `One of ${[...READERS.keys()].join(', ')} was expected.`);
    return segment;
  }
  const at = `${path}-5`;
  const all = repetitions(sent, at, reader);
  const values = all.flatMap((one, index) => {
    if (one === '') return [];
    const where = all.length > 1 ? `${at}[${index + 1}]` : at;
    if (one !== '""') return measured(read(one, where, reader), segment.units !== undefined) ?? [];
    reader.cleared(where);
    return [];
  });
  if (values.length > 0) segment.values = values;
  return segment;
}

const MEASURED = /^(<=|>=|<|>)?(\d+(?:\.\d+)?)$/;

function measured(value: { [kind: string]: Hl7Value } | undefined, hasUnit: boolean) {
  if (!hasUnit || typeof value?.text !== 'string') return value;
  const [, comparator, digits] = MEASURED.exec(value.text.trim()) ?? [];
  if (digits === undefined || digits.replace(/\D/g, '').length > DIGITS) return value;
  return { ...value, quantity: { ...(comparator && { comparator }), number: Number(digits) } };
}

type ReadOne = (raw: string, path: string, reader: Reader) => { [kind: string]: Hl7Value } | undefined;

const text: ReadOne = (raw, path, reader) => {
  const value = readValue(raw, 'text', path, reader);
  return value === undefined ? undefined : { text: value };
};

const coded: ReadOne = (raw, path, reader) => {
  const value = readValue(raw, 'CE', path, reader);
  return value === undefined ? undefined : { coded: value };
};

const dateTime: ReadOne = (raw, path, reader) => {
  const value = readValue(raw, 'time', path, reader);
  return value === undefined ? undefined : { dateTime: value };
};

const number: ReadOne = (raw, path, reader) => {
  const digits = raw.trim();
  if (NUMBER.test(digits) && digits.replace(/\D/g, '').replace(/^0+/, '').length <= DIGITS)
    return { number: Number(digits) };
  reader.report('hl7-number', path, `A number of at most ${DIGITS} digits with a decimal point was expected.`);
  return undefined;
};

const structuredNumber: ReadOne = (raw, path, reader) => {
  const [comparator = '', one = '', separator = '', two = ''] = parts(raw, reader.separators.component, path, reader);
  return { text: readText(comparator + one + separator + two, reader) };
};

const data: ReadOne = (raw, path, reader) => {
  const names = ['sourceApplication', 'type', 'subtype', 'encoding', 'data'];
  const sent = parts(raw, reader.separators.component, path, reader);
  const present = names.flatMap((name, index) => {
    const part = sent[index] ?? '';
    return part === '' ? [] : [[name, readText(part, reader)] as const];
  });
  if (present.length === 0) return undefined;
  const document: { [name: string]: string } = Object.fromEntries(present);
  const problem = attachmentProblem(document);
  if (!problem) return { data: document };
  reader.report('hl7-attachment', path, problem);
  return undefined;
};

/** What is wrong with an embedded document: it must be whole Base64 and no larger than a letter can be. */
function attachmentProblem({ encoding, data = '' }: { [name: string]: string }): string | undefined {
  if (encoding?.toLowerCase() !== 'base64') return 'The encoding of a document (component 4) must be Base64.';
  if (data.length > (HL7_LIMITS.attachment / 3) * 4) return `A document may hold ${HL7_LIMITS.attachment} bytes.`;
  return data.length % 4 === 0 && BASE64.test(data) ? undefined : 'The document (component 5) is not whole Base64.';
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

const READERS: ReadonlyMap<string, ReadOne> = new Map([
  ['NM', number],
  ['SN', structuredNumber],
  ['ST', text],
  ['TX', text],
  ['FT', text],
  ['ID', text],
  ['IS', text],
  ['SI', text],
  ['TM', text],
  ['CE', coded],
  ['CWE', coded],
  ['CNE', coded],
  ['CF', coded],
  ['DT', dateTime],
  ['TS', dateTime],
  ['DTM', dateTime],
  ['ED', data],
]);
