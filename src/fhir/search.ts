import { matchesSearchRequest, parseSearchRequest } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import { type Refusal, refuse } from './problems.ts';

/** A search within one patient, as a test on resources that may already leave: nothing hidden can be probed with it. */
export interface Search {
  readonly ok: true;
  matches(resource: Resource): boolean;
}

/** Parameters that change what comes back in ways that must each be decided on; they follow with their tests. */
const UNSUPPORTED = /^_(?!id$|lastUpdated$)|[:.]/;

/** Parses the query of `GET /fhir/{Type}?patient=…` without the patient. A parameter that is not understood refuses the search; ignoring it would return too much. */
export function parseSearch(type: string, query: Record<string, unknown>): Search | Refusal {
  const entries = Object.entries(query);
  const bad = entries.find(([name, value]) => UNSUPPORTED.test(name) || typeof value !== 'string');
  if (bad) return refuse('search-unsupported', bad[0]);
  if (entries.length === 0) return { ok: true, matches: (resource) => resource.resourceType === type };
  try {
    const request = parseSearchRequest(`${type}?${new URLSearchParams(entries as [string, string][]).toString()}`);
    return {
      ok: true,
      matches: (resource) => resource.resourceType === type && matchesSearchRequest(resource, request),
    };
  } catch {
    return refuse('search-unsupported', entries[0]?.[0]);
  }
}
