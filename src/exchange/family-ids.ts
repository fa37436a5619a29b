import type { CareTeam, CodeableConcept, EpisodeOfCare, RelatedPerson, Resource } from '@medplum/fhirtypes';
import canonicalize from 'canonicalize';
import { POLI_SYSTEM } from '../fhir/extensions.ts';
import type { Vault } from '../store/vault.ts';

/**
 * The id of a family's resource that comes by POST: the same thing always has the same id, so that entering it again replaces what it says. A relative is told by
 * relationship and name (custody may change), an episode by its poli, and a patient has one care team. A Consent is told by all that it says, with the references
 * between the entries filled in; whatever ids the sender used for the Bundle make no other Consent of it.
 */
export function familyId(vault: Vault, patient: string, resource: Resource): string {
  return vault.stableId('family', patient, resource.resourceType, canonicalize(keyOf(resource)) ?? '');
}

function keyOf(resource: Resource): unknown {
  if (resource.resourceType === 'RelatedPerson') return relativeKey(resource);
  if (resource.resourceType === 'EpisodeOfCare') return polisOf(resource);
  if (resource.resourceType === 'CareTeam') return [];
  const { meta: _meta, id: _id, ...content } = resource;
  return content;
}

const relativeKey = ({ relationship, name }: RelatedPerson): unknown => [
  codesOf(relationship),
  (name ?? []).map((one) => [one.family ?? '', ...(one.given ?? []), ...(one.family || one.given ? [] : [one.text])]),
];

/** The polis that an episode says; an episode of another kind of care says none. */
export const polisOf = ({ type }: EpisodeOfCare): string[] => codesOf(type, POLI_SYSTEM);

const codesOf = (concepts: CodeableConcept[] | undefined, system?: string): string[] =>
  (concepts ?? [])
    .flatMap((one) => one.coding ?? [])
    .filter((one) => system === undefined || one.system === system)
    .map((one) => one.code ?? '')
    .sort();

/** Whose resource of a family it says it is. */
export function subjectOf(
  resource: Resource,
): { element: 'patient' | 'subject'; reference: string | undefined } | undefined {
  if (resource.resourceType === 'CareTeam' || resource.resourceType === 'DocumentReference')
    return { element: 'subject', reference: (resource as CareTeam).subject?.reference };
  // A signature is about a Consent, and the Consent says whose.
  if (resource.resourceType === 'Provenance') return undefined;
  return 'patient' in resource
    ? { element: 'patient', reference: (resource.patient as { reference?: string } | undefined)?.reference }
    : resource.resourceType === 'Patient'
      ? undefined
      : { element: 'patient', reference: undefined };
}
