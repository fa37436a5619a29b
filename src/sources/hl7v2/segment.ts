import type { DataType } from './datatypes.ts';
import { SEGMENTS } from './fields.ts';
import type { Hl7Segment, Hl7Value, RawSegment } from './types.ts';
import { endless, isEnd, parts, type Reader, readText, readValue, repetitions } from './value.ts';

/**
 * A segment by the names of its fields (fields.ts). A segment that is not known there is kept as `{fields}`: per field
 * its repetitions, each a text, or a list of texts where it has components. `path` is how the segment is called in
 * problems, such as `OBX[2]`.
 */
export function readSegment(raw: RawSegment, path: string, reader: Reader): Hl7Segment {
  const known = SEGMENTS[raw.name];
  if (!known) return readUnknown(raw, path, reader);
  const segment: Hl7Segment = {};
  for (const [number, name, type, mark = ''] of known) {
    const text = raw.fields[number] ?? '';
    const at = `${path}-${number}`;
    const by = isEnd(name) ? endless(reader) : reader;
    const value = mark.startsWith('*') ? readRepeating(text, type, at, by) : readSingle(text, type, at, by);
    if (value !== undefined) segment[name] = value;
    else if (mark.endsWith('!')) reader.report('hl7-required', at, 'This field is required.');
  }
  return segment;
}

function readRepeating(raw: string, type: DataType, path: string, reader: Reader): Hl7Value[] | undefined {
  if (raw === '') return undefined;
  const all = repetitions(raw, path, reader);
  const values = all.flatMap(
    (one, index) => readValue(one, type, all.length > 1 ? `${path}[${index + 1}]` : path, reader) ?? [],
  );
  return values.length > 0 ? values : undefined;
}

/**
 * The first repetition of a field that does not repeat in this version. Free text keeps all of it, and so does MSH-9:
 * with `_` for the repetition separator it still says ORU_R01.
 */
function readSingle(raw: string, type: DataType, path: string, reader: Reader): Hl7Value | undefined {
  if (raw === '') return undefined;
  if (type === 'text' || type === 'MSG') return readValue(raw, type, path, reader);
  return readValue(repetitions(raw, path, reader)[0] ?? '', type, path, reader);
}

function readUnknown(raw: RawSegment, path: string, reader: Reader): Hl7Segment {
  const fields = raw.fields.slice(1).map((field, index) => {
    if (field === '') return [];
    const at = `${path}-${index + 1}`;
    return repetitions(field, at, reader).map((one): Hl7Value => {
      const components = parts(one, reader.separators.component, at, reader).map((part) => readText(part, reader));
      return components.length === 1 ? (components[0] ?? '') : components;
    });
  });
  return { fields };
}
