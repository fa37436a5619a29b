import { HL7_LIMITS } from './limits.ts';
import { readObservation } from './observation.ts';
import { type Family, isGrouped, type Misplaced, type Position, place } from './place.ts';
import { readSegment } from './segment.ts';
import type { Envelope, Hl7Issue, Hl7Message, RawSegment } from './types.ts';
import type { Reader } from './value.ts';

export type StructureResult = { ok: true; message: Hl7Message } | { ok: false; issues: Hl7Issue[] };

const MISPLACED: { readonly [code in Misplaced]: string } = {
  'hl7-segment-place': 'This segment may not stand here in a message of this type.',
  'hl7-segment-repeated': 'A message holds this segment once: send one patient, visit and document per message.',
};

/**
 * Segments → the named structure that the maps read, or every problem (at most HL7_LIMITS.issues). Whether the type of
 * the message is one that anybody sends here is not decided here. `segments` starts with MSH.
 */
export function nameSegments(segments: readonly RawSegment[], envelope: Envelope): StructureResult {
  const issues: Hl7Issue[] = [];
  const cleared: string[] = [];
  const reader: Reader = {
    separators: envelope.separators,
    charset: envelope.charset,
    lastYear: lastYear(envelope),
    report: (code, path, message) => void (issues.length < HL7_LIMITS.issues && issues.push({ code, path, message })),
    cleared: (path) => void cleared.push(path),
  };
  const paths = segmentPaths(segments);
  const [header, ...rest] = segments;
  const MSH = header ? readSegment(header, paths[0] ?? 'MSH', reader) : {};
  const message: Hl7Message = { type: envelope.type, MSH };
  const family = familyOf(envelope.type);
  // ZorgDomein orders have an NTE directly behind MSH (OML_O21, HL7 v2 §4.4.6).
  const notes = isGrouped(family) ? undefined : message;
  const at: Position = { message, family, order: undefined, notes, specimen: false };
  rest.forEach((raw, index) => {
    const path = paths[index + 1] ?? raw.name;
    const segment = raw.name === 'OBX' ? readObservation(raw, path, reader) : readSegment(raw, path, reader);
    const problem = place(raw.name, segment, at);
    if (problem) reader.report(problem, path, MISPLACED[problem]);
  });
  for (const name of missing(message, family)) reader.report('hl7-required', name, 'This segment is required.');
  if (cleared.length > 0) message.cleared = cleared;
  return issues.length > 0 ? { ok: false, issues } : { ok: true, message };
}

/** The versions of HL7 v2 that are read (MSH-12.1). */
const VERSIONS: readonly string[] = ['2.3', '2.3.1', '2.4', '2.5', '2.5.1'];

/** MSH-12 where it names no version that is read: the same segment can mean other things in another one. */
export function checkVersion({ msh, separators }: Envelope): Hl7Issue | undefined {
  const version = msh.fields[12]?.split(separators.component)[0] ?? '';
  if (VERSIONS.includes(version)) return undefined;
  return { code: 'hl7-version', path: 'MSH-12', message: `One of ${VERSIONS.join(', ')} was expected.` };
}

/** What happened or is planned lies near the time of the message; without a usable MSH-7 nothing is said about it. */
function lastYear({ msh }: Envelope): number {
  const year = /^\d{4}/.exec(msh.fields[7] ?? '')?.[0];
  return year === undefined ? 9_999 : Number(year) + HL7_LIMITS.yearsAhead;
}

function familyOf(type: string): Family {
  if (type.startsWith('ORU_')) return 'results';
  if (type.startsWith('REF_')) return 'referral';
  return type.startsWith('MDM_') ? 'document' : 'other';
}

/** The segments that a message of this type must have, and has not. */
function missing(message: Hl7Message, family: Family): string[] {
  const aboutPatient = family !== 'other' || /^(?:ADT|SIU)_/.test(message.type);
  const needed = aboutPatient && !message.PID ? ['PID'] : [];
  if (message.type === 'ADT_A40' && !message.MRG) needed.push('MRG');
  if (message.type.startsWith('SIU_') && !message.SCH) needed.push('SCH');
  if (family === 'referral' && !message.RF1) needed.push('RF1');
  if (family === 'results' && !(message.orders?.length && message.orders.every((order) => order.OBR)))
    needed.push('OBR');
  if (family === 'document' && !message.TXA) needed.push('TXA');
  if (WITH_CONTENT.has(message.type) && !message.OBX) needed.push('OBX');
  return needed;
}

/** The document messages that carry the document itself (HL7 v2 §9.6). */
const WITH_CONTENT = new Set(['MDM_T02', 'MDM_T04', 'MDM_T06', 'MDM_T08', 'MDM_T10']);

/** How each segment is called in problems: `PID`, or `OBX[2]` where there are several. */
function segmentPaths(segments: readonly RawSegment[]): string[] {
  const total = new Map<string, number>();
  for (const { name } of segments) total.set(name, (total.get(name) ?? 0) + 1);
  const seen = new Map<string, number>();
  return segments.map(({ name }) => {
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    return total.get(name) === 1 ? name : `${name}[${number}]`;
  });
}
