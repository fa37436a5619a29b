import { HL7_LIMITS } from './limits.ts';
import type { Hl7Issue, RawSegment, Separators } from './types.ts';

const SEGMENT_NAME = /^[A-Z][A-Z0-9]{2}$/;

/** The segments, empty lines, and what stands behind the last line end. One more is looked for, so as to refuse it. */
const MOST_LINES = HL7_LIMITS.segments + 1;

export type ParseResult = { ok: true; segments: RawSegment[] } | { ok: false; issues: Hl7Issue[] };

/**
 * Text → segments with their fields as sent. The parser of @medplum/core is not used: it has no limits, leaves escapes
 * as they are, ends a segment at any line feed (so that a text with one in it becomes a made-up segment), takes any
 * character as a separator, and throws.
 */
export function parseSegments(text: string, separators: Separators): ParseResult {
  const lines = splitLines(text, separators.field);
  if (!lines) {
    const message = 'Segments must all end in the same way: with a carriage return (or, tolerated, a line feed).';
    return { ok: false, issues: [{ code: 'hl7-line-break', path: '', message }] };
  }
  if (lines.length > MOST_LINES) {
    const message = `There are more than ${HL7_LIMITS.segments} segments.`;
    return { ok: false, issues: [{ code: 'hl7-limit', path: '', message }] };
  }
  const issues: Hl7Issue[] = [];
  const segments: RawSegment[] = [];
  lines.forEach((line, index) => {
    if (line === '') return;
    const segment = readSegment(line, index, separators.field);
    if ('code' in segment) issues.push(segment);
    else segments.push(segment);
  });
  return issues.length > 0 ? { ok: false, issues: issues.slice(0, HL7_LIMITS.issues) } : { ok: true, segments };
}

/**
 * The lines of a message. What ends the first segment ends all of them: CR or CRLF (then a line feed elsewhere is part
 * of a text), or LF. Undefined where they are mixed: some segments would hide in the text of others.
 */
function splitLines(text: string, field: string): string[] | undefined {
  const first = text.search(/[\r\n]/);
  if (text[first] === '\n') return text.includes('\r') ? undefined : text.split('\n', MOST_LINES + 1);
  const lines = text.split(/\r\n?/, MOST_LINES + 1);
  return lines.some((line) => hidesSegment(line, field)) ? undefined : lines;
}

function hidesSegment(line: string, field: string): boolean {
  if (!line.includes('\n')) return false;
  const rest = line.split('\n').slice(1);
  return rest.some((part) => part[3] === field && SEGMENT_NAME.test(part.slice(0, 3)));
}

function readSegment(line: string, index: number, field: string): RawSegment | Hl7Issue {
  const name = line.slice(0, 3);
  if (!SEGMENT_NAME.test(name) || (line.length > 3 && line[3] !== field)) {
    const message = `Line ${index + 1} is not a segment: three capitals or digits and the field separator were expected.`;
    return { code: 'hl7-segment', path: '', message };
  }
  const documents: readonly string[] = HL7_LIMITS.documentSegments;
  if (line.length > HL7_LIMITS.segmentLength && !documents.includes(name)) {
    return { code: 'hl7-limit', path: name, message: `Line ${index + 1} is too long for a segment of its kind.` };
  }
  const fields = line.split(field);
  // MSH-1 is the separator itself, so the fields of MSH count one further.
  if (name === 'MSH') fields.splice(1, 0, field);
  if (fields.length > HL7_LIMITS.fields) {
    return { code: 'hl7-limit', path: name, message: `Line ${index + 1} has more than ${HL7_LIMITS.fields} fields.` };
  }
  return { name, fields };
}
