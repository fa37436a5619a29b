import type { Consent, Patient } from '@medplum/fhirtypes';
import type { AuditFact } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import { EXTENSIONS, extension } from '../fhir/extensions.ts';
import type { Db } from '../store/database.ts';
import type { Directory } from '../store/directory.ts';
import { type PatientFile, raiseGate, sealRecords, writeConsent, writeRecords } from '../store/records.ts';
import { followChange } from './after-change.ts';
import { withClaims } from './claims.ts';
import { planConsents } from './enter-consents.ts';
import { readInbound } from './inbound-consents.ts';
import { type Intake, withSubject } from './intake.ts';
import { labelled, withLabels } from './label.ts';
import { mergePatient } from './merge-patient.ts';
import { openReview } from './open-review.ts';
import type { AcceptPorts, Push } from './push.ts';

/** What a message says that restricts what may be shared: consents, a death, a protected address. */
export function restrictionsOf(
  taken: Intake,
  current: Patient | undefined,
): { consents: Consent[]; facts: Partial<Patient> } {
  const consents = taken.items.flatMap(({ resource }) => (resource.resourceType === 'Consent' ? [resource] : []));
  return { consents, facts: current ? factsOf(taken.patient, current) : {} };
}

/** The death and the protection that a message tells and that are not on record. */
function factsOf(incoming: Patient, current: Patient): Partial<Patient> {
  const { deceasedBoolean, deceasedDateTime } = incoming;
  const died = (deceasedBoolean || deceasedDateTime) && !current.deceasedBoolean && !current.deceasedDateTime;
  const guarded = extension(incoming, EXTENSIONS.protectedAddress);
  const isNew = guarded?.valueBoolean && !extension(current, EXTENSIONS.protectedAddress)?.valueBoolean;
  return {
    ...(died && (deceasedDateTime ? { deceasedDateTime } : { deceasedBoolean })),
    ...(isNew && { extension: [guarded] }),
  };
}

/**
 * What restricts is kept before the gate is asked about the rest of the message, and whatever the gate then says: a refusal or a death that was lost because nothing may be shared would keep things being shared. Gives how much was
 * kept and the deliveries (notices) that follow. Call with the patient of `file` (all of it) locked.
 */
export async function restrict(
  trx: Db,
  ports: AcceptPorts,
  push: Push,
  file: PatientFile,
  taken: Intake,
  cause: string,
  directory: Directory,
): Promise<{ kept: number; deliveries: string[] }> {
  const now = ports.now();
  const { patient, dataKey } = file;
  const { actor } = push;
  const current = file.resources.find((one) => one.type === 'Patient');
  const { consents, facts } = restrictionsOf(taken, current?.resource as Patient | undefined);
  const log: AuditFact[] = [];
  const read = consents.map((one) =>
    readInbound(ports.vault, file, actor.organisation, withSubject(one, patient), now),
  );
  const entered = read.flatMap((one) => (one.kind === 'other' ? [] : [one]));
  const plan = planConsents(
    entered.map(({ consent }, index) => ({ index, update: false, consent })),
    file.consents,
    actor.organisation,
  );
  const versions = plan.ok ? plan.versions : [];
  for (const { consent, version } of versions) {
    await writeConsent(trx, dataKey, patient, consent, version, actor.organisation, now);
    const { kind, review } = entered.find((one) => one.consent.id === consent.id) as (typeof entered)[number];
    const details = [
      ['inbound', kind],
      ['source', push.source],
      ['status', consent.status ?? ''],
    ] as const;
    log.push({ kind: 'consent', actor, patient, consents: [`Consent/${consent.id}/_history/${version}`], details });
    if (review)
      await openReview(
        trx,
        file,
        {
          kind: 'inbound-consent',
          organisation: actor.organisation,
          subject: consent.id,
          details: { source: push.source, consent: `Consent/${consent.id}` },
        },
        now,
      );
  }
  const told = Object.keys(facts);
  const changed =
    current && told.length > 0 && mergePatient(current.resource as Patient, { resourceType: 'Patient', ...facts });
  if (changed) {
    const resource = withLabels({ ...changed, id: patient }, labelled('naw', []));
    const records = [
      {
        resource: withClaims(resource, ports.claimsOf(resource)),
        category: 'naw',
        labels: [],
        author: actor.organisation,
        source: push.source,
      },
    ];
    await writeRecords(trx, sealRecords(dataKey, patient, records, file.resources, now));
    await raiseGate(trx, patient);
    const details = told.map((one) => ['fact', one] as const);
    log.push({ kind: 'family', actor, patient, items: [`Patient/${patient}`], details });
  }
  const kept = versions.length + (changed ? 1 : 0);
  if (kept === 0) return { kept: 0, deliveries: [] };
  await record(trx, log, now);
  const code = versions.length > 0 ? 'consent-withdrawn' : 'sharing-ended';
  return { kept, deliveries: await followChange(trx, ports, { before: file, actor, code, cause, directory }, now) };
}
