import type { Patient } from '@medplum/fhirtypes';
import canonicalize from 'canonicalize';
import { EXTENSIONS } from '../fhir/extensions.ts';

/**
 * Demographics from two systems in one Patient: an element that the newer message carries replaces the older, what it leaves out stays, identifiers
 * add up by system, and the gateway's own extensions cannot be removed by a source. An address that either side calls protected is protected.
 * Undefined when nothing changes.
 */
export function mergePatient(current: Patient | undefined, incoming: Patient): Patient | undefined {
  if (!current) return incoming;
  const { meta: _current, ...before } = current;
  const { meta: _incoming, id: _id, ...change } = incoming;
  const guarded = isProtected(before) || isProtected(change);
  const merged: Patient = {
    ...before,
    ...change,
    identifier: union(change.identifier, before.identifier, (one) => one.system ?? ''),
    extension: union(before.extension, change.extension, (one) => one.url).map((one) =>
      guarded && one.url === EXTENSIONS.protectedAddress ? { ...one, valueBoolean: true } : one,
    ),
  };
  if (!merged.identifier?.length) delete merged.identifier;
  if (!merged.extension?.length) delete merged.extension;
  return canonicalize(merged) === canonicalize(before) ? undefined : merged;
}

const isProtected = ({ extension }: Pick<Patient, 'extension'>): boolean =>
  extension?.some((one) => one.url === EXTENSIONS.protectedAddress && one.valueBoolean === true) ?? false;

function union<T>(first: T[] | undefined, second: T[] | undefined, key: (one: T) => string): T[] {
  const seen = new Set((first ?? []).map(key));
  return [...(first ?? []), ...(second ?? []).filter((one) => !seen.has(key(one)))];
}
