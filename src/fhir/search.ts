import { getSearchParameters, matchesSearchRequest, parseSearchRequest } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import { type Refusal, refuse } from './problems.ts';

/** A search within one patient, as a test on resources that may already leave: nothing hidden can be probed with it. */
export interface Search {
  readonly ok: true;
  matches(resource: Resource): boolean;
}

/** Parameters that change what comes back in ways that must each be decided on; they follow with their tests. Modifiers and chains too. */
const UNSUPPORTED = /^_(?!id$|lastUpdated$)|[:.]/;
/** Kinds of parameters that the library matches rightly on a resource in memory; with the others it finds less than there is. */
const MATCHED = new Set(['token', 'date', 'reference']);
/** One date or instant with a comparison; the library does not take a list of them. */
const DATE = /^(eq|ne|gt|lt|ge|le)?\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?)?)?$/;

/**
 * Parses the query of `GET /fhir/{Type}?patient=…` without the patient. A type or a parameter that is not understood refuses the search; ignoring it
 * would return too much or hide what is there. The search parameters of R4 must have been loaded (`loadSearchParameters`).
 */
export function parseSearch(type: string, query: Record<string, unknown>): Search | Refusal {
  const known = getSearchParameters(type);
  if (!known) return refuse('search-unsupported', undefined, 'a resource type of FHIR R4');
  const entries = Object.entries(query);
  const bad = entries.find(([name, value]) => {
    const kind = Object.hasOwn(known, name) ? known[name]?.type : undefined;
    if (UNSUPPORTED.test(name) || typeof value !== 'string' || value === '' || !kind || !MATCHED.has(kind)) return true;
    return kind === 'date' && !DATE.test(value);
  });
  if (bad) return refuse('search-unsupported', bad[0]);
  if (entries.length === 0) return { ok: true, matches: (resource) => resource.resourceType === type };
  const request = parseSearchRequest(`${type}?${new URLSearchParams(entries as [string, string][]).toString()}`);
  return {
    ok: true,
    matches: (resource) => resource.resourceType === type && matchesSearchRequest(resource, request),
  };
}
