import { createHash, randomUUID } from 'node:crypto';
import type { AuditEvent } from '@medplum/fhirtypes';
import canonicalize from 'canonicalize';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type TestStore } from '../../tests/support/store.ts';
import type { AuditFact } from './event.ts';
import { auditRows, eventsOf, record, sequence } from './log.ts';

const NOW = new Date('2026-11-01T10:00:00Z');
const fact = (more: Partial<AuditFact> = {}): AuditFact => ({
  kind: 'push',
  actor: { client: 'hix', organisation: 'hospital' },
  ...more,
});

let store: TestStore;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());
const rows = () => store.db.selectFrom('audit').selectAll().orderBy('seq').execute();
const indexes = async () =>
  (await store.db.selectFrom('audit').select('index').where('index', 'is not', null).orderBy('index').execute()).map(
    (one) => Number(one.index),
  );
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

describe('an entry', () => {
  it('has the leaf hash of RFC 6962 over salt and canonical event: anybody with both can check it', () => {
    const [row] = auditRows([fact({ patient: randomUUID() })], NOW);
    if (!row) throw new Error('no row');
    const bytes = Buffer.concat([Buffer.from([0]), row.salt, Buffer.from(row.event, 'utf8')]);
    expect(createHash('sha256').update(bytes).digest().equals(row.leaf)).toBe(true);
    expect(canonicalize(JSON.parse(row.event))).toBe(row.event);
    expect(row.salt).toHaveLength(32);
    expect(row.index).toBeNull();
  });

  it('comes back from the database byte for byte, so that its leaf still fits', async () => {
    const patient = randomUUID();
    await record(store.db, [fact({ patient, details: [['reason', 'ë"\\\u2028\u{1F600}']] })], NOW);
    const row = (await rows()).find((one) => one.patient === patient);
    if (!row) throw new Error('no row');
    const bytes = Buffer.concat([Buffer.from([0]), row.salt, Buffer.from(row.event, 'utf8')]);
    expect(createHash('sha256').update(bytes).digest().equals(row.leaf)).toBe(true);
  });

  it('two of the same fact cannot be told to be the same from their leaves', () => {
    const [one, two] = auditRows([fact(), fact()], NOW);
    expect(one?.leaf.equals(two?.leaf ?? Buffer.alloc(0))).toBe(false);
    expect(one?.salt.equals(two?.salt ?? Buffer.alloc(0))).toBe(false);
  });
});

describe('many items', () => {
  const items = (count: number) => upTo(count).map((at) => `Observation/${randomUUID()}/_history/${at + 1}`);
  const named = (made: ReturnType<typeof auditRows>) =>
    made.flatMap((row) =>
      ((JSON.parse(row.event) as AuditEvent).entity ?? []).flatMap((one) =>
        one.what?.reference?.startsWith('Observation/') ? [one.what.reference] : [],
      ),
    );

  it.each([
    [0, 1],
    [1, 1],
    [200, 1],
    [201, 2],
    [1_000, 5],
  ])('%i items are %i entries, and every item is named once, in order', (count, entries) => {
    const all = items(count);
    const made = auditRows([fact({ kind: 'release', patient: randomUUID(), items: all })], NOW);
    expect(made).toHaveLength(entries);
    expect(named(made)).toEqual(all);
    expect(made.every((row) => Buffer.byteLength(row.event) < 65_535)).toBe(true);
    expect(new Set(made.map((row) => row.patient)).size).toBe(1);
  });
});

describe('numbering', () => {
  it('is gapless and in the order of writing, also with transactions that were rolled back', async () => {
    for (let at = 0; at < 5; at += 1) {
      await record(store.db, [fact(), fact()], NOW);
      await store.db
        .transaction()
        .execute(async (trx) => {
          await record(trx, [fact()], NOW);
          throw new Error('rolled back');
        })
        .catch(() => undefined);
    }
    await sequence(store.db);
    const all = await rows();
    expect(all.map((one) => Number(one.index))).toEqual(upTo(all.length));
    const { rows: gaps } = await sql<{
      gaps: boolean;
    }>`select max(seq) - min(seq) + 1 > count(*) as gaps from audit`.execute(store.db);
    expect(gaps).toEqual([{ gaps: true }]); // the column alone would have shown gaps
  });

  it('stays gapless with writers and several sequencers at the same time', async () => {
    const before = (await rows()).length;
    const write = async () => {
      for (let at = 0; at < 20; at += 1) await record(store.db, [fact()], NOW);
    };
    const number = async () => {
      for (let at = 0; at < 20; at += 1) await sequence(store.db);
    };
    await Promise.all([write(), write(), write(), number(), number(), number()]);
    while ((await sequence(store.db)) > 0);
    expect(await indexes()).toEqual(upTo(before + 60));
  });

  it('a number once given is never changed, and an entry that commits late comes after', async () => {
    let commit: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      commit = resolve;
    });
    const late = randomUUID();
    let written: () => void = () => undefined;
    const isWritten = new Promise<void>((resolve) => {
      written = resolve;
    });
    const slow = store.db.transaction().execute(async (trx) => {
      await record(trx, [fact({ patient: late })], NOW);
      written();
      await held;
    });
    await isWritten;
    const early = randomUUID();
    await record(store.db, [fact({ patient: early })], NOW);
    await sequence(store.db);
    const before = await rows();
    commit();
    await slow;
    await sequence(store.db);
    const after = await rows();
    for (const one of before) expect(after.find((row) => row.seq === one.seq)?.index).toBe(one.index);
    const indexOf = (patient: string) => Number(after.find((row) => row.patient === patient)?.index);
    expect(indexOf(late)).toBe(indexOf(early) + 1);
    expect(await indexes()).toEqual(upTo(after.length));
  });

  it('does nothing when there is nothing', async () => expect(await sequence(store.db)).toBe(0));
});

describe('eventsOf', () => {
  it('gives what is about one patient, oldest first, and of nobody else', async () => {
    const [mine, other] = [randomUUID(), randomUUID()];
    for (const kind of ['push', 'decision', 'release'] as const)
      await record(store.db, [fact({ kind, patient: mine }), fact({ kind, patient: other }), fact({ kind })], NOW);
    const events = await eventsOf(store.db, mine);
    expect(events.map((one) => one.subtype?.[1]?.code)).toEqual(['push', 'decision', 'release']);
    expect(JSON.stringify(events)).not.toContain(other);
  });
});
