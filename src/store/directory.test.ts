import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type TestStore } from '../../tests/support/store.ts';
import { openDatabase } from './database.ts';
import { heldDirectory, readDirectory } from './directory.ts';
import { register } from './register.ts';

let store: TestStore;
const client = (id: string, organisation: string, disciplines: string[]) =>
  register(store.db, {
    id,
    organisation: { id: organisation, name: organisation, sector: `sector-of-${organisation}` },
    jwks: { keys: [] },
    scopes: [],
    sources: [],
    disciplines,
    purposes: [],
    roles: [],
  });
const receiver = (id: string, discipline: string, active = true) =>
  store.db
    .insertInto('receiver')
    .values({ id, organisation: 'jgz', discipline, categories: ['naw'], kind: 'fhir', address: 'http://x', active })
    .execute();

beforeAll(async () => {
  store = await openStore();
  await client('ehr', 'hospital', ['paediatrician', 'midwife']);
  await client('ehr-2', 'hospital', ['midwife']);
  await client('kd', 'jgz', ['youth-nurse']);
  await client('old', 'jgz', ['youth-doctor']);
  await store.db.updateTable('client').set({ active: false }).where('id', '=', 'old').execute();
  await receiver('inbox-b', 'youth-nurse');
  await receiver('inbox-a', 'gp');
  await receiver('inbox-off', 'ggz', false);
});
afterAll(() => store.close());

describe('readDirectory', () => {
  it('knows the active clients and receivers, and each function once with its sector', async () => {
    const directory = await readDirectory(store.db);
    expect([...directory.clients.keys()].sort()).toEqual(['ehr', 'ehr-2', 'kd']);
    expect(directory.receivers.map((one) => one.id)).toEqual(['inbox-a', 'inbox-b']);
    const functions = directory.functions.map((one) => `${one.organisation} ${one.sector} ${one.discipline}`);
    expect(functions.sort()).toEqual([
      'hospital sector-of-hospital midwife',
      'hospital sector-of-hospital paediatrician',
      'jgz sector-of-jgz gp',
      'jgz sector-of-jgz youth-nurse',
    ]);
  });
});

describe('heldDirectory', () => {
  it('reads once within its age, and again after it', async () => {
    let at = 1_000;
    const held = heldDirectory(store.db, 100, () => at);
    const first = await held.get();
    expect(await held.get()).toBe(first);
    at += 100;
    expect(await held.get()).toBe(first);
    at += 1;
    expect(await held.get()).not.toBe(first);
  });

  it('asks the store once for all who come at the same moment', async () => {
    const held = heldDirectory(store.db, 100, () => 0);
    const all = await Promise.all(Array.from({ length: 20 }, () => held.get()));
    expect(new Set(all).size).toBe(1);
  });

  it('refresh makes a change count at once', async () => {
    const held = heldDirectory(store.db, 1_000_000, () => 0);
    await held.get();
    await receiver('inbox-new', 'midwife');
    expect((await held.get()).receivers.map((one) => one.id)).not.toContain('inbox-new');
    await held.refresh();
    expect((await held.get()).receivers.map((one) => one.id)).toContain('inbox-new');
    expect(held.last()?.receivers.map((one) => one.id)).toContain('inbox-new');
  });

  it('last answers at once, undefined before the first reading, and starts a reading', async () => {
    const held = heldDirectory(store.db, 100, () => 0);
    expect(held.last()).toBeUndefined();
    await held.get();
    expect(held.last()).toBe(await held.get());
  });

  it('does not hold a reading that failed: once the store is back it is read', async () => {
    const away = openDatabase('postgres://x:x@127.0.0.1:1/x', () => undefined);
    const held = heldDirectory(away, 1_000_000, () => 0);
    await expect(held.get()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(held.last()).toBeUndefined();
    const second = held.get();
    await expect(second).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await away.destroy();
  });
});
