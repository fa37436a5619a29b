import type { Extension, Resource } from '@medplum/fhirtypes';

/** On a report: a reference to somebody else than its subject of whom its text can speak. */
export const SPEAKS_OF = 'http://gezinspoort.nl/fhir/StructureDefinition/speaks-of';

/** The references of those whom a resource is about beside its subject, as far as it names them in `focus`. */
export function focusOf(resource: Resource): string[] {
  const { focus, subject } = resource as { focus?: unknown; subject?: { reference?: string } };
  const all = (Array.isArray(focus) ? focus : [focus]) as ({ reference?: string } | undefined)[];
  return all.flatMap(({ reference } = {}) => (reference && reference !== subject?.reference ? [reference] : []));
}

/** The resource with a mark for each of these people. Builds a new value; the rest is shared. */
export function speakingOf<T extends Resource>(resource: T, people: readonly string[]): T {
  if (people.length === 0) return resource;
  const { extension = [] } = resource as { extension?: Extension[] };
  const marks = people.map((reference): Extension => ({ url: SPEAKS_OF, valueReference: { reference } }));
  return { ...resource, extension: [...extension, ...marks] };
}
