import type { Patient } from '@medplum/fhirtypes';
import canonicalize from 'canonicalize';

/**
 * Demographics from two systems in one Patient: an element that the newer message carries replaces the older, what it leaves out stays, identifiers
 * add up by system, and the gateway's own extensions (protected address) cannot be removed by a source. Undefined when nothing changes.
 */
export function mergePatient(current: Patient | undefined, incoming: Patient): Patient | undefined {
  if (!current) return incoming;
  const { meta: _current, ...before } = current;
  const { meta: _incoming, id: _id, ...change } = incoming;
  const merged: Patient = {
    ...before,
    ...change,
    identifier: union(change.identifier, before.identifier, (one) => one.system ?? ''),
    extension: union(before.extension, change.extension, (one) => one.url),
  };
  if (!merged.identifier?.length) delete merged.identifier;
  if (!merged.extension?.length) delete merged.extension;
  return canonicalize(merged) === canonicalize(before) ? undefined : merged;
}

function union<T>(first: T[] | undefined, second: T[] | undefined, key: (one: T) => string): T[] {
  const seen = new Set((first ?? []).map(key));
  return [...(first ?? []), ...(second ?? []).filter((one) => !seen.has(key(one)))];
}
