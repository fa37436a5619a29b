import { watch } from '../mapping/coverage.ts';
import type { Dropped } from './dropped.ts';

/** What nobody may learn from a path: a name that no schema gives may be one that the sender put data in. */
const HIDDEN = '*';

/**
 * The elements of a message that are there and that no rule read, counted by path, without values: `contacts.groups.elements[235].value`, `PV1.location`,
 * `ZPI.fields[3]` for the third field of a segment that has no names. `run` maps the watched body. `names`: those that the schema of the input knows, where it has
 * one; the names of HL7 v2 are this project's own.
 */
export function leftBehind(
  body: unknown,
  run: (body: unknown) => void,
  { named }: Dropped,
  names: ReadonlySet<string> | undefined,
): Map<string, number> {
  const watched = watch(body, named, 'fields');
  run(watched.input);
  const counts = new Map<string, number>();
  for (const [path, count] of watched.counts()) {
    const safe = names ? hideUnknown(path, names) : path;
    counts.set(safe, (counts.get(safe) ?? 0) + count);
  }
  return counts;
}

/** Numbers in a path are positions of fields or numbers of elements, and those are short. */
const STEP = /^([^[]*)((?:\[\d{1,5}\])*)$/;

function hideUnknown(path: string, names: ReadonlySet<string>): string {
  return path
    .split('.')
    .map((step) => {
      const [, name = HIDDEN, item = ''] = STEP.exec(step) ?? [];
      return names.has(name) ? name + item : HIDDEN;
    })
    .join('.');
}

/** Every member that a JSON Schema names, at whatever depth, and every type of FHIR: where resources are sorted by type, that is a member too. */
export function namesIn(schema: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { properties } = value as { properties?: unknown };
    if (typeof properties === 'object' && properties !== null) {
      for (const name of Object.keys(properties)) names.add(name);
      const { const: type } = ((properties as { resourceType?: unknown }).resourceType ?? {}) as { const?: unknown };
      if (typeof type === 'string') names.add(type);
    }
    for (const one of Object.values(value)) walk(one);
  };
  walk(schema);
  return names;
}
