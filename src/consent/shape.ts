/** A JSON object of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether an object has no keys but these: an element that is not known might change the meaning of those that are. */
export const hasOnly = (value: Json, known: ReadonlySet<string>): boolean =>
  Object.keys(value).every((key) => known.has(key));

/** The objects of a list that FHIR allows: at least one entry, and each an object; anything else is undefined. */
export function objectsOf(value: unknown): Json[] | undefined {
  return Array.isArray(value) && value.length > 0 && value.every(isObject) ? value : undefined;
}

/** Reads every entry of a list; undefined as soon as the list or one entry cannot be read. */
export function readAll<T>(value: unknown, read: (entry: Json) => T | undefined): T[] | undefined {
  const entries: T[] = [];
  for (const entry of objectsOf(value) ?? [undefined]) {
    const one = entry && read(entry);
    if (one === undefined) return undefined;
    entries.push(one);
  }
  return entries;
}

const REFERENCE = /^[A-Z][A-Za-z]{1,60}\/[A-Za-z0-9.-]{1,64}$/;

/** The relative literal reference (`Type/id`) of a FHIR Reference. Absolute, versioned and logical references cannot be compared and give undefined. */
export function referenceOf(value: unknown): string | undefined {
  const reference = isObject(value) ? value.reference : undefined;
  return typeof reference === 'string' && REFERENCE.test(reference) ? reference : undefined;
}

/** The codings of a CodeableConcept, or undefined when it has none that can be read. */
export const codingsOf = (value: unknown): Json[] | undefined =>
  isObject(value) ? objectsOf(value.coding) : undefined;
