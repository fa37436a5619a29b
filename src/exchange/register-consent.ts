import { randomUUID } from 'node:crypto';
import type { Consent } from '@medplum/fhirtypes';
import type { AuditActor } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import { isUnderstood } from '../consent/understood.ts';
import { type Issue, type Refusal, refuse, refuseAll } from '../fhir/problems.ts';
import { isId } from '../store/pairwise.ts';
import { loadFile, lockPatient, writeConsent } from '../store/records.ts';
import { isCustodian, revives } from './consent-rules.ts';
import { internalise } from './externalise.ts';
import type { AcceptPorts } from './push.ts';
import { type Released, releaseConsents } from './release.ts';

export type Registered = { readonly ok: true; readonly released: Released } | Refusal;

/** Registers a new Consent of a patient the recorder's organisation has a treatment relation with. */
export async function createConsent(ports: AcceptPorts, body: Consent, actor: AuditActor): Promise<Registered> {
  const checked = check(ports, body);
  if (!checked.ok) return checked;
  const consent = { ...internalise(body, ports.vault.ids(actor.organisation)), id: randomUUID() };
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

/** The current Consents of a patient, for a recorder whose organisation has a treatment relation. */
export async function readConsents(ports: AcceptPorts, patientId: string, actor: AuditActor): Promise<Registered> {
  const patient = ports.vault.ids(actor.organisation).in(patientId);
  const file = patient ? await loadFile(ports.db, ports.vault, patient, ports.now()) : undefined;
  if (!file?.relations.includes(actor.organisation)) return refuse('not-found');
  return { ok: true, released: await releaseConsents(ports, file.patient, file.consents, actor) };
}

function check(ports: AcceptPorts, body: Consent): { ok: true } | Refusal {
  if (body.resourceType !== 'Consent') return refuse('fhir-invalid', 'resourceType', 'Consent');
  const issues = [...ports.validate(body), ...ports.conforms(body)].map(
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
): Refusal | undefined {
  if (expected !== undefined && !current) return refuse('not-found');
  if (!isCustodian(consent, organisation) || (current && !isCustodian(current, organisation)))
    return refuse('not-allowed', 'Consent.organization');
  if (current && revives(current, consent)) return refuse('consent-ended', 'Consent.status');
  const stale = Number(current?.meta?.versionId ?? 0) !== (expected ?? 0);
  return stale && consent.status !== 'inactive' ? refuse('version-conflict', 'If-Match') : undefined;
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
  const result = await ports.db.transaction().execute(async (trx): Promise<Refusal | number> => {
    await lockPatient(trx, patient);
    const file = await loadFile(trx, ports.vault, patient, now);
    if (!file?.relations.includes(actor.organisation)) return refuse('not-found');
    const current = file.consents.find((one) => one.id === consent.id);
    const fault = faultOf(consent, current, expected, actor.organisation);
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
    return version;
  });
  if (typeof result !== 'number') return result;
  const written = { ...consent, meta: { ...consent.meta, versionId: String(result), lastUpdated: now.toISOString() } };
  return { ok: true, released: await releaseConsents(ports, patient, [written], actor) };
}
