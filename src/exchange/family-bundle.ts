import type { Bundle, BundleEntry, Consent, Patient, Resource } from '@medplum/fhirtypes';
import { isUnderstood } from '../consent/understood.ts';
import { isBsn } from '../fhir/bsn.ts';
import { BSN_SYSTEM } from '../fhir/extensions.ts';
import { type Issue, type Refusal, refuse, refuseAll } from '../fhir/problems.ts';
import type { IntakePorts } from './intake.ts';

/** Kinds of resources that say who a family is; everything clinical comes through a source. */
const KINDS = ['Patient', 'RelatedPerson', 'CareTeam', 'EpisodeOfCare', 'Consent', 'DocumentReference', 'Provenance'];

/** Whether a Bundle holds a resource that is no part of a family: then it is a push of a source. */
export const holdsOtherThanFamily = (bundle: Bundle | null): boolean =>
  bundle?.resourceType === 'Bundle' &&
  Array.isArray(bundle.entry) &&
  bundle.entry.some((one) => one?.resource && !isFamily(one.resource, bundle.entry ?? []));

/** A form or a signature is part of a family as the paper of a Consent beside it; any other document is a push. */
function isFamily(resource: Resource, entries: readonly BundleEntry[]): boolean {
  if (resource.resourceType !== 'DocumentReference' && resource.resourceType !== 'Provenance')
    return KINDS.includes(resource.resourceType);
  return entries.some((one) => one?.resource?.resourceType === 'Consent');
}

export type FamilyEntry = BundleEntry & { resource: Resource };

/** A family transaction that can be entered: exactly one patient, with a valid BSN and a birth date. */
export interface FamilyBundle {
  readonly ok: true;
  readonly entries: readonly FamilyEntry[];
  readonly patient: Patient;
  readonly bsn: string;
}

/** Reads a transaction of family resources, or gives every reason why it cannot be entered. Pure. */
export function readFamilyBundle(ports: Pick<IntakePorts, 'validate'>, bundle: Bundle): FamilyBundle | Refusal {
  if (bundle?.resourceType !== 'Bundle' || bundle.type !== 'transaction' || !Array.isArray(bundle.entry)) {
    return refuse('fhir-invalid', 'Bundle.type', 'a transaction with entries');
  }
  const issues = bundle.entry.flatMap((entry, index) => faultsOf(ports, entry, `Bundle.entry[${index}]`));
  if (issues.length > 0) return refuseAll(issues, 'fhir-invalid');
  const entries = bundle.entry as FamilyEntry[];
  const second = secondOf(entries);
  if (second) return second;
  const patients = entries.filter((one) => one.resource.resourceType === 'Patient');
  const patient = patients[0]?.resource as Patient | undefined;
  const bsn = patient?.identifier?.find((one) => one.system === BSN_SYSTEM)?.value;
  if (!patient || patients.length !== 1 || bsn === undefined) return refuse('identity-missing', 'Patient.identifier');
  if (!isBsn(bsn)) return refuse('bsn-invalid', 'Patient.identifier.value');
  // Asked of everybody, before anything is looked up: who leaves it out learns nothing of who is known.
  if (!patient.birthDate) return refuse('fhir-invalid', 'Patient.birthDate', 'the birth date that goes with the BSN');
  return { ok: true, entries, patient, bsn };
}

/** A family has one list of treatment relations and is at one poli: a second one in the same Bundle would leave open which counts. */
function secondOf(entries: readonly FamilyEntry[]): Refusal | undefined {
  const isTeam = ({ resource }: FamilyEntry) => resource.resourceType === 'CareTeam';
  const isActive = ({ resource }: FamilyEntry) =>
    resource.resourceType === 'EpisodeOfCare' && resource.status === 'active';
  for (const is of [isTeam, isActive]) {
    const second = entries.findIndex((one, index) => is(one) && entries.findIndex(is) < index);
    if (second >= 0) return refuse('fact-twice', `Bundle.entry[${second}].resource`);
  }
  return undefined;
}

function faultsOf(ports: Pick<IntakePorts, 'validate'>, entry: BundleEntry | null, path: string): Issue[] {
  const resource = entry?.resource;
  if (!resource || !KINDS.includes(resource.resourceType)) {
    return [{ code: 'fhir-invalid', path: `${path}.resource`, expected: `one of ${KINDS.join(', ')}` }];
  }
  const faults = ports.validate(resource);
  if (faults.length > 0) {
    return faults.map(({ path: at, message }) => ({
      code: 'fhir-invalid',
      path: `${path}.resource ${at}`,
      expected: message,
    }));
  }
  const understood = resource.resourceType !== 'Consent' || isUnderstood(resource as Consent);
  return understood ? [] : [{ code: 'consent-not-understood', path: `${path}.resource` }];
}
