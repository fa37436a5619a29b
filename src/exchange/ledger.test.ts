import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addReceiver, type Lanes, openLanes } from '../../tests/support/lanes.ts';
import { openStore, type TestStore } from '../../tests/support/store.ts';
import type { DeliveryRow } from '../store/schema.ts';
import { claim, due, settle } from './ledger.ts';

const START = Date.parse('2026-11-01T10:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1_000);

let store: TestStore;
beforeAll(async () => {
  store = await openStore();
  await store.organisations('hospital', 'jgz');
  for (const id of ['inbox', 'other']) await addReceiver(store, id, 'http://127.0.0.1:1');
});
afterAll(() => store.close());

const family = (): Promise<Lanes> => openLanes(store, undefined, () => at(0));
const claimed = async (delivery: string, seconds = 0): Promise<DeliveryRow> => {
  const row = await claim(store.db, delivery, at(seconds));
  if (!row) throw new Error('not claimed');
  return row;
};
const delivered = { state: 'delivered', failure: null, receipt: { status: 200 } } as const;
const audits = async (delivery: string): Promise<number> => {
  const { rows } = await sql<{ count: string }>`select count(*) from audit where event like ${`%${delivery}%`}`.execute(
    store.db,
  );
  return Number(rows[0]?.count);
};
const fact = (row: DeliveryRow) => ({
  kind: 'delivery' as const,
  actor: { client: 'receiver/inbox', organisation: 'jgz' },
  details: [['delivery', row.id]] as const,
});

describe('claim', () => {
  it('is exclusive: of twenty at once one gets it', async () => {
    const { delivery } = await (await family()).exchange('inbox', 1);
    const claims = await Promise.all(Array.from({ length: 20 }, () => claim(store.db, delivery, at(0))));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(claims.find(Boolean)).toMatchObject({ state: 'sending', attempts: 1 });
  });

  it('keeps the order of a lane: nothing while something older waits, is sent or is to be tried again', async () => {
    const lanes = await family();
    const first = await lanes.exchange('inbox', 1);
    const second = await lanes.exchange('inbox', 2);
    expect(await claim(store.db, second.delivery, at(0))).toBeUndefined();
    const row = await claimed(first.delivery);
    expect(await claim(store.db, second.delivery, at(0))).toBeUndefined();
    await settle(store.db, row, { state: 'retry', failure: 'http-503', nextAttemptAt: at(60) }, [], at(0));
    expect(await claim(store.db, second.delivery, at(0))).toBeUndefined();
    await settle(store.db, await claimed(first.delivery, 60), delivered, [], at(61));
    expect(await claim(store.db, second.delivery, at(61))).toMatchObject({ attempts: 1 });
  });

  it.each(['delivered', 'withheld', 'superseded', 'failed'] as const)('a lane goes on after %s', async (state) => {
    const lanes = await family();
    const first = await lanes.exchange('inbox', 1);
    const second = await lanes.exchange('inbox', 2);
    expect(await settle(store.db, await claimed(first.delivery), { state, failure: null }, [], at(0))).toBe(
      second.delivery,
    );
    expect(await claim(store.db, first.delivery, at(0))).toBeUndefined();
    expect(await claim(store.db, second.delivery, at(0))).toBeDefined();
  });

  it('another receiver and another child are other lanes', async () => {
    const [one, two] = [await family(), await family()];
    await one.exchange('inbox', 1);
    const sameChild = await one.exchange('other', 1);
    const otherChild = await two.exchange('inbox', 1);
    expect(await claim(store.db, sameChild.delivery, at(0))).toBeDefined();
    expect(await claim(store.db, otherChild.delivery, at(0))).toBeDefined();
  });

  it('of many workers that all try a whole lane there is one at work at any time, in order', async () => {
    const lanes = await family();
    const all: string[] = [];
    for (let value = 0; value < 12; value += 1) all.push((await lanes.exchange('inbox', value)).delivery);
    let working = 0;
    const order: string[] = [];
    const worker = async () => {
      while (order.length < all.length) {
        for (const id of all) {
          const row = await claim(store.db, id, at(0));
          if (!row) continue;
          working += 1;
          expect(working).toBe(1);
          order.push(id);
          await new Promise((resolve) => setTimeout(resolve, 2));
          working -= 1;
          await settle(store.db, row, delivered, [], at(0));
        }
      }
    };
    await Promise.all(Array.from({ length: 6 }, worker));
    expect(order).toEqual(all);
  });

  it('not before it is due, and never one that nobody knows', async () => {
    const { delivery } = await (await family()).exchange('inbox', 1);
    await settle(
      store.db,
      await claimed(delivery),
      { state: 'retry', failure: 'timeout', nextAttemptAt: at(30) },
      [],
      at(0),
    );
    expect(await claim(store.db, delivery, at(29))).toBeUndefined();
    expect(await claim(store.db, delivery, at(30))).toMatchObject({ attempts: 2, failure: 'timeout' });
    expect(await claim(store.db, randomUUID(), at(0))).toBeUndefined();
  });
});

describe('settle', () => {
  it('writes the end and its audit together', async () => {
    const lanes = await family();
    const { delivery } = await lanes.exchange('inbox', 1);
    const row = await claimed(delivery);
    await settle(store.db, row, delivered, [fact(row)], at(5));
    expect(await lanes.state(delivery)).toMatchObject({
      state: 'delivered',
      receipt: { status: 200 },
      updated_at: at(5),
    });
    expect(await audits(delivery)).toBe(1);
  });

  it('a worker that was thought dead does not end what another one has taken over', async () => {
    const lanes = await family();
    const { delivery } = await lanes.exchange('inbox', 1);
    const slow = await claimed(delivery);
    await due(store.db, at(60), 100);
    const quick = await claimed(delivery, 60);
    await settle(store.db, slow, { state: 'failed', failure: 'http-400' }, [], at(61));
    expect(await lanes.state(delivery)).toMatchObject({ state: 'sending', attempts: 2 });
    await settle(store.db, quick, delivered, [], at(62));
    await settle(store.db, slow, { state: 'failed', failure: 'http-400' }, [], at(63));
    expect(await lanes.state(delivery)).toMatchObject({ state: 'delivered' });
  });
});

describe('due', () => {
  const dueAt = async (seconds: number, ...of: Lanes[]) => {
    const rows = await store.db.selectFrom('delivery').select(['id', 'patient']).execute();
    const patients = new Map(rows.map((row) => [row.id, row.patient]));
    return (await due(store.db, at(seconds), 1_000)).filter((id) => of.some((one) => one.patient === patients.get(id)));
  };

  it('finds what was forgotten, and leaves alone what the queue is about to take up', async () => {
    const lanes = await family();
    const { delivery } = await lanes.exchange('inbox', 1);
    expect(await dueAt(1, lanes)).toEqual([]);
    expect(await dueAt(3, lanes)).toEqual([delivery]);
  });

  it('gives a claim back whose worker died, after the lease and not before', async () => {
    const lanes = await family();
    const { delivery } = await lanes.exchange('inbox', 1);
    await claimed(delivery, 0);
    expect(await dueAt(19, lanes)).toEqual([]);
    expect(await lanes.state(delivery)).toMatchObject({ state: 'sending' });
    await dueAt(21, lanes);
    expect(await lanes.state(delivery)).toMatchObject({ state: 'retry', failure: 'worker-lost' });
    expect(await dueAt(24, lanes)).toEqual([delivery]);
  });

  it('gives the head of a lane only: what stands behind one that waits or is being sent is not due', async () => {
    const lanes = await family();
    const first = await lanes.exchange('inbox', 1);
    await lanes.exchange('inbox', 2);
    expect(await dueAt(10, lanes)).toEqual([first.delivery]);
    const row = await claimed(first.delivery, 10);
    expect(await dueAt(15, lanes)).toEqual([]);
    await settle(store.db, row, { state: 'retry', failure: 'http-503', nextAttemptAt: at(600) }, [], at(15));
    expect(await dueAt(100, lanes)).toEqual([]);
    expect(await dueAt(700, lanes)).toEqual([first.delivery]);
  });

  it('a receiver that is down with many lanes does not crowd out another one', async () => {
    const own = await openStore();
    await own.organisations('hospital', 'jgz');
    for (const id of ['a-down', 'b-up']) await addReceiver(own, id, 'http://127.0.0.1:1');
    for (let count = 0; count < 5; count += 1) {
      const lanes = await openLanes(own, undefined, () => at(0));
      const head = await lanes.exchange('a-down', 1);
      await lanes.exchange('a-down', 2);
      const row = await claim(own.db, head.delivery, at(0));
      if (row) await settle(own.db, row, { state: 'retry', failure: 'http-503', nextAttemptAt: at(600) }, [], at(0));
    }
    const waiting = await (await openLanes(own, undefined, () => at(0))).exchange('b-up', 1);
    expect(await due(own.db, at(10), 3)).toEqual([waiting.delivery]);
    await own.close();
  });
});

describe('the ledger when it is large', () => {
  it('finds claim, next in lane and due by index, not by reading what was delivered long ago', async () => {
    const own = await openStore();
    await own.organisations('hospital', 'jgz');
    await addReceiver(own, 'inbox', 'http://127.0.0.1:1');
    const lanes = await openLanes(own, undefined, () => at(0));
    const { exchange, delivery } = await lanes.exchange('inbox', 1);
    await sql`alter table delivery drop constraint delivery_exchange_receiver_key`.execute(own.db);
    await sql`insert into delivery (id, exchange, receiver, patient, state, created_at, updated_at)
      select gen_random_uuid(), ${exchange}, 'inbox', ${lanes.patient}, 'delivered', now(), now() from generate_series(1, 30000)`.execute(
      own.db,
    );
    await sql`analyze delivery`.execute(own.db);
    const reads = async () => {
      await sql`select pg_stat_force_next_flush()`.execute(own.db);
      const { rows } = await sql<{
        read: string;
      }>`select seq_tup_read as read from pg_stat_user_tables where relname = 'delivery'`.execute(own.db);
      return Number(rows[0]?.read);
    };
    const before = await reads();
    await own.db.connection().execute(async (db) => {
      const row = await claim(db, delivery, at(0));
      if (row) await settle(db, row, delivered, [], at(0));
      await due(db, at(10), 10);
      await sql`select pg_stat_force_next_flush()`.execute(db);
    });
    expect(await reads()).toBe(before);
    await own.close();
  });
});
