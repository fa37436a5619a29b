import { type KeyObject, randomUUID } from 'node:crypto';
import type { Consent, Observation } from '@medplum/fhirtypes';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { child, openStore, type TestStore } from '../../tests/support/store.ts';
import type { Db } from './database.ts';
import {
  createPatient,
  findPatient,
  loadFile,
  lockPatient,
  lockPatientByBsn,
  type NewRecord,
  sealRaw,
  sealRecords,
  writeConsent,
  writeRecords,
} from './records.ts';
import { open } from './vault.ts';

const NOW = new Date('2026-11-01T10:00:00Z');
const LATER = new Date('2026-11-01T11:00:00Z');
const BSNS = ['999903147', '999903238', '999903032', '999911120', '999990019'];

let store: TestStore;
beforeAll(async () => {
  store = await openStore();
  await store.organisations('hospital', 'jgz');
});
afterAll(() => store.close());

interface Held {
  readonly id: string;
  readonly key: KeyObject;
}
async function newPatient(bsn?: string): Promise<Held> {
  const id = randomUUID();
  return { id, key: await createPatient(store.db, store.vault, id, bsn) };
}
const weight = (id: string, value: number, more: Partial<NewRecord> = {}): NewRecord => ({
  resource: {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: 'gewicht' },
    valueQuantity: { value },
  },
  category: 'development',
  labels: [],
  author: 'hospital',
  source: 'hix',
  ...more,
});
/** Writes as the gateway does: seals beside what is current, then replaces it. */
async function write({ id, key }: Held, records: readonly NewRecord[], now: Date, trx: Db = store.db): Promise<void> {
  const current = (await loadFile(trx, store.vault, id, now))?.resources ?? [];
  await writeRecords(trx, sealRecords(key, id, records, current, now));
}
const load = (patient: string, now = LATER) => loadFile(store.db, store.vault, patient, now);
const values = async (patient: string) =>
  (await load(patient))?.resources.map((one) => [
    one.id,
    one.version,
    (one.resource as Observation).valueQuantity?.value,
  ]);

describe('versions', () => {
  it('a new version replaces what has its type and id, nothing of another type under the same id', async () => {
    const { id, key } = await newPatient();
    const same = randomUUID();
    const relative: NewRecord = {
      ...weight(same, 0),
      resource: { resourceType: 'RelatedPerson', id: same, patient: { reference: `Patient/${id}` } },
      category: 'naw',
    };
    await write({ id, key }, [weight(same, 5), relative], NOW);
    await write({ id, key }, [weight(same, 6)], LATER);
    expect((await load(id))?.resources.map((one) => [one.type, one.version]).sort()).toEqual([
      ['Observation', 2],
      ['RelatedPerson', 1],
    ]);
  });

  it('a file gives the current version of each resource, with its meta and its keepings', async () => {
    const { id, key } = await newPatient();
    const [one, two, exchange] = [randomUUID(), randomUUID(), randomUUID()];
    await write({ id, key }, [weight(one, 5, { labels: ['PSY'], exchange }), weight(two, 50)], NOW);
    await write({ id, key }, [weight(one, 6, { author: 'jgz' })], LATER);
    expect((await values(id))?.sort()).toEqual(
      [
        [one, 2, 6],
        [two, 1, 50],
      ].sort(),
    );
    const stored = (await load(id))?.resources.find((each) => each.id === one);
    expect(stored).toMatchObject({ type: 'Observation', category: 'development', labels: [], author: 'jgz' });
    expect(stored?.exchange).toBeUndefined();
    expect(stored?.resource.meta).toEqual({ versionId: '2', lastUpdated: LATER.toISOString() });
    const rows = await store.db
      .selectFrom('resource')
      .select(['version', 'current', 'exchange'])
      .where('id', '=', one)
      .orderBy('version')
      .execute();
    expect(rows).toEqual([
      { version: 1, current: false, exchange },
      { version: 2, current: true, exchange: null },
    ]);
  });

  it('two types may share an id and keep versions of their own', async () => {
    const { id, key } = await newPatient();
    const shared = randomUUID();
    const condition: NewRecord = {
      ...weight(shared, 0),
      resource: { resourceType: 'Condition', id: shared, subject: {} },
    };
    await write({ id, key }, [weight(shared, 5), condition], NOW);
    await write({ id, key }, [weight(shared, 6), condition], LATER);
    expect((await load(id))?.resources.map((one) => `${one.type} ${one.version}`).sort()).toEqual([
      'Condition 2',
      'Observation 2',
    ]);
  });

  it('an empty list writes nothing', async () => {
    const { id, key } = await newPatient();
    await write({ id, key }, [], NOW);
    expect((await load(id))?.resources).toEqual([]);
  });

  it('nothing of a rolled-back transaction is left, and the version before it is current again', async () => {
    const { id, key } = await newPatient();
    const one = randomUUID();
    await write({ id, key }, [weight(one, 5)], NOW);
    await store.db
      .transaction()
      .execute(async (trx) => {
        await write({ id, key }, [weight(one, 6)], LATER, trx);
        throw new Error('stop');
      })
      .catch(() => undefined);
    expect(await values(id)).toEqual([[one, 1, 5]]);
  });
});

describe('one patient, many writers', () => {
  it('twenty at once take turns: every version once, one current', async () => {
    const { id, key } = await newPatient(BSNS[0]);
    const one = randomUUID();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        store.db.transaction().execute(async (trx) => {
          expect(await lockPatientByBsn(trx, store.vault, BSNS[0] ?? '')).toBe(id);
          await write({ id, key }, [weight(one, index)], NOW, trx);
        }),
      ),
    );
    const rows = await store.db.selectFrom('resource').select(['version', 'current']).where('id', '=', one).execute();
    expect(rows.map((row) => row.version).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
    expect(rows.filter((row) => row.current)).toEqual([{ version: 20, current: true }]);
  });

  it('a held patient holds up its own writers and nobody else', async () => {
    const [held, other] = [await newPatient(), await newPatient()];
    const seen: string[] = [];
    let letGo: () => void = () => undefined;
    const release = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let isHeld: () => void = () => undefined;
    const holding = new Promise<void>((resolve) => {
      isHeld = resolve;
    });
    const first = store.db.transaction().execute(async (trx) => {
      await lockPatient(trx, held.id);
      isHeld();
      await release;
      seen.push('first');
    });
    await holding;
    const second = store.db.transaction().execute(async (trx) => {
      await lockPatient(trx, held.id);
      seen.push('second');
    });
    await store.db.transaction().execute(async (trx) => {
      await lockPatient(trx, other.id);
      seen.push('other');
    });
    expect(seen).toEqual(['other']);
    letGo();
    await Promise.all([first, second]);
    expect(seen).toEqual(['other', 'first', 'second']);
  });

  it('two patients can never have one BSN', async () => {
    await newPatient(BSNS[1]);
    await expect(newPatient(BSNS[1])).rejects.toMatchObject({ code: '23505' });
  });
});

describe('who is found', () => {
  it('by BSN through the keyed index, and only with the right key', async () => {
    const { id } = await newPatient(BSNS[2]);
    expect(await findPatient(store.db, store.vault, BSNS[2] ?? '')).toBe(id);
    expect(await findPatient(store.db, store.vault, '999999990')).toBeUndefined();
    const { rows } = await sql<{ found: boolean }>`
      select bsn_index::text like ${`%${BSNS[2]}%`} or encode(bsn_index, 'hex') = encode(sha256(${Buffer.from(BSNS[2] ?? '')}), 'hex') as found
      from patient where id = ${id}`.execute(store.db);
    expect(rows).toEqual([{ found: false }]);
  });

  it('an erased patient is not found, not locked and not loaded, by nobody', async () => {
    const { id, key } = await newPatient(BSNS[3]);
    await write({ id, key }, [{ ...weight(id, 0), resource: child(id, BSNS[3]) }], NOW);
    expect(await load(id)).toBeDefined();
    await store.db.updateTable('patient').set({ erased_at: NOW, wrapped_key: null }).where('id', '=', id).execute();
    expect(await findPatient(store.db, store.vault, BSNS[3] ?? '')).toBeUndefined();
    expect(await lockPatientByBsn(store.db, store.vault, BSNS[3] ?? '')).toBeUndefined();
    expect(await load(id)).toBeUndefined();
  });

  it('a patient that was marked erased is gone, also while its key is still there', async () => {
    const { id } = await newPatient(BSNS[4]);
    await store.db.updateTable('patient').set({ erased_at: NOW }).where('id', '=', id).execute();
    expect(await load(id)).toBeUndefined();
    expect(await findPatient(store.db, store.vault, BSNS[4] ?? '')).toBeUndefined();
  });

  it('an unknown patient has no file', async () => expect(await load(randomUUID())).toBeUndefined());
});

describe('the seal of a row', () => {
  const swap = (from: string, to: string) =>
    sql`update resource set body = (select body from resource where id = ${from} and current) where id = ${to} and current`;

  it('a body that was copied to another row, version or patient does not open', async () => {
    const [mine, yours] = [await newPatient(), await newPatient()];
    const [one, two] = [randomUUID(), randomUUID()];
    await write(mine, [weight(one, 5)], NOW);
    await write(yours, [weight(two, 6)], NOW);
    await swap(one, two).execute(store.db);
    await expect(load(yours.id)).rejects.toThrow();
    expect(await values(mine.id)).toEqual([[one, 1, 5]]);
  });

  it('an old version put back as the current one does not open', async () => {
    const { id, key } = await newPatient();
    const one = randomUUID();
    await write({ id, key }, [weight(one, 5)], NOW);
    await write({ id, key }, [weight(one, 6)], NOW);
    await sql`update resource set body = (select body from resource where id = ${one} and version = 1) where id = ${one} and version = 2`.execute(
      store.db,
    );
    await expect(load(id)).rejects.toThrow();
  });

  it('a data key that was given to another patient does not open', async () => {
    const [mine, yours] = [await newPatient(), await newPatient()];
    await sql`update patient set wrapped_key = (select wrapped_key from patient where id = ${mine.id}) where id = ${yours.id}`.execute(
      store.db,
    );
    await expect(load(yours.id)).rejects.toThrow();
  });

  it('nothing readable lies in the table', async () => {
    const { id, key } = await newPatient();
    await write({ id, key }, [{ ...weight(id, 0), resource: child(id) }], NOW);
    const { rows } = await sql<{ body: Buffer }>`select body from resource where patient = ${id}`.execute(store.db);
    expect(rows[0]?.body.toString('latin1')).not.toContain('Proefkind');
  });

  it('a raw message opens as that of its own exchange only', async () => {
    const { key } = await newPatient();
    const raw = sealRaw(key, 'e1', Buffer.from('bericht'));
    expect(open(key, raw, 'raw/e1').toString()).toBe('bericht');
    expect(() => open(key, raw, 'raw/e2')).toThrow();
  });
});

describe('consents', () => {
  const consent = (id: string, status: Consent['status'] = 'active'): Consent & { id: string } => ({
    resourceType: 'Consent',
    id,
    status,
    scope: {},
    category: [],
  });

  it('the newest version counts, and the same version cannot be written twice', async () => {
    const { id, key } = await newPatient();
    const one = randomUUID();
    await writeConsent(store.db, key, id, consent(one), 1, 'jgz', NOW);
    await writeConsent(store.db, key, id, consent(one, 'inactive'), 2, 'jgz', LATER);
    expect((await load(id))?.consents).toMatchObject([{ id: one, status: 'inactive', meta: { versionId: '2' } }]);
    const twice = store.db.transaction().execute((trx) => writeConsent(trx, key, id, consent(one), 2, 'jgz', LATER));
    await expect(twice).rejects.toMatchObject({ code: '23505' });
    expect((await load(id))?.consents).toMatchObject([{ status: 'inactive' }]);
  });
});

describe('a part of a file', () => {
  it('who the family is and what one exchange brought; other content stays closed', async () => {
    const { id, key } = await newPatient();
    const [mine, other] = [randomUUID(), randomUUID()];
    const inOther = randomUUID();
    const practitioner: NewRecord = {
      ...weight(randomUUID(), 0),
      resource: { resourceType: 'Practitioner', id: randomUUID() },
      category: 'directory',
    };
    const patient: NewRecord = { ...weight(id, 0, { exchange: other }), resource: child(id) };
    await write(
      { id, key },
      [patient, practitioner, weight(randomUUID(), 5, { exchange: mine }), weight(inOther, 6, { exchange: other })],
      NOW,
    );
    const types = async (exchange: string | undefined) =>
      (await loadFile(store.db, store.vault, id, LATER, { exchange }))?.resources.map((one) => one.type).sort();
    expect(await types(mine)).toEqual(['Observation', 'Patient', 'Practitioner']);
    expect(await types(undefined)).toEqual(['Patient', 'Practitioner']);
    expect((await load(id))?.resources).toHaveLength(4);
  });
});

describe('treatment relations', () => {
  it('count from their beginning until their end', async () => {
    const { id } = await newPatient();
    await store.db
      .insertInto('treatment_relation')
      .values([
        { patient: id, organisation: 'hospital', source: 'x', since: NOW, until: LATER },
        { patient: id, organisation: 'jgz', source: 'x', since: LATER, until: null },
      ])
      .execute();
    const at = async (now: string) => (await load(id, new Date(now)))?.relations;
    expect(await at('2026-11-01T09:59:59Z')).toEqual([]);
    expect(await at('2026-11-01T10:00:00Z')).toEqual(['hospital']);
    expect(await at('2026-11-01T10:59:59Z')).toEqual(['hospital']);
    expect(await at('2026-11-01T11:00:00Z')).toEqual(['jgz']);
  });
});
