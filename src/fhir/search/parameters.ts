import { getSearchParameters } from '@medplum/core';
import type { SearchParameter } from '@medplum/fhirtypes';

/** The kinds of search parameters that are matched here, each with the modifiers that are. What is not on this list refuses the search. */
export const MODIFIERS: Readonly<Record<string, readonly string[]>> = {
  token: ['not', 'missing'],
  date: ['missing'],
  reference: ['missing'],
  string: ['exact', 'contains', 'missing'],
  uri: ['missing'],
  quantity: ['missing'],
};

/** Parameters for every type that look at what leaves: others (`_content`, `_has`, `_filter`, …) are not matched in memory. */
const COMMON = ['_id', '_lastUpdated', '_security', '_tag', '_profile'];

/** Sound alikes need a language; the library has none. */
const UNMATCHED = ['phonetic'];

const offered = new Map<string, ReadonlyMap<string, SearchParameter>>();

/**
 * The search parameters that can be used on a type, by name; none for a type that R4 does not have. The search parameters of R4 must have been loaded
 * (`loadSearchParameters`).
 */
export function parametersOf(type: string): ReadonlyMap<string, SearchParameter> {
  let known = offered.get(type);
  if (!known) {
    known = new Map(
      Object.entries(getSearchParameters(type) ?? {})
        .filter(([name, one]) => one.type in MODIFIERS && one.expression && !UNMATCHED.includes(name))
        .filter(([name]) => !name.startsWith('_') || COMMON.includes(name))
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    );
    if (known.size > 0) offered.set(type, known);
  }
  return known;
}
