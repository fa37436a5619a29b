import { randomUUID } from 'node:crypto';
import type { Observation, RelatedPerson } from '@medplum/fhirtypes';
import { consentFor } from '../../src/demo/families.ts';
import { CATEGORY_SYSTEM, EXTENSIONS } from '../../src/fhir/extensions.ts';
import {
  createPatient,
  loadFile,
  type NewRecord,
  sealRecords,
  writeConsent,
  writeRecords,
} from '../../src/store/records.ts';
import type { DeliveryRow } from '../../src/store/schema.ts';
import { child, type TestStore } from './store.ts';

/** One invented family in a store, with exchanges and deliveries put into the ledger by hand: for what happens after acceptance. */
export interface Lanes {
  readonly patient: string;
  /** An exchange that brought a weight, with a delivery to the receiver; the same fact again is a correction. */
  exchange(
    receiver: string,
    value: number,
    more?: { category?: string; fact?: string },
  ): Promise<{ exchange: string; delivery: string }>;
  state(delivery: string): Promise<DeliveryRow>;
  withdraw(): Promise<void>;
}

const MOTHER = 'RelatedPerson';

/** Puts a receiver of the JGZ into the store. */
export async function addReceiver(store: TestStore, id: string, address: string): Promise<void> {
  await store.db
    .insertInto('receiver')
    .values({
      id,
      organisation: 'jgz',
      discipline: 'youth-nurse',
      categories: ['naw', 'development', 'risk'],
      kind: 'fhir',
      address,
    })
    .execute();
}

/** Enters a child with one parent, who allowed everything to the JGZ. */
export async function openLanes({ db, vault }: TestStore, bsn: string | undefined, now: () => Date): Promise<Lanes> {
  const patient = randomUUID();
  const mother = randomUUID();
  const consentId = randomUUID();
  const key = await createPatient(db, vault, patient, bsn);
  const security = (category: string) => ({ security: [{ system: CATEGORY_SYSTEM, code: `cat-${category}` }] });
  const write = async (records: NewRecord[]) => {
    const current = (await loadFile(db, vault, patient, now()))?.resources ?? [];
    await writeRecords(db, sealRecords(key, patient, records, current, now()));
  };
  const kept = { labels: [], author: 'hospital', source: 'hix' };
  const relative: RelatedPerson & { id: string } = {
    resourceType: MOTHER,
    id: mother,
    patient: { reference: `Patient/${patient}` },
    extension: [{ url: EXTENSIONS.custody, valueCode: 'yes' }],
    meta: security('naw'),
  };
  await write([
    { ...kept, category: 'naw', resource: { ...child(patient, bsn), meta: security('naw') } },
    { ...kept, category: 'naw', resource: relative },
  ]);
  await db
    .insertInto('treatment_relation')
    .values({ patient, organisation: 'jgz', source: 'test', since: new Date(0), until: null })
    .execute();
  const consent = {
    ...consentFor(
      { reference: `Patient/${patient}` },
      [{ reference: `${MOTHER}/${mother}` }],
      ['jgz'],
      '2026-10-01T09:00:00+02:00',
    ),
    id: consentId,
  };
  await writeConsent(db, key, patient, consent, 1, 'jgz', now());

  return {
    patient,
    async exchange(receiver, value, { category = 'development', fact = randomUUID() } = {}) {
      const [exchange, delivery] = [randomUUID(), randomUUID()];
      await db
        .insertInto('exchange')
        .values({
          id: exchange,
          sender: 'hospital',
          source: 'hix',
          message_id: exchange,
          digest: null,
          patient,
          state: 'accepted',
          outcome: JSON.stringify({ messageId: exchange }),
          received_at: now(),
          raw: null,
          raw_expires_at: null,
        })
        .execute();
      const weight: Observation & { id: string } = {
        resourceType: 'Observation',
        id: fact,
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
        subject: { reference: `Patient/${patient}` },
        effectiveDateTime: '2026-10-01',
        valueQuantity: { value },
        meta: security(category),
      };
      await write([{ ...kept, category, resource: weight, exchange }]);
      const at = now();
      await db
        .insertInto('delivery')
        .values({
          id: delivery,
          exchange,
          receiver,
          patient,
          state: 'queued',
          next_attempt_at: null,
          failure: null,
          receipt: null,
          created_at: at,
          updated_at: at,
        })
        .execute();
      return { exchange, delivery };
    },
    state: (delivery) => db.selectFrom('delivery').selectAll().where('id', '=', delivery).executeTakeFirstOrThrow(),
    withdraw: () => writeConsent(db, key, patient, { ...consent, status: 'inactive' }, 2, 'jgz', now()),
  };
}
