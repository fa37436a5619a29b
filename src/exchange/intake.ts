import { randomUUID } from 'node:crypto';
import type { Bundle, Identifier, Patient, Resource } from '@medplum/fhirtypes';
import { isBsn } from '../fhir/bsn.ts';
import type { Definitions } from '../fhir/definitions.ts';
import { BSN_SYSTEM } from '../fhir/extensions.ts';
import { type Issue, type Refusal, refuse, refuseAll } from '../fhir/problems.ts';
import { validate } from '../fhir/validate.ts';
import type { Vault } from '../store/vault.ts';
import { DIRECTORY } from './judge.ts';
import { type LabelRules, label, withLabels } from './label.ts';

/** A mapped message, checked and labelled, before anybody is identified. */
export interface Intake {
  readonly ok: true;
  readonly bsn: string;
  readonly patient: Patient;
  readonly items: readonly Labelled[];
}

export interface Labelled {
  readonly resource: Resource & { id: string };
  readonly category: string;
  readonly labels: readonly string[];
}

export interface IntakePorts {
  readonly definitions: Definitions;
  readonly labels: LabelRules;
  readonly vault: Vault;
}

const DIRECTORY_TYPES = new Set(['Practitioner', 'PractitionerRole', 'Organization', 'Location']);

/**
 * Validates every resource of a mapped Bundle, labels it, and gives it the gateway's ids. A resource with a business identifier gets an id that is the same
 * at each sending, so a correction becomes a new version and not a second fact. One invalid resource refuses the whole message, with every error.
 */
export function intake(ports: IntakePorts, bundle: Bundle, sender: string): Intake | Refusal {
  const resources = (bundle.entry ?? []).flatMap((entry) => (entry.resource ? [{ url: entry.fullUrl ?? '', resource: entry.resource }] : []));
  const issues = resources.flatMap(({ resource }) => validate(resource, ports.definitions).map(({ path, message }): Issue => ({ code: 'fhir-invalid', path, expected: message })));
  if (issues.length > 0) return refuseAll(issues, 'fhir-invalid');

  const patients = resources.flatMap(({ resource }) => (resource.resourceType === 'Patient' ? [resource] : []));
  const [patient] = patients;
  const bsn = patient?.identifier?.find((one) => one.system === BSN_SYSTEM)?.value;
  if (!patient || patients.length > 1 || bsn === undefined) return refuse('identity-missing', 'Patient.identifier');
  if (!isBsn(bsn)) return refuse('bsn-invalid', 'Patient.identifier.value');

  const references = new Map<string, string>();
  for (const { url, resource } of resources) {
    if (resource.resourceType !== 'Patient') references.set(url, `${resource.resourceType}/${idOf(ports.vault, sender, resource)}`);
  }
  const items: Labelled[] = [];
  for (const { url, resource } of resources) {
    if (resource.resourceType === 'Patient') continue;
    const id = references.get(url)?.split('/')[1] ?? randomUUID();
    const own = { ...resource, id } as Resource & { id: string };
    if (DIRECTORY_TYPES.has(resource.resourceType)) {
      items.push({ resource: own, category: DIRECTORY, labels: [] });
      continue;
    }
    const labelled = label(own, ports.labels);
    if (!labelled.ok) issues.push({ code: 'label-missing', path: labelled.path });
    else items.push({ resource: withLabels(own, labelled) as Resource & { id: string }, category: labelled.category, labels: labelled.labels });
  }
  if (issues.length > 0) return refuseAll(issues, 'label-missing');
  const patientUrl = resources.find((one) => one.resource === patient)?.url ?? '';
  return { ok: true, bsn, patient, items: items.map((one) => ({ ...one, resource: relink(one.resource, references, patientUrl) })) };
}

/** Where the patient's reference will stand once the patient is identified. */
export const SUBJECT = 'Patient/subject';

function relink<T>(value: T, references: ReadonlyMap<string, string>, patientUrl: string): T {
  if (Array.isArray(value)) return value.map((one) => relink(one, references, patientUrl)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) {
    if (key !== 'reference' || typeof one !== 'string') out[key] = relink(one, references, patientUrl);
    else out[key] = one === patientUrl ? SUBJECT : (references.get(one) ?? one);
  }
  return out as T;
}

function idOf(vault: Vault, sender: string, resource: Resource): string {
  const own = 'identifier' in resource ? resource.identifier : undefined;
  const identifier = (Array.isArray(own) ? own[0] : own) as Identifier | undefined;
  return identifier?.system && identifier.value ? vault.stableId(sender, resource.resourceType, identifier.system, identifier.value) : randomUUID();
}

/** Puts the identified patient in the place that `intake` left open. */
export function withSubject<T>(value: T, patient: string): T {
  if (Array.isArray(value)) return value.map((one) => withSubject(one, patient)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) out[key] = key === 'reference' && one === SUBJECT ? `Patient/${patient}` : withSubject(one, patient);
  return out as T;
}
