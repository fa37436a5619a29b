import { randomUUID } from 'node:crypto';
import type { Bundle, BundleEntry, CareTeam, Consent, Patient, Resource } from '@medplum/fhirtypes';
import canonicalize from 'canonicalize';
import type { AuditActor } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import { isUnderstood } from '../consent/understood.ts';
import { isBsn } from '../fhir/bsn.ts';
import { BSN_SYSTEM } from '../fhir/extensions.ts';
import { type Issue, type Refusal, refuse, refuseAll } from '../fhir/problems.ts';
import { validate } from '../fhir/validate.ts';
import { pairwise } from '../store/pairwise.ts';
import {
  createPatient,
  loadFile,
  lockPatientByBsn,
  type NewRecord,
  writeConsent,
  writeRecords,
} from '../store/records.ts';
import type { AcceptPorts } from './accept.ts';
import { internalise } from './externalise.ts';
import { label, withLabels } from './label.ts';
import { mergePatient } from './merge-patient.ts';
import { relate } from './relations.ts';

/** Kinds of resources that say who a family is; everything clinical comes through a source. */
const KINDS = new Set(['Patient', 'RelatedPerson', 'CareTeam', 'EpisodeOfCare', 'Consent']);

export interface Entered {
  readonly ok: true;
  /** The transaction's answer: where each entry now stands, in the order they came. */
  readonly response: Bundle;
}

/**
 * A consent recorder enters a family in one transaction: the Patient (found again by BSN), the RelatedPersons with custody, the CareTeam, which is the list of
 * organisations with a treatment relation, the EpisodeOfCare with the poli, and Consents. All or nothing. The same Bundle again changes nothing.
 */
export async function enterFamily(ports: AcceptPorts, bundle: Bundle, actor: AuditActor): Promise<Entered | Refusal> {
  const checked = check(ports, bundle);
  if (!checked.ok) return checked;
  const now = ports.now();
  const ids = pairwise(ports.vault.pairwiseKey(actor.organisation));
  const directory = await ports.directory();
  return ports.db.transaction().execute(async (trx): Promise<Entered | Refusal> => {
    const patient = (await lockPatientByBsn(trx, ports.vault, checked.bsn)) ?? randomUUID();
    const file = await loadFile(trx, ports.vault, patient, now);
    const dataKey = file?.dataKey ?? (await createPatient(trx, ports.vault, patient, checked.bsn));
    const current = file?.resources.find((one) => one.type === 'Patient')?.resource as Patient | undefined;
    if (current?.birthDate && checked.patient.birthDate && current.birthDate !== checked.patient.birthDate)
      return refuse('identity-conflict', 'Patient.birthDate');

    const targets = new Map<string, string>();
    for (const entry of checked.entries)
      targets.set(
        entry.fullUrl ?? '',
        `${entry.resource.resourceType}/${entry.resource.resourceType === 'Patient' ? patient : idOf(ports, entry, patient, ids.in)}`,
      );
    const own = checked.entries.map((entry) => ({
      ...relink(internalise(entry.resource, ids), targets),
      id: targets.get(entry.fullUrl ?? '')?.split('/')[1] ?? '',
    }));
    const records: NewRecord[] = [];
    for (const resource of own) {
      if (resource.resourceType === 'Consent') await enterConsent(trx, resource as Consent & { id: string });
      else if (resource.resourceType === 'Patient') pushPatient(resource as Patient);
      else pushRecord(resource);
    }
    const known = new Map(file?.resources.map((one) => [one.id, canonicalize(bare(one.resource))]));
    const changed = records.filter((one) => known.get(one.resource.id) !== canonicalize(bare(one.resource)));
    await writeRecords(trx, dataKey, patient, changed, now);
    const team = own.find((one) => one.resourceType === 'CareTeam') as CareTeam | undefined;
    if (team) await relate(trx, patient, team, new Set(directory.organisations.keys()), actor.organisation, now);
    await record(
      trx,
      [
        {
          kind: 'family',
          actor,
          patient,
          items: changed.map((one) => `${one.resource.resourceType}/${one.resource.id}`),
        },
      ],
      now,
    );
    const entry = own.map(
      (one): BundleEntry => ({ response: { status: '200', location: `${one.resourceType}/${ids.out(one.id)}` } }),
    );
    return { ok: true, response: { resourceType: 'Bundle', type: 'transaction-response', entry } };

    async function enterConsent(on: typeof trx, consent: Consent & { id: string }) {
      const before = file?.consents.find((one) => one.id === consent.id);
      if (before && canonicalize(bare(before)) === canonicalize(bare(consent))) return;
      await writeConsent(
        on,
        dataKey,
        patient,
        consent,
        Number(before?.meta?.versionId ?? 0) + 1,
        actor.organisation,
        now,
      );
      await record(
        on,
        [
          {
            kind: 'consent',
            actor,
            patient,
            consents: [`Consent/${consent.id}/_history/${Number(before?.meta?.versionId ?? 0) + 1}`],
            details: [['status', consent.status ?? '']],
          },
        ],
        now,
      );
    }
    function pushPatient(resource: Patient) {
      const merged = mergePatient(current, resource);
      if (merged) pushRecord({ ...merged, id: patient });
    }
    function pushRecord(resource: Resource & { id: string }) {
      const labelled = label(resource, ports.labels);
      const category = labelled.ok ? labelled.category : 'referral';
      const labels = labelled.ok ? labelled.labels : [];
      records.push({
        resource: (labelled.ok ? withLabels(resource, labelled) : resource) as NewRecord['resource'],
        category,
        labels,
        author: actor.organisation,
        source: 'family',
      });
    }
  });
}

type Entry = BundleEntry & { resource: Resource };

function check(
  ports: AcceptPorts,
  bundle: Bundle,
): { ok: true; entries: Entry[]; patient: Patient; bsn: string } | Refusal {
  if (bundle.type !== 'transaction') return refuse('fhir-invalid', 'Bundle.type', 'transaction');
  const entries = (bundle.entry ?? []).filter((one): one is Entry => one.resource !== undefined);
  const issues = entries.flatMap(({ resource }, index): Issue[] => {
    if (!KINDS.has(resource.resourceType))
      return [{ code: 'fhir-invalid', path: `Bundle.entry[${index}].resource`, expected: [...KINDS].join(', ') }];
    if (resource.resourceType === 'Consent' && !isUnderstood(resource))
      return [{ code: 'consent-not-understood', path: `Bundle.entry[${index}].resource` }];
    return validate(resource, ports.definitions).map(({ path, message }) => ({
      code: 'fhir-invalid',
      path,
      expected: message,
    }));
  });
  if (issues.length > 0) return refuseAll(issues, 'fhir-invalid');
  const patients = entries.filter((one) => one.resource.resourceType === 'Patient');
  const patient = patients[0]?.resource as Patient | undefined;
  const bsn = patient?.identifier?.find((one) => one.system === BSN_SYSTEM)?.value;
  if (!patient || patients.length !== 1 || bsn === undefined) return refuse('identity-missing', 'Patient.identifier');
  return isBsn(bsn) ? { ok: true, entries, patient, bsn } : refuse('bsn-invalid', 'Patient.identifier.value');
}

/** `PUT Type/id` names the recorder's own id; otherwise the same content gives the same id, so that sending it again adds nothing. */
function idOf(ports: AcceptPorts, entry: Entry, patient: string, inner: (id: string) => string | undefined): string {
  const named = entry.request?.method === 'PUT' ? inner(entry.request.url?.split('/')[1] ?? '') : undefined;
  return named ?? ports.vault.stableId('family', patient, canonicalize(bare(entry.resource)) ?? '');
}

function relink<T>(value: T, targets: ReadonlyMap<string, string>): T {
  if (Array.isArray(value)) return value.map((one) => relink(one, targets)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === 'reference' && typeof one === 'string' ? (targets.get(one) ?? one) : relink(one, targets),
    ]),
  ) as T;
}

const bare = ({ meta: _meta, ...rest }: Resource): object => rest;
