import { randomUUID } from 'node:crypto';
import type { Consent } from '@medplum/fhirtypes';
import type { AuditActor } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import { isUnderstood } from '../consent/understood.ts';
import { BSN_SYSTEM } from '../fhir/extensions.ts';
import { type Issue, type Refusal, refuse, refuseAll } from '../fhir/problems.ts';
import type { Db } from '../store/database.ts';
import { isId } from '../store/pairwise.ts';
import { consentHolder, findPatient, loadFile, lockPatient, type PatientFile, writeConsent } from '../store/records.ts';
import { followChange } from './after-change.ts';
import { keepPapers, type Paper, readPaper, signedBy } from './consent-papers.ts';
import { custodiansOf, isCustodian, objects, revives, withCustodian } from './consent-rules.ts';
import { internalise } from './externalise.ts';
import type { AcceptPorts } from './push.ts';
import { type Released, releaseConsents, releasePapers } from './release.ts';

/** What was registered as the register shows it, and the deliveries (notices to receivers) that follow from it. */
export type Registered =
  | { readonly ok: true; readonly released: Released; readonly deliveries: readonly string[] }
  | Refusal;

/** Registers a new Consent of a patient the recorder's organisation has a treatment relation with. */
export async function createConsent(ports: AcceptPorts, body: Consent, actor: AuditActor): Promise<Registered> {
  const checked = check(ports, body);
  if (!checked.ok) return checked;
  const consent = {
    ...withCustodian(internalise(body, ports.vault.ids(actor.organisation)), actor.organisation),
    id: randomUUID(),
  };
  return write(ports, consent, undefined, actor);
}

/**
 * Replaces a Consent: a withdrawal is an update to `inactive`. `expected` is the version the recorder read (If-Match); another one is refused, except for a withdrawal,
 * which always wins. A Consent cannot move: it is looked for in the record of the patient it names. What was ended is not revived.
 */
export async function updateConsent(
  ports: AcceptPorts,
  id: string,
  body: Consent,
  expected: number,
  actor: AuditActor,
): Promise<Registered> {
  const checked = check(ports, body);
  if (!checked.ok) return checked;
  const ids = ports.vault.ids(actor.organisation);
  const own = ids.in(id);
  return own ? write(ports, { ...internalise(body, ids), id: own }, expected, actor) : refuse('not-found');
}

/**
 * Keeps a paper of a Consent that is registered: the form that was shown (found by `Consent.sourceReference` of the current version, or by `context.related`) or its signature (`Provenance.target`).
 */
export async function addPaper(ports: AcceptPorts, body: Paper, actor: AuditActor): Promise<Registered> {
  const issues = ports.validate(body);
  if (issues.length > 0)
    return refuseAll(
      issues.map(({ path, message }): Issue => ({ code: 'fhir-invalid', path, expected: message })),
      'fhir-invalid',
    );
  const ids = ports.vault.ids(actor.organisation);
  const paper = { ...internalise(body, ids), id: randomUUID() } as Paper & { id: string };
  const read = readPaper(paper, paper.resourceType);
  if (!read.ok) return read;
  const target = paper.resourceType === 'Provenance' ? read.target : paper.context?.related?.find(isConsent)?.reference;
  const [, id = '', asked] = /^Consent\/([0-9a-f-]{36})(?:\/_history\/(\d+))?$/.exec(target ?? '') ?? [];
  const patient = isId(id) ? await consentHolder(ports.db, id) : undefined;
  if (!patient) return refuse('paper-incomplete', paper.resourceType === 'Provenance' ? 'target' : 'context.related');
  const now = ports.now();
  const kept = await ports.db.transaction().execute(async (trx): Promise<Refusal | PatientFile> => {
    await lockPatient(trx, patient);
    const file = await loadFile(trx, ports.vault, patient, now, {});
    const consent = file?.consents.find((one) => one.id === id);
    if (!file?.relations.includes(actor.organisation) || !consent) return refuse('not-found');
    if (!isCustodian(consent, actor.organisation)) return refuse('not-allowed', 'Consent.organization');
    const version = Number(asked ?? consent.meta?.versionId);
    if (version > Number(consent.meta?.versionId)) return refuse('paper-incomplete', 'target');
    if (!signedBy(paper, consent.performer ?? [])) return refuse('paper-incomplete', 'signature.who');
    const items = await keepPapers(trx, file, { id, version }, [paper], actor, now);
    const consents = [`Consent/${id}/_history/${version}`];
    await record(trx, [{ kind: 'consent', actor, patient, consents, items, details: [['paper', 'kept']] }], now);
    return file;
  });
  if ('ok' in kept) return kept;
  const consent = kept.consents.find((one) => one.id === id) as Consent;
  return { ok: true, released: await releasePapers(ports, patient, consent, [paper], actor), deliveries: [] };
}

const isConsent = ({ reference }: { reference?: string }): boolean => reference?.startsWith('Consent/') === true;

function check(ports: AcceptPorts, body: Consent): { ok: true } | Refusal {
  if (body.resourceType !== 'Consent') return refuse('fhir-invalid', 'resourceType', 'Consent');
  // What ends a consent is taken in any form: one that is not understood can be ended too.
  const ends = body.status === 'inactive' || body.status === 'entered-in-error';
  const issues = [...ports.validate(body), ...(ends ? [] : ports.conforms(body))].map(
    ({ path, message }): Issue => ({ code: 'fhir-invalid', path, expected: message }),
  );
  if (issues.length > 0) return refuseAll(issues, 'fhir-invalid');
  return isUnderstood(body) ? { ok: true } : refuse('consent-not-understood', 'Consent');
}

/** Why this version may not follow the current one, if so; `expected` is undefined for a new Consent. */
function faultOf(
  consent: Consent,
  current: Consent | undefined,
  expected: number | undefined,
  organisation: string,
  relations: readonly string[],
): Refusal | undefined {
  if (expected !== undefined && !current) return refuse('not-found');
  // A withdrawal must find somebody: where every custodian has left the family, whoever is with it now may end the consent.
  const left =
    current !== undefined &&
    consent.status === 'inactive' &&
    custodiansOf(current).every((one) => !relations.includes(one));
  if (!left && (!isCustodian(consent, organisation) || (current && !isCustodian(current, organisation))))
    return refuse('not-allowed', 'Consent.organization');
  if (current && revives(current, consent)) return refuse('consent-ended', 'Consent.status');
  const known = Number(current?.meta?.versionId ?? 0);
  const wins = consent.status === 'inactive' && known > (expected ?? 0) && !(current && objects(current));
  return known !== (expected ?? 0) && !wins ? refuse('version-conflict', 'If-Match') : undefined;
}

async function write(
  ports: AcceptPorts,
  consent: Consent & { id: string },
  expected: number | undefined,
  actor: AuditActor,
): Promise<Registered> {
  const patient = consent.patient?.reference?.replace(/^Patient\//, '') ?? '';
  if (!isId(patient)) return refuse('not-found');
  const now = ports.now();
  const directory = await ports.directory();
  const result = await ports.db.transaction().execute(async (trx): Promise<Refusal | Written> => {
    await lockPatient(trx, patient);
    const file = await loadFile(trx, ports.vault, patient, now);
    if (!file?.relations.includes(actor.organisation)) return refuse('not-found');
    if (!(await isOf(trx, ports, consent, patient))) return refuse('identity-conflict', 'Consent.patient');
    const current = file.consents.find((one) => one.id === consent.id);
    const fault = faultOf(consent, current, expected, actor.organisation, file.relations);
    if (fault) return fault;
    const version = Number(current?.meta?.versionId ?? 0) + 1;
    await writeConsent(trx, file.dataKey, patient, consent, version, actor.organisation, now);
    await record(
      trx,
      [
        {
          kind: 'consent',
          actor,
          patient,
          consents: [`Consent/${consent.id}/_history/${version}`],
          details: [['status', consent.status ?? '']],
        },
      ],
      now,
    );
    const cause = `Consent/${consent.id}/_history/${version}`;
    const change = { before: file, actor, code: 'consent-withdrawn', cause, directory } as const;
    return { version, deliveries: await followChange(trx, ports, change, now) };
  });
  if ('ok' in result) return result;
  const { version, deliveries } = result;
  const meta = { ...consent.meta, versionId: String(version), lastUpdated: now.toISOString() };
  const released = await releaseConsents(ports, patient, [{ ...consent, meta }], actor);
  return { ok: true, released, deliveries };
}

interface Written {
  readonly version: number;
  readonly deliveries: readonly string[];
}

/** One mistyped digit of a BSN can be a sibling's: where the Consent names the patient by BSN too, it must be the BSN of that very record, whose birth date was checked when it was entered. */
async function isOf(trx: Db, { vault }: AcceptPorts, { patient }: Consent, id: string): Promise<boolean> {
  const { system, value } = patient?.identifier ?? {};
  if (system !== BSN_SYSTEM || !value) return true;
  return (await findPatient(trx, vault, value)) === id;
}
