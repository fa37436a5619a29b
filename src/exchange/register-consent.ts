import { randomUUID } from 'node:crypto';
import type { Consent } from '@medplum/fhirtypes';
import type { AuditActor } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import { isUnderstood } from '../consent/understood.ts';
import { type Issue, type Refusal, refuse, refuseAll } from '../fhir/problems.ts';
import { isId } from '../store/pairwise.ts';
import { loadFile, lockPatient, patientOfConsent, writeConsent } from '../store/records.ts';
import { internalise } from './externalise.ts';
import type { AcceptPorts } from './push.ts';
import { type Released, releaseConsents } from './release.ts';

export type Registered = { readonly ok: true; readonly released: Released } | Refusal;

/** Registers a new Consent of a patient the recorder's organisation has a treatment relation with. */
export async function createConsent(ports: AcceptPorts, body: Consent, actor: AuditActor): Promise<Registered> {
  const checked = check(ports, body);
  if (!checked.ok) return checked;
  const consent = { ...internalise(body, ports.vault.ids(actor.organisation)), id: randomUUID() };
  const patient = consent.patient?.reference?.replace(/^Patient\//, '') ?? '';
  return write(ports, patient, consent, 1, actor);
}

/** Replaces a Consent: a withdrawal is an update to `inactive`. `expected` is the version the recorder read (If-Match); another one is refused. */
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
  const patient = own && (await patientOfConsent(ports.db, own));
  const consent = internalise(body, ids);
  // A consent cannot move to another patient.
  if (!own || !patient || consent.patient?.reference !== `Patient/${patient}`) return refuse('not-found');
  return write(ports, patient, { ...consent, id: own }, expected + 1, actor);
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

async function write(
  ports: AcceptPorts,
  patient: string,
  consent: Consent & { id: string },
  version: number,
  actor: AuditActor,
): Promise<Registered> {
  if (!isId(patient)) return refuse('not-found');
  const now = ports.now();
  const result = await ports.db.transaction().execute(async (trx): Promise<Registered | 'written'> => {
    await lockPatient(trx, patient);
    const file = await loadFile(trx, ports.vault, patient, now);
    if (!file?.relations.includes(actor.organisation)) return refuse('not-found');
    const current = file.consents.find((one) => one.id === consent.id);
    if (Number(current?.meta?.versionId ?? 0) !== version - 1) return refuse('version-conflict', 'If-Match');
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
    return 'written';
  });
  if (result !== 'written') return result;
  const written = { ...consent, meta: { ...consent.meta, versionId: String(version), lastUpdated: now.toISOString() } };
  return { ok: true, released: await releaseConsents(ports, patient, [written], actor) };
}
