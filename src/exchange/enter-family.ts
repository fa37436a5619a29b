import { type KeyObject, randomUUID } from 'node:crypto';
import type { Bundle, CareTeam, Consent, EpisodeOfCare, Patient, Resource } from '@medplum/fhirtypes';
import canonicalize from 'canonicalize';
import type { AuditActor, AuditFact } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import type { Db } from '../store/database.ts';
import type { Pairwise } from '../store/pairwise.ts';
import {
  createPatient,
  loadFile,
  lockPatientByBsn,
  type NewRecord,
  type PatientFile,
  raiseGate,
  sealRecords,
  writeConsent,
  writeRecords,
} from '../store/records.ts';
import { followChange } from './after-change.ts';
import { withClaims } from './claims.ts';
import { isPaper, keepPapers } from './consent-papers.ts';
import { withCustodian } from './consent-rules.ts';
import { type ConsentVersion, planConsents } from './enter-consents.ts';
import { internalise } from './externalise.ts';
import { type FamilyBundle, type FamilyEntry, readFamilyBundle } from './family-bundle.ts';
import { faultOf, mayChange, type Own, strangeLink, teamFault } from './family-checks.ts';
import { factsOf, withGrounds } from './family-facts.ts';
import { familyId, polisOf } from './family-ids.ts';
import { conformance } from './intake.ts';
import { label, withLabels } from './label.ts';
import { mergePatient } from './merge-patient.ts';
import { planPapers } from './plan-papers.ts';
import type { AcceptPorts } from './push.ts';
import { relate } from './relations.ts';

export interface Entered {
  readonly ok: true;
  /** The transaction's answer: where each entry now stands, in the order they came. */
  readonly response: Bundle;
  /** Notices to receivers that follow from it. */
  readonly deliveries: readonly string[];
}

/**
 * A consent recorder enters a family in one transaction: the Patient (found again by BSN), the RelatedPersons with custody, the CareTeam, which is the list of
 * organisations with a treatment relation, the EpisodeOfCare with the poli, and Consents. All or nothing. The same Bundle again changes nothing.
 */
export async function enterFamily(ports: AcceptPorts, bundle: Bundle, actor: AuditActor): Promise<Entered | Refusal> {
  const family = readFamilyBundle(ports, bundle);
  if (!family.ok) return family;
  try {
    return await enter(ports, family, actor);
  } catch (error) {
    // Two recorders enter the same new patient at once: the second finds what the first made.
    if (!isEntered(error)) throw error;
    return enter(ports, family, actor);
  }
}

/** Another transaction made a patient with this BSN while this one ran. */
const isEntered = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === 'patient_bsn_index_key';

async function enter(ports: AcceptPorts, family: FamilyBundle, actor: AuditActor): Promise<Entered | Refusal> {
  const now = ports.now();
  const ids = ports.vault.ids(actor.organisation);
  const directory = await ports.directory();
  return ports.db.transaction().execute(async (trx): Promise<Entered | Refusal> => {
    const known = await lockPatientByBsn(trx, ports.vault, family.bsn);
    const patient = known ?? randomUUID();
    const file = await loadFile(trx, ports.vault, patient, now);
    const current = file?.resources.find((one) => one.type === 'Patient')?.resource as Patient | undefined;
    if (known && !mayChange(file, current, family.patient, actor.organisation)) {
      await record(trx, [{ kind: 'refusal', actor, patient, details: [['code', 'not-allowed']] }], now);
      // What would be refused of an unknown family is refused with the same words: an incomplete Bundle is no way to ask whether a number is known.
      const asNew = withGrounds(placed(ports, family, patient, ids, actor), [], now);
      if (!asNew.ok) return asNew;
      return (
        faultOf(asNew.own, patient) ?? teamFault(asNew.own, true, actor.organisation, now) ?? refuse('not-allowed')
      );
    }
    const stray = family.entries.findIndex((one) => !isOwn(one, patient, file, ids));
    if (stray >= 0) return refuse('not-found', `Bundle.entry[${stray}].request.url`);
    const entered = withGrounds(placed(ports, family, patient, ids, actor), file?.resources ?? [], now);
    if (!entered.ok) return entered;
    const { own } = entered;
    const fault = faultOf(own, patient) ?? teamFault(own, known === undefined, actor.organisation, now);
    if (fault) return fault;
    const papers = planPapers(own);
    if (!papers.ok) return papers;
    const link = await strangeLink(trx, own, patient, actor.organisation, now);
    if (link) return link;
    const consents = planConsents(
      own.flatMap((one, index) =>
        one.resourceType === 'Consent'
          ? [{ index, update: family.entries[index]?.request?.method === 'PUT', consent: one as Consent & Own }]
          : [],
      ),
      file?.consents ?? [],
      actor.organisation,
    );
    if (!consents.ok) return consents;
    const records = toRecords(ports, [...own, ...formerEpisodes(file, own)], current, actor);
    if (!records.ok) return records;
    const dataKey = file?.dataKey ?? (await createPatient(trx, ports.vault, patient, family.bsn));
    const changed = records.records.filter((one) => isNew(file, one.resource));
    await writeRecords(trx, sealRecords(dataKey, patient, changed, file?.resources ?? [], now));
    await raiseGate(trx, patient);
    const details: [string, string][] = factsOf(changed.map((one) => one.resource));
    for (const one of own) {
      if (one.resourceType !== 'CareTeam') continue;
      const known = new Set(directory.organisations.keys());
      const { began, ended } = await relate(trx, patient, one as CareTeam, known, actor.organisation, now);
      for (const each of began) details.push(['relation-began', each]);
      for (const each of ended) details.push(['relation-ended', each]);
    }
    const facts = await enterConsents(trx, { patient, dataKey, actor, now }, consents.versions);
    const items = changed.map((one) => `${one.resource.resourceType}/${one.resource.id}`);
    for (const { consent, list } of papers.sets) {
      const version = versionOf(consent, consents.versions, file);
      items.push(...(await keepPapers(trx, { patient, dataKey }, { id: consent, version }, list, actor, now)));
    }
    await record(trx, [{ kind: 'family', actor, patient, items, details }, ...facts], now);
    const code = consents.versions.length > 0 ? 'consent-withdrawn' : 'sharing-ended';
    const change = file && ({ before: file, actor, code, cause: randomUUID(), directory } as const);
    const deliveries = change ? await followChange(trx, ports, change, now) : [];
    const entry = own.map((one) => ({
      response: { status: '200', location: `${one.resourceType}/${ids.out(one.id)}` },
    }));
    return { ok: true, response: { resourceType: 'Bundle', type: 'transaction-response', entry }, deliveries };
  });
}

/** The version of a Consent that its papers belong to: the one that is written now, or the one that stands. */
const versionOf = (id: string, written: readonly ConsentVersion[], file: PatientFile | undefined): number =>
  written.find((one) => one.consent.id === id)?.version ??
  Number(file?.consents.find((one) => one.id === id)?.meta?.versionId ?? 1);

/** A family is at one poli: entering an active episode ends the other ones. Episodes that a hospital sent say no poli and are not ended here. */
function formerEpisodes(file: PatientFile | undefined, own: readonly Own[]): Own[] {
  const entered = own.filter((one) => one.resourceType === 'EpisodeOfCare') as (EpisodeOfCare & Own)[];
  if (!entered.some((one) => one.status === 'active')) return [];
  return (file?.resources ?? [])
    .filter((one) => one.type === 'EpisodeOfCare' && !entered.some(({ id }) => id === one.id))
    .map((one) => one.resource as EpisodeOfCare & Own)
    .filter((one) => one.status === 'active' && polisOf(one).length > 0)
    .map((one) => ({ ...one, status: 'finished' }));
}

/**
 * The entries with the gateway's ids, and references between them to match. A Consent, and a paper of one, has its id from what it says, references included: so those that are
 * referred to come first.
 */
function placed(ports: AcceptPorts, family: FamilyBundle, patient: string, ids: Pairwise, actor: AuditActor): Own[] {
  const targets = new Map<string, string>();
  const done = new Map<FamilyEntry, Own>();
  const order = ({ resource }: FamilyEntry): number => LATER.indexOf(resource.resourceType);
  for (const entry of family.entries.toSorted((a, b) => order(a) - order(b))) {
    const { request, fullUrl = '' } = entry;
    const own = relink(internalise(entry.resource, ids), targets);
    const resource = own.resourceType === 'Consent' ? withCustodian(own as Consent, actor.organisation) : own;
    const named = request?.method === 'PUT' ? ids.in(request.url?.split('/')[1] ?? '') : undefined;
    const id = own.resourceType === 'Patient' ? patient : (named ?? familyId(ports.vault, patient, resource));
    targets.set(fullUrl, `${own.resourceType}/${id}`);
    done.set(entry, { ...resource, id });
  }
  return family.entries.map((entry) => done.get(entry) as Own);
}

/** What refers to other entries, in the order in which it has to be placed; the rest comes before. */
const LATER: readonly string[] = [
  'RelatedPerson',
  'CareTeam',
  'EpisodeOfCare',
  'DocumentReference',
  'Consent',
  'Provenance',
];

/** Whether an update by id (`PUT Type/id`) names something of this kind in this patient's file: another id could take the place of somebody else's data. */
function isOwn(
  { request, resource }: FamilyEntry,
  patient: string,
  file: PatientFile | undefined,
  ids: Pairwise,
): boolean {
  if (request?.method !== 'PUT') return true;
  const [type, id = ''] = request.url?.split('/') ?? [];
  const named = ids.in(id);
  if (type !== resource.resourceType || named === undefined) return false;
  if (type === 'Patient') return named === patient;
  if (type === 'Consent') return file?.consents.some((one) => one.id === named) ?? false;
  return file?.resources.some((one) => one.type === type && one.id === named) ?? false;
}

/** What is shared, labelled and checked against the project's profiles. A Patient that changes nothing is left out. */
function toRecords(
  ports: AcceptPorts,
  own: readonly Own[],
  current: Patient | undefined,
  actor: AuditActor,
): { ok: true; records: NewRecord[] } | Refusal {
  const records: NewRecord[] = [];
  for (const one of own) {
    const merged = one.resourceType === 'Patient' ? mergePatient(current, one) : one;
    if (!merged || one.resourceType === 'Consent' || isPaper(one)) continue;
    const labelled = label(merged, ports.labels);
    if (!labelled.ok) return refuse('label-missing', labelled.path);
    const resource = withLabels({ ...merged, id: one.id } as Own, labelled);
    const faults = conformance(ports, [resource]);
    if (!faults.ok) return faults;
    records.push({
      resource: withClaims(resource, ports.claimsOf(resource)),
      category: labelled.category,
      labels: labelled.labels,
      author: actor.organisation,
      source: 'family',
    });
  }
  return { ok: true, records };
}

interface Register {
  readonly patient: string;
  readonly dataKey: KeyObject;
  readonly actor: AuditActor;
  readonly now: Date;
}

async function enterConsents(
  trx: Db,
  { patient, dataKey, actor, now }: Register,
  versions: readonly ConsentVersion[],
): Promise<AuditFact[]> {
  const facts: AuditFact[] = [];
  for (const { consent, version } of versions) {
    await writeConsent(trx, dataKey, patient, consent, version, actor.organisation, now);
    facts.push({
      kind: 'consent',
      actor,
      patient,
      consents: [`Consent/${consent.id}/_history/${version}`],
      details: [['status', consent.status ?? '']],
    });
  }
  return facts;
}

function isNew(file: PatientFile | undefined, resource: Own): boolean {
  const known = file?.resources.find((one) => one.type === resource.resourceType && one.id === resource.id);
  return !known || canonicalize(bare(known.resource)) !== canonicalize(bare(resource));
}

function relink<T>(value: T, targets: ReadonlyMap<string, string>): T {
  if (Array.isArray(value)) return value.map((one) => relink(one, targets)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [
    key,
    key === 'reference' && typeof one === 'string' ? (targets.get(one) ?? one) : relink(one, targets),
  ]);
  return Object.fromEntries(entries) as T;
}

const bare = ({ meta: _meta, ...rest }: Resource): object => rest;
