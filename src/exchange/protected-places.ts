import type { Patient, Resource } from '@medplum/fhirtypes';
import { EXTENSIONS, extension } from '../fhir/extensions.ts';
import type { StoredResource } from '../store/records.ts';

/** Whether a resource tells where somebody under protection can be found. */
export type TellsPlace = (stored: Pick<StoredResource, 'type' | 'resource'>) => boolean;

/** Shorter texts stand everywhere by chance: a house number, an area code. */
const SHORTEST = 5;

const PERSONS: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson']);

/**
 * A protected address protects a family, not one resource: who hides at an address is also found by the address of the child, of a grandmother, or by a note about a home visit there. Where anybody of the
 * family is protected, the addresses of all its members are, and so is every item in which the street, the postal code or a telephone number of the protected one stands. Pure.
 */
export function placesToHide(family: readonly Pick<StoredResource, 'type' | 'resource'>[]): TellsPlace {
  const guarded = family.filter(
    ({ resource }) => extension(resource as Patient, EXTENSIONS.protectedAddress)?.valueBoolean,
  );
  if (guarded.length === 0) return () => false;
  const places = [...new Set(guarded.flatMap(({ resource }) => placesOf(resource)))];
  return ({ type, resource }) => {
    if (PERSONS.has(type)) return true;
    const text = bare(JSON.stringify(resource));
    return places.some((place) => text.includes(place));
  };
}

/** What in the addresses and telephone numbers of a person leads to a door. A town alone does not. */
function placesOf(resource: Resource): string[] {
  const { address = [], telecom = [] } = resource as Located;
  return [
    ...address.flatMap(({ line = [], postalCode = '', text = '' }) => [...line, postalCode, text]),
    ...telecom.map(({ value = '' }) => value),
  ]
    .map(bare)
    .filter((one) => one.length >= SHORTEST);
}

interface Located {
  readonly address?: readonly { line?: readonly string[]; postalCode?: string; text?: string }[];
  readonly telecom?: readonly { value?: string }[];
}

/** Letters and digits alone, in small letters: 1234 AB and 1234ab are the same place. */
const bare = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
