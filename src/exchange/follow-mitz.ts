import type { Patient } from '@medplum/fhirtypes';
import { record } from '../audit/log.ts';
import { BSN_SYSTEM } from '../fhir/extensions.ts';
import type { Mitz } from '../mitz/client.ts';
import { SECTORS } from '../mitz/codes.ts';
import { readNotification, writeSubscription } from '../mitz/notification.ts';
import type { Policy } from '../policy/policy.ts';
import type { Db } from '../store/database.ts';
import { findPatient, loadFile, lockPatient, raiseGate, sealBeside } from '../store/records.ts';
import type { Vault } from '../store/vault.ts';
import { statementName } from './ask-mitz.ts';

interface FollowPorts {
  readonly db: Db;
  readonly vault: Vault;
  readonly mitz?: Mitz;
  readonly publicUrl: string;
  policy(): Policy;
  now(): Date;
}

const AT_A_TIME = 10;

/** Subscribes, for patients whose holders are in Mitz, to what citizens say there; a subscription that was taken is remembered as "nothing said yet". */
export async function subscribeMitz(ports: FollowPorts): Promise<void> {
  const { db, vault, mitz } = ports;
  if (ports.policy().settings.mitz !== 'used' || !mitz) return;
  const now = ports.now();
  const rows = await db
    .selectFrom('treatment_relation')
    .innerJoin('organisation', 'organisation.id', 'treatment_relation.organisation')
    .innerJoin('patient', 'patient.id', 'treatment_relation.patient')
    .leftJoin('mitz_statement', (join) =>
      join
        .onRef('mitz_statement.patient', '=', 'treatment_relation.patient')
        .onRef('mitz_statement.holder', '=', 'treatment_relation.organisation'),
    )
    .select(['treatment_relation.patient', 'organisation.id', 'organisation.ura', 'organisation.sector'])
    .where('treatment_relation.until', 'is', null)
    .where('patient.erased_at', 'is', null)
    .where('organisation.ura', 'is not', null)
    .where('organisation.sector', 'in', Object.keys(SECTORS))
    .where('mitz_statement.patient', 'is', null)
    .limit(AT_A_TIME)
    .execute();
  for (const { patient, id: holder, ura, sector } of rows) {
    const file = await loadFile(db, vault, patient, now, {});
    const person = file?.resources.find((one) => one.type === 'Patient')?.resource as Patient | undefined;
    const bsn = person?.identifier?.find((one) => one.system === BSN_SYSTEM)?.value;
    const type = SECTORS[sector]?.type;
    if (!file || !bsn || !ura || !type) continue;
    const endpoint = `${ports.publicUrl}/mitz/notification/${tokenOf(vault, patient, holder)}`;
    const xml = writeSubscription({ bsn, birthDate: person?.birthDate ?? '', ura, type }, endpoint);
    if (!(await mitz.subscribe(xml))) continue;
    await db
      .insertInto('mitz_statement')
      .values({ patient, holder, received_at: now, body: sealBeside(file.dataKey, statementName(holder), []) })
      .onConflict((on) => on.columns(['patient', 'holder']).doNothing())
      .execute();
  }
}

/** What only Mitz knows of a subscription: whoever has it may say something of this patient and this holder. It tells neither. */
const tokenOf = (vault: Vault, patient: string, holder: string): string =>
  vault.stableId('mitz-subscription', patient, holder);

/** Takes a notification at the address of its subscription; false where nobody is waited for there. What it says counts from then on, and replaces what was said before. */
export async function takeNotification(ports: FollowPorts, token: string, bytes: Uint8Array): Promise<boolean> {
  const notification = readNotification(bytes);
  if (!notification) return false;
  const { db, vault } = ports;
  const now = ports.now();
  const patient = await findPatient(db, vault, notification.bsn);
  const holder = await db
    .selectFrom('organisation')
    .select('id')
    .where('ura', '=', notification.ura)
    .executeTakeFirst();
  if (!patient || !holder || tokenOf(vault, patient, holder.id) !== token) return false;
  await db.transaction().execute(async (trx) => {
    await lockPatient(trx, patient);
    const file = await loadFile(trx, vault, patient, now, {});
    if (!file) return;
    const body = sealBeside(file.dataKey, statementName(holder.id), notification.statements);
    const row = { patient, holder: holder.id, received_at: now, body };
    await trx
      .insertInto('mitz_statement')
      .values(row)
      .onConflict((on) => on.columns(['patient', 'holder']).doUpdateSet({ body, received_at: now }))
      .execute();
    await raiseGate(trx, patient);
    const refusals = notification.statements.filter((one) => !one.permits).length;
    const actor = { client: 'mitz', organisation: holder.id };
    await record(trx, [{ kind: 'consent', actor, patient, details: [['mitz', `refusals ${refusals}`]] }], now);
  });
  return true;
}
