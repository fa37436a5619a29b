import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Doors, openDoors } from '../src/demo/doors.ts';
import { FAMILIES, type Family, familyBundle } from '../src/demo/families.ts';
import { type DemoKeys, demoKeys } from '../src/demo/keys.ts';
import { PARTIES } from '../src/demo/network.ts';
import { registerParties } from '../src/demo/setup.ts';
import type { Receipt } from '../src/exchange/receipt.ts';
import { migrate, openDatabase } from '../src/store/database.ts';
import { findCluster } from '../src/store/embedded/cluster.ts';
import { isAlive, readPidFile } from '../src/store/embedded/pidfile.ts';
import { startEmbedded } from '../src/store/embedded/start.ts';
import { removeDataDir, temporaryFolder } from './support/data-dir.ts';
import { type Running, run } from './support/process.ts';
import { openReceiver, type TestReceiver } from './support/receiver.ts';

const [yonathan, luuk] = FAMILIES as [Family, Family];
const consult = JSON.parse(await readFile('mappings/hix/samples/luuk-consult.json', 'utf8')) as { encounter: object };
const oru = await readFile('mappings/hix/samples/yonathan-oru.hl7', 'latin1');

/** A gateway as a real process on embedded PostgreSQL, killed and started again on the same DATA_DIR. */
describe('A gateway that is killed', () => {
  let folder: string;
  let dataDir: string;
  let keys: DemoKeys;
  let receiver: TestReceiver;
  let gateway: Running;
  let doors: Doors;

  async function start(): Promise<void> {
    gateway = run(['serve'], { DEMO: 'off', DATA_DIR: dataDir, PORT: '0', MLLP_PORT: '0' });
    const { port } = await gateway.ready();
    doors = openDoors(`http://127.0.0.1:${port}`, 1, keys);
  }
  /** The database as it lies on disk, while no gateway runs. */
  async function withStore(use: (db: ReturnType<typeof openDatabase>) => Promise<void>): Promise<void> {
    const postgres = await startEmbedded({ dataDir, log: () => undefined });
    const db = openDatabase(postgres.connectionString, () => undefined);
    await use(db);
    await db.destroy();
    await postgres.stop();
  }
  const serverPid = async (): Promise<number> => {
    const cluster = await findCluster(dataDir);
    return (cluster && (await readPidFile(cluster.folder)))?.pid ?? 0;
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    dataDir = join(folder, 'data');
    receiver = await openReceiver();
    await withStore(async (db) => {
      await migrate(db);
      keys = await demoKeys(
        dataDir,
        PARTIES.map((one) => one.id),
      );
      await registerParties(db, keys);
      await db
        .insertInto('receiver')
        .values({
          id: 'kdplus-inbox',
          organisation: 'jgz',
          discipline: 'youth-nurse',
          categories: ['naw', 'history', 'development', 'risk', 'consult', 'referral', 'diagnostics', 'medication'],
          kind: 'fhir',
          address: receiver.address,
        })
        .execute();
    });
    await start();
    const signedAt = new Date(Date.now() - 60_000).toISOString();
    for (const family of [yonathan, luuk])
      expect((await doors.send('kdplus', 'POST', '/fhir', familyBundle(family, signedAt))).status).toBe(200);
  }, 90_000);
  afterAll(async () => {
    await doors?.close();
    await gateway?.signal('SIGTERM');
    await receiver?.close();
    await removeDataDir(dataDir);
    await rm(folder, { recursive: true, force: true });
  });

  const push = (body: unknown, contentType = 'application/json') =>
    doors.send('hix', 'POST', '/exchange/hix', body, { contentType });
  /** A consult of its own: other facts than those of the others. */
  const own = (id: string) => ({ ...consult, messageId: id, encounter: { ...consult.encounter, id } });

  it('delivers after its new start everything that it acknowledged before, once', async () => {
    receiver.next(...Array.from({ length: 50 }, () => 503));
    const acknowledged = [await push(own('K-1')), await push(oru, 'application/hl7-v2'), await push(own('K-2'))];
    expect(acknowledged.map((one) => one.status)).toEqual([202, 202, 202]);
    const postgres = await serverPid();
    await gateway.signal('SIGKILL');
    expect(isAlive(postgres)).toBe(true); // left running; the next start adopts it
    await start();
    receiver.recover();
    const states = async () =>
      Promise.all(
        acknowledged.map(async ({ body }) => {
          const answer = await doors.send('hix', 'GET', `/exchange/${(body as Receipt).id}`);
          return (answer.body as Receipt).deliveries.map((one) => one.state);
        }),
      );
    await expect
      .poll(states, { timeout: 40_000, interval: 200 })
      .toEqual([['delivered'], ['delivered'], ['delivered']]);
    const delivered = receiver.got.filter((one) => one.answered === 200).map((one) => one.headers['idempotency-key']);
    expect(new Set(delivered).size).toBe(3);
    expect(delivered).toHaveLength(3);
  }, 90_000);

  it('has everything that it acknowledged, also when it was killed in the middle of taking it in', async () => {
    const sent = Array.from({ length: 60 }, async (_, index) => {
      const id = `B-${index}-${randomUUID()}`;
      const answer = await push(own(id)).catch(() => undefined);
      return answer?.status === 202 ? { id, receipt: (answer.body as Receipt).id } : undefined;
    });
    await Promise.race(sent.slice(5));
    await gateway.signal('SIGKILL');
    const kept = (await Promise.all(sent)).filter((one) => one !== undefined);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(60);
    await start();
    for (const { id, receipt } of kept) {
      const answer = await doors.send('hix', 'GET', `/exchange/${receipt}`);
      expect(answer).toMatchObject({ status: 200, body: { messageId: id, state: 'accepted' } });
      expect(await push(own(id))).toMatchObject({ status: 202, body: { id: receipt } }); // the sender asks again: the same receipt
    }
  }, 90_000);

  it('Ctrl-C ends it and the PostgreSQL that it started, and the next start finds its data', async () => {
    const postgres = await serverPid();
    expect(isAlive(postgres)).toBe(true);
    await gateway.signal('SIGINT');
    expect(gateway.child.exitCode).toBe(0);
    expect(isAlive(postgres)).toBe(false);
    await start();
    expect((await push(own('AFTER-1'))).status).toBe(202);
  }, 90_000);

  it('its log holds no number, name or text of anybody', () => {
    const said = gateway.output.out + gateway.output.err;
    expect(said).toContain('"event":"ready"');
    for (const secret of [yonathan.bsn, luuk.bsn, 'Proefhoeve', 'Kwartelslag', 'Bedachte'])
      expect(said).not.toContain(secret);
  });
});
