import type { Composition, DocumentReference, ServiceRequest } from '@medplum/fhirtypes';
import type { StoredResource } from '../store/records.ts';

/**
 * What a report that is taken back (`entered-in-error`) takes with it: the documents and referrals that its sections refer to, as the file holds them now. A
 * cancellation names the report only. What another organisation wrote, or what the message itself says anew, is left alone.
 */
export function withdrawn(
  incoming: readonly StoredResource[],
  current: readonly StoredResource[],
  exchange: string,
): StoredResource[] {
  const said = new Set(incoming.map(refOf));
  const byRef = new Map(current.map((one) => [refOf(one), one]));
  return incoming.flatMap((one) => {
    const { resource } = one;
    if (resource.resourceType !== 'Composition' || resource.status !== 'entered-in-error') return [];
    const before = byRef.get(refOf(one))?.resource as Composition | undefined;
    const entries = (before?.section ?? []).flatMap((section) => section.entry ?? []);
    return entries.flatMap(({ reference = '' }) => {
      const held = byRef.get(reference);
      if (!held || held.author !== one.author || said.has(reference)) return [];
      const kind = held.resource.resourceType;
      if (kind !== 'DocumentReference' && kind !== 'ServiceRequest') return [];
      const taken = { ...(held.resource as DocumentReference | ServiceRequest), status: 'entered-in-error' as const };
      return [{ ...held, exchange, resource: taken }];
    });
  });
}

const refOf = (one: StoredResource): string => `${one.type}/${one.id}`;
