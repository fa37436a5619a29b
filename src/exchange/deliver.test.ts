import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '@medplum/fhirtypes';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { knowledge } from '../../tests/support/knowledge.ts';
import { addReceiver, type Lanes, openLanes } from '../../tests/support/lanes.ts';
import { openReceiver, type TestReceiver } from '../../tests/support/receiver.ts';
import { openStore, type TestStore } from '../../tests/support/store.ts';
import { eventsOf } from '../audit/log.ts';
import { readDirectory } from '../store/directory.ts';
import { backoffMs, type DeliverPorts, deliver } from './deliver.ts';
import { claim, due } from './ledger.ts';

let store: TestStore;
let receiver: TestReceiver;
let clock = Date.parse('2026-11-01T10:00:00Z');
const now = () => new Date(clock);

beforeAll(async () => {
  store = await openStore();
  receiver = await openReceiver();
  await store.organisations('hospital', 'jgz');
  await addReceiver(store, 'inbox', receiver.address);
  await addReceiver(store, 'switched-off', receiver.address);
  await store.db.updateTable('receiver').set({ active: false }).where('id', '=', 'switched-off').execute();
});
beforeEach(() => void receiver.got.splice(0));
afterAll(async () => {
  await receiver.close();
  await store.close();
});

const family = (): Promise<Lanes> => openLanes(store, undefined, now);
/** The parts a worker has; what it puts on the queue is kept in `queued`. */
function worker() {
  const queued: [id: string, delayMs: number][] = [];
  const ports: DeliverPorts = {
    db: store.db,
    vault: store.vault,
    policy: () => knowledge.policy,
    now,
    directory: () => readDirectory(store.db),
    enqueue: async (id, delayMs = 0) => void queued.push([id, delayMs]),
  };
  return { queued, run: (id: string) => deliver(ports, id) };
}
const values = () =>
  receiver.got.map(({ bundle }) =>
    bundle.entry?.flatMap((one) =>
      one.resource?.resourceType === 'Observation' ? one.resource.valueQuantity?.value : [],
    ),
  );
const kinds = (events: AuditEvent[]) => events.map((one) => one.subtype?.[1]?.code);
const detailsOf = (events: AuditEvent[], kind: string) =>
  events
    .filter((one) => one.subtype?.[1]?.code === kind)
    .flatMap((one) => one.entity ?? [])
    .flatMap((one) => one.detail ?? [])
    .map((one) => `${one.type} ${one.valueString}`);

describe('a delivery that succeeds', () => {
  it('reaches the receiver with the patient, in the receiver’s ids, and is audited as decided, released and delivered', async () => {
    const lanes = await family();
    const { delivery, exchange } = await lanes.exchange('inbox', 5120);
    await worker().run(delivery);
    expect(receiver.got).toHaveLength(1);
    const resources = receiver.got[0]?.bundle.entry?.map((one) => one.resource) ?? [];
    expect(resources.map((one) => one?.resourceType).sort()).toEqual(['Observation', 'Patient']);
    expect(JSON.stringify(receiver.got[0]?.bundle)).not.toContain(lanes.patient);
    const outer = store.vault.ids('jgz').out(lanes.patient);
    expect(resources.find((one) => one?.resourceType === 'Observation')).toMatchObject({
      subject: { reference: `Patient/${outer}` },
    });
    expect(await lanes.state(delivery)).toMatchObject({ state: 'delivered', attempts: 1, receipt: { status: 200 } });
    const events = await eventsOf(store.db, lanes.patient);
    expect(kinds(events)).toEqual(['decision', 'release', 'delivery']);
    expect(detailsOf(events, 'delivery')).toEqual([`receiver inbox`, `delivery ${delivery}`, 'result http-200']);
    expect(JSON.stringify(events)).toContain(exchange);
  });

  it('calls the next one of its lane', async () => {
    const lanes = await family();
    const [one, two] = [await lanes.exchange('inbox', 1), await lanes.exchange('inbox', 2)];
    const { run, queued } = worker();
    await run(two.delivery);
    expect(receiver.got).toEqual([]);
    await run(one.delivery);
    expect(queued).toEqual([[two.delivery, 0]]);
    await run(two.delivery);
    expect(values()).toEqual([[1], [2]]);
  });

  it('is sent once though the queue brings it twice, and twice at the same moment', async () => {
    const lanes = await family();
    const { delivery } = await lanes.exchange('inbox', 1);
    const { run } = worker();
    await Promise.all([run(delivery), run(delivery), run(delivery)]);
    await run(delivery);
    expect(receiver.got).toHaveLength(1);
  });
});

describe('consent is asked again when the turn comes', () => {
  it('withdrawn between queueing and delivery: nothing is sent, and the log says why', async () => {
    const lanes = await family();
    const { delivery } = await lanes.exchange('inbox', 1);
    await lanes.withdraw();
    await worker().run(delivery);
    expect(receiver.got).toEqual([]);
    expect(await lanes.state(delivery)).toMatchObject({ state: 'withheld' });
    const events = await eventsOf(store.db, lanes.patient);
    expect(kinds(events)).toEqual(['decision']);
    expect(detailsOf(events, 'decision').join()).toContain('decision deny');
    expect(detailsOf(events, 'decision').join()).toContain('withheld development');
  });

  it('withdrawn while the receiver was away: what was tried before is not tried again', async () => {
    const lanes = await family();
    const { delivery } = await lanes.exchange('inbox', 1);
    receiver.next(503);
    const { run } = worker();
    await run(delivery);
    await lanes.withdraw();
    clock += 60_000;
    await run(delivery);
    expect(receiver.got).toHaveLength(1);
    expect(await lanes.state(delivery)).toMatchObject({ state: 'withheld' });
  });

  it('the treatment has ended: nothing is sent', async () => {
    const lanes = await family();
    const { delivery } = await lanes.exchange('inbox', 1);
    await store.db
      .updateTable('treatment_relation')
      .set({ until: now() })
      .where('patient', '=', lanes.patient)
      .execute();
    await worker().run(delivery);
    expect(receiver.got).toEqual([]);
    expect(await lanes.state(delivery)).toMatchObject({ state: 'withheld' });
  });

  it('the family was erased: nothing is sent, and the lane goes on', async () => {
    const lanes = await family();
    const { delivery } = await lanes.exchange('inbox', 1);
    await store.db
      .updateTable('patient')
      .set({ erased_at: now(), wrapped_key: null })
      .where('id', '=', lanes.patient)
      .execute();
    await worker().run(delivery);
    expect(receiver.got).toEqual([]);
    expect(await lanes.state(delivery)).toMatchObject({ state: 'withheld' });
  });

  it('a category that the receiver does not want is not sent', async () => {
    const lanes = await family();
    const { delivery } = await lanes.exchange('inbox', 1, { category: 'consult' });
    await worker().run(delivery);
    expect(receiver.got).toEqual([]);
  });

  it('a correction that came before its turn replaces it: the receiver gets the newest only', async () => {
    const lanes = await family();
    const fact = randomUUID();
    const old = await lanes.exchange('inbox', 1, { fact });
    const corrected = await lanes.exchange('inbox', 2, { fact });
    const { run } = worker();
    await run(old.delivery);
    await run(corrected.delivery);
    expect(values()).toEqual([[2]]);
    expect(await lanes.state(old.delivery)).toMatchObject({ state: 'superseded' });
  });
});

describe('the receiver is away', () => {
  it('each failure is audited and waits longer; then everything is delivered in order', async () => {
    const lanes = await family();
    const all = [await lanes.exchange('inbox', 1), await lanes.exchange('inbox', 2), await lanes.exchange('inbox', 3)];
    const [first = { delivery: '' }] = all;
    receiver.next(503, 'drop', 429);
    const { run, queued } = worker();
    for (const wait of [500, 1_000, 2_000]) {
      await run(first.delivery);
      expect(queued.splice(0)).toEqual([[first.delivery, wait]]);
      await run(first.delivery); // too early: nothing happens
      for (const { delivery } of all.slice(1)) await run(delivery); // not their turn
      expect(queued.splice(0)).toEqual([]);
      clock += wait;
    }
    expect(receiver.got.splice(0)).toHaveLength(3);
    await run(first.delivery);
    for (let next = queued.shift(); next; next = queued.shift()) await run(next[0]);
    expect(values()).toEqual([[1], [2], [3]]);
    for (const { delivery } of all) expect(await lanes.state(delivery)).toMatchObject({ state: 'delivered' });
    expect(
      detailsOf(await eventsOf(store.db, lanes.patient), 'delivery-failed').filter((one) => one.startsWith('result')),
    ).toEqual(['result transient http-503', 'result transient unreachable', 'result transient http-429']);
  });

  it('the waiting time doubles up to ten minutes and never ends', () => {
    expect([1, 2, 3, 11, 12, 1_000, 100_000].map(backoffMs)).toEqual([
      500, 1_000, 2_000, 512_000, 600_000, 600_000, 600_000,
    ]);
  });

  it('a receiver that was switched off gets nothing, and its delivery waits for it', async () => {
    const lanes = await family();
    const { delivery } = await lanes.exchange('switched-off', 1);
    await worker().run(delivery);
    expect(receiver.got).toEqual([]);
    expect(await lanes.state(delivery)).toMatchObject({ state: 'retry', failure: 'receiver-inactive' });
  });
});

describe('the receiver refuses', () => {
  it('it is failed for good, audited, and the lane goes on', async () => {
    const lanes = await family();
    const [one, two] = [await lanes.exchange('inbox', 1), await lanes.exchange('inbox', 2)];
    receiver.next(422);
    const { run, queued } = worker();
    await run(one.delivery);
    expect(await lanes.state(one.delivery)).toMatchObject({ state: 'failed', failure: 'http-422', attempts: 1 });
    expect(queued).toEqual([[two.delivery, 0]]);
    expect(kinds(await eventsOf(store.db, lanes.patient))).toContain('delivery-failed');
    await run(one.delivery);
    expect(receiver.got).toHaveLength(1);
  });
});

describe('a worker that dies', () => {
  it('after the receiver has it and before that is written down: it is sent again, with the same effect', async () => {
    const lanes = await family();
    const { delivery } = await lanes.exchange('inbox', 7);
    const { run } = worker();
    // As if the process ended between sending and settling.
    const broken = () => {
      if (receiver.got.length > 0) throw new Error('killed here');
      return now();
    };
    await expect(
      deliver(
        {
          db: store.db,
          vault: store.vault,
          policy: () => knowledge.policy,
          now: broken,
          directory: () => readDirectory(store.db),
          enqueue: async () => undefined,
        },
        delivery,
      ),
    ).rejects.toThrow('killed here');
    expect(await lanes.state(delivery)).toMatchObject({ state: 'sending' });
    await run(delivery);
    expect(receiver.got).toHaveLength(1);
    clock += 21_000;
    await due(store.db, now(), 10);
    clock += 3_000;
    expect(await due(store.db, now(), 1_000)).toContain(delivery);
    await run(delivery);
    expect(receiver.got).toHaveLength(2);
    expect(receiver.got[1]?.bundle).toEqual(receiver.got[0]?.bundle);
    expect(receiver.got[1]?.headers['idempotency-key']).toBe(receiver.got[0]?.headers['idempotency-key']);
    expect(await lanes.state(delivery)).toMatchObject({ state: 'delivered', attempts: 2 });
  });

  it('before anything was sent: it is sent once', async () => {
    const lanes = await family();
    const { delivery } = await lanes.exchange('inbox', 7);
    expect(await claim(store.db, delivery, now())).toBeDefined();
    clock += 21_000;
    await due(store.db, now(), 1_000);
    await worker().run(delivery);
    expect(receiver.got).toHaveLength(1);
  });
});

it('no audit, no delivery: where the log cannot be written nothing leaves', async () => {
  const lanes = await family();
  const { delivery } = await lanes.exchange('inbox', 1);
  await sql`alter table audit add constraint closed check (patient <> ${sql.lit(lanes.patient)}) not valid`.execute(
    store.db,
  );
  await expect(worker().run(delivery)).rejects.toMatchObject({ code: '23514' });
  expect(receiver.got).toEqual([]);
  await sql`alter table audit drop constraint closed`.execute(store.db);
});
