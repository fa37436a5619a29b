import { randomUUID } from 'node:crypto';
import type { Bundle, Identifier, Patient, Resource } from '@medplum/fhirtypes';
import { isBsn } from '../fhir/bsn.ts';
import { BSN_SYSTEM } from '../fhir/extensions.ts';
import { type Issue, type Refusal, refuse, refuseAll } from '../fhir/problems.ts';
import type { Vault } from '../store/vault.ts';
import { type ClaimsOf, withClaims } from './claims.ts';
import { DIRECTORY } from './judge.ts';
import { type LabelRules, type RecordOf, withLabels } from './label.ts';
import { labelMessage } from './label-message.ts';
import { tooFarAhead } from './too-far-ahead.ts';

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

interface Finding {
  readonly path: string;
  readonly message: string;
}

export interface IntakePorts {
  /** Every error of a resource against base R4 and the profiles that it claims; no message quotes a value. */
  validate(resource: unknown): readonly Finding[];
  /** What could not be checked of its claims. */
  unchecked(resource: unknown): readonly Finding[];
  /** Every error of a valid, labelled resource against the project's profiles of its type. */
  conforms(resource: object): readonly Finding[];
  readonly labels: LabelRules;
  /** The profiles that a labelled resource claims. */
  readonly claimsOf: ClaimsOf;
  readonly vault: Vault;
}

const DIRECTORY_TYPES = new Set(['Practitioner', 'PractitionerRole', 'Organization', 'Location']);

/**
 * Validates every resource of a mapped Bundle, labels it, and gives it the gateway's ids. A resource with a business identifier gets an id that is the same
 * at each sending, so a correction becomes a new version and not a second fact. One invalid resource refuses the whole message, with every error. `known`: the BSN that a later
 * message gave for the hospital number of this one, which has none of its own.
 */
export function intake(
  ports: IntakePorts,
  bundle: Bundle,
  sender: string,
  now: Date,
  known?: string,
): Intake | Refusal {
  const resources = (bundle.entry ?? []).flatMap(({ fullUrl, resource }, entry) =>
    resource ? [{ url: fullUrl ?? '', resource, entry }] : [],
  );
  const issues = resources.flatMap(({ resource, entry }) =>
    ports
      .validate(resource)
      .map(({ path, message }): Issue => ({ code: 'fhir-invalid', path, expected: message, entry })),
  );
  if (issues.length > 0) return refuseAll(issues, 'fhir-invalid');
  const early = resources.flatMap(({ resource }) => tooFarAhead(resource, now));
  if (early.length > 0) return refuseAll(early, 'date-in-future');

  const patients = resources.flatMap(({ resource }) => (resource.resourceType === 'Patient' ? [resource] : []));
  const [patient] = patients;
  const numbers = (patient?.identifier ?? []).filter((one) => one.system === BSN_SYSTEM);
  const bsn = numbers[0]?.value ?? known;
  // Two numbers in one message leave open whose record it is.
  if (!patient || patients.length > 1 || bsn === undefined || numbers.length > 1) {
    return refuse('identity-missing', 'Patient.identifier', 'exactly one BSN');
  }
  const at = patient.identifier?.findIndex((one) => one.system === BSN_SYSTEM);
  if (!isBsn(bsn)) return refuse('bsn-invalid', `Patient.identifier[${at}].value`);
  if (!patient.birthDate)
    return refuse('identity-missing', 'Patient.birthDate', 'the birth date, to check the BSN with');

  const references = new Map<string, string>();
  for (const { url, resource } of resources) {
    if (resource !== patient)
      references.set(url, `${resource.resourceType}/${idOf(ports.vault, [sender, bsn], url, resource)}`);
  }
  const clinical = resources.filter(
    ({ resource }) => resource !== patient && !DIRECTORY_TYPES.has(resource.resourceType),
  );
  const labels = new Map(
    labelMessage(clinical, ports.labels, recordOf(patient, now)).map((one, index) => [clinical[index]?.url, one]),
  );
  const items: Labelled[] = [];
  const unlabelled: Issue[] = [];
  const seen = new Set<string>();
  const twice: Issue[] = [];
  const entries: number[] = [];
  for (const { url, resource, entry } of resources) {
    if (resource === patient) continue;
    const own = { ...resource, id: references.get(url)?.split('/')[1] ?? '' } as Resource & { id: string };
    const place = references.get(url) ?? '';
    if (seen.has(place)) {
      // The same professional twice is one; the same fact twice in one message would leave open which one counts.
      if (labels.has(url)) twice.push({ code: 'fact-twice', path: resource.resourceType, entry });
      continue;
    }
    seen.add(place);
    entries.push(entry);
    const labelled = labels.get(url);
    if (!labelled) items.push({ resource: own, category: DIRECTORY, labels: [] });
    else if (!labelled.ok) unlabelled.push({ code: 'label-missing', path: labelled.path, entry });
    else items.push({ resource: withLabels(own, labelled), category: labelled.category, labels: labelled.labels });
  }
  if (twice.length > 0) return refuseAll(twice, 'fact-twice');
  if (unlabelled.length > 0) return refuseAll(unlabelled, 'label-missing');
  // A Consent is the register's, which reads it by rules of its own: a refusal is not turned away for its form.
  const checked = items.flatMap((one, index) => (one.resource.resourceType === 'Consent' ? [] : [{ one, index }]));
  const conforming = conformance(
    ports,
    checked.map(({ one }) => one.resource),
    checked.map(({ index }) => entries[index] ?? index),
  );
  if (!conforming.ok) return conforming;
  const patientUrl = resources.find((one) => one.resource === patient)?.url ?? '';
  return {
    ok: true,
    bsn,
    patient: relink(patient, references, patientUrl),
    items: items.map((one) => ({
      ...one,
      resource: relink(withClaims(one.resource, ports.claimsOf(one.resource)), references, patientUrl),
    })),
  };
}

/** Refuses labelled resources that do not fit the project's profiles, with every error. `entries`: where each stood in a mapped Bundle. */
export function conformance(
  ports: Pick<IntakePorts, 'conforms'>,
  resources: readonly Resource[],
  entries: readonly number[] = [],
): { readonly ok: true } | Refusal {
  const issues = resources.flatMap((one, index) =>
    ports
      .conforms(one)
      .map(({ path, message }): Issue => ({ code: 'fhir-invalid', path, expected: message, entry: entries[index] })),
  );
  return issues.length > 0 ? refuseAll(issues, 'fhir-invalid') : { ok: true };
}

/** In a record of somebody over eleven, pregnancy and birth are the patient's own; in a child's record they are its history. */
function recordOf(patient: Patient, now: Date): RecordOf {
  const born = Number(patient.birthDate?.slice(0, 4));
  return Number.isFinite(born) && now.getUTCFullYear() - born >= 12 ? 'mother' : 'child';
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

/**
 * The id of a resource: stable where the source names the thing (its address at the source, an identifier) or where a relative is told by relationship and name; else new. Scoped by sender and
 * patient, so that a number that is used twice can never reach into another child's record.
 */
function idOf(vault: Vault, scope: readonly string[], url: string, resource: Resource): string {
  if (isAddress(url)) return vault.stableId(...scope, resource.resourceType, 'url', url);
  const own = 'identifier' in resource ? resource.identifier : undefined;
  const identifier = (Array.isArray(own) ? own[0] : own) as Identifier | undefined;
  if (identifier?.system && identifier.value) {
    return vault.stableId(...scope, resource.resourceType, identifier.system, identifier.value);
  }
  if (resource.resourceType !== 'RelatedPerson') return randomUUID();
  return vault.stableId(...scope, 'RelatedPerson', JSON.stringify([resource.relationship, resource.name]));
}

/** What names a thing beyond one message: a url, `Type/id`, `Type?identifier=…`; not a `urn:`. */
const isAddress = (url: string): boolean => /^(https?:|[A-Z][A-Za-z]+[/?])/.test(url);

/** Puts the identified patient in the place that `intake` left open. */
export function withSubject<T>(value: T, patient: string): T {
  if (Array.isArray(value)) return value.map((one) => withSubject(one, patient)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value))
    out[key] = key === 'reference' && one === SUBJECT ? `Patient/${patient}` : withSubject(one, patient);
  return out as T;
}
