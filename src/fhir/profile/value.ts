import type { PackedElement } from '../pack-types.ts';
import type { Json } from '../path/node.ts';

/** The fixed or pattern value of an element. */
export interface Wanted {
  readonly value: unknown;
  /** Fixed: nothing else may be there. */
  readonly exact: boolean;
}

/** `fixed[x]` or `pattern[x]`, if the element has one. */
export function wantedOf(element: PackedElement | undefined): Wanted | undefined {
  for (const key in element) {
    if (/^(fixed|pattern)[A-Z]/.test(key)) return { value: element[key], exact: key.startsWith('fixed') };
  }
  return undefined;
}

/** A pattern asks that all it holds is there; a fixed value that there is nothing else (FHIR R4 §ElementDefinition). */
export function fits(value: unknown, { value: wanted, exact }: Wanted): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(value) || (exact && value.length !== wanted.length)) return false;
    return wanted.every((each) => value.some((item) => fits(item, { value: each, exact })));
  }
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(wanted);
  if (exact && Object.keys(value).length !== keys.length) return false;
  return keys.every((key) => fits((value as Json)[key], { value: (wanted as Json)[key], exact }));
}
