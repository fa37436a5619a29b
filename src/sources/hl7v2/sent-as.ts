import { SEGMENTS } from './fields.ts';
import type { Hl7Message } from './types.ts';

/** The observation values are no entry of SEGMENTS: their type stands in OBX-2. */
const VALUES = { segment: 'OBX', name: 'values', number: 5 };

const SEGMENT = /^[A-Z][A-Z0-9]{2}$/;
const STEP = /^([^[]+)(?:\[(\d+)\])?$/;

/**
 * A place in the named structure (`orders[0].OBX[1].units.code`) as the sender knows it (`OBX[2]-6`): which of the segments of that name, in the order in
 * which they were sent, and which field and repetition. Undefined for a path that leads through no segment of this message.
 */
export function sentAs(message: Hl7Message, path: string): string | undefined {
  const steps = path.split('.').map((step) => STEP.exec(step) ?? []);
  let at: unknown = message;
  let segment: unknown;
  let place: string | undefined;
  for (const [, name = '', index] of steps) {
    const child = (at as Record<string, unknown> | undefined)?.[name];
    at = Array.isArray(child) ? child[Number(index ?? 0)] : child;
    if (SEGMENT.test(name)) {
      segment = at;
      place = name;
    } else if (place && segment) {
      const field = fieldOf(place, name);
      return field === undefined
        ? named(message, place, segment)
        : `${named(message, place, segment)}-${field}${repetition(child, index)}`;
    }
  }
  return place && segment ? named(message, place, segment) : undefined;
}

function fieldOf(segment: string, name: string): number | undefined {
  if (segment === VALUES.segment && name === VALUES.name) return VALUES.number;
  return SEGMENTS[segment]?.find(([, one]) => one === name)?.[0];
}

const repetition = (field: unknown, index: string | undefined): string =>
  Array.isArray(field) && field.length > 1 && index !== undefined ? `[${Number(index) + 1}]` : '';

/** `PID`, or `OBX[2]` where the message has several. */
function named(message: Hl7Message, name: string, segment: unknown): string {
  const all = segmentsOf(message, name);
  return all.length > 1 ? `${name}[${all.indexOf(segment) + 1}]` : name;
}

/** All segments of a name, in the order in which they stood in the message. */
function segmentsOf(group: unknown, name: string): unknown[] {
  if (typeof group !== 'object' || group === null) return [];
  return Object.entries(group).flatMap(([key, value]) => {
    const children: unknown[] = Array.isArray(value) ? value : [value];
    if (key === name) return children;
    // Only orders and segments hold segments: notes stand in the segment that they are about.
    return key === 'orders' || SEGMENT.test(key) ? children.flatMap((one) => segmentsOf(one, name)) : [];
  });
}
