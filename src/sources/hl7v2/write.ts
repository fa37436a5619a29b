import { encode } from './charset.ts';
import { SEGMENTS } from './fields.ts';
import { USUAL_SEPARATORS } from './separators.ts';
import type { Charset, Hl7Issue, Hl7Message, Hl7Segment, Hl7Value } from './types.ts';
import { type Writer, writeField, writeObservationValues } from './write-value.ts';

export type Hl7Writing = { ok: true; bytes: Buffer } | { ok: false; issues: Hl7Issue[] };

/** Segments of a message in the order in which they are sent (HL7 v2.5.1 chapters 3, 7, 9, 10, 11); orders and observations follow. */
const ORDER = ['EVN', 'PID', 'PD1', 'NK1', 'PV1', 'PV2', 'AL1', 'DG1', 'TXA', 'RF1', 'PRD'];

/**
 * The named structure (that of the reader) → the bytes of one message, each segment ended by a carriage return, in the character set that MSH-18 is to name.
 * Nothing is cut or replaced to make it fit: what the character set, a time or a field cannot hold is a problem.
 */
export function writeHl7(message: Hl7Message, charset: Charset): Hl7Writing {
  const issues: Hl7Issue[] = [];
  const writer: Writer = { charset, report: (code, path, text) => void issues.push({ code, path, message: text }) };
  const lines = [header(message.MSH, writer)];
  const numbers = new Map<string, number>();
  const add = (name: string, segment: Hl7Segment | undefined): void => {
    if (!segment) return;
    const number = (numbers.get(name) ?? 0) + 1;
    numbers.set(name, number);
    lines.push(writeSegment(name, segment, `${name}[${number}]`, writer));
  };
  // Set ids count within what they stand in, where nobody gave them.
  const addAll = (name: string, segments: Hl7Value | undefined): void => {
    for (const [index, segment] of asList(segments).entries()) {
      add(name, NUMBERED.has(name) ? { setId: String(index + 1), ...segment } : segment);
      if (name === 'OBX') addAll('NTE', segment.NTE);
    }
  };
  for (const name of ORDER) addAll(name, message[name] as Hl7Value | undefined);
  for (const [index, order] of (message.orders ?? []).entries()) {
    add('ORC', order.ORC);
    add('OBR', order.OBR && { setId: String(index + 1), ...order.OBR });
    addAll('NTE', order.NTE);
    addAll('OBX', order.OBX);
  }
  addAll('OBX', message.OBX as Hl7Value | undefined);
  addAll('NTE', message.NTE as Hl7Value | undefined);
  if (issues.length > 0) return { ok: false, issues };
  return { ok: true, bytes: encode(lines.map((line) => `${line}\r`).join(''), charset) };
}

/** Segments whose first field is their number. */
const NUMBERED = new Set(['PID', 'NK1', 'PV1', 'AL1', 'DG1', 'TXA', 'OBX', 'NTE']);

const asList = (value: Hl7Value | undefined): Hl7Segment[] =>
  (value === undefined ? [] : Array.isArray(value) ? value : [value]) as Hl7Segment[];

/** MSH-1 and MSH-2 are the separators themselves. */
function header(msh: Hl7Segment, writer: Writer): string {
  const { field, component, repetition, escape: mark, subcomponent } = USUAL_SEPARATORS;
  const line = writeSegment('MSH', { ...msh, characterSets: [writer.charset] }, 'MSH', writer);
  // The fields of MSH count one further than those of other segments: its first is the separator.
  return `MSH${field}${component}${repetition}${mark}${subcomponent}${line.slice('MSH||'.length)}`;
}

function writeSegment(name: string, segment: Hl7Segment, path: string, writer: Writer): string {
  const fields = [name];
  const known = SEGMENTS[name] ?? [];
  for (const [number, part, type, mark = ''] of known) {
    const value = segment[part];
    if (value === undefined) {
      if (mark.endsWith('!')) writer.report('hl7-required', `${path}-${number}`, 'This field is required.');
      continue;
    }
    fields[number] = writeField(value, type, `${path}-${number}`, writer);
  }
  if (name === 'OBX' && segment.values !== undefined) {
    fields[5] = writeObservationValues(segment.values, String(segment.valueType ?? ''), `${path}-5`, writer);
  }
  return Array.from(fields, (field) => field ?? '').join(USUAL_SEPARATORS.field);
}
