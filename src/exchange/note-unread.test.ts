import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type TestStore } from '../../tests/support/store.ts';
import { createLog } from '../log.ts';
import { file, read, sources } from '../sources/testing/maps-testkit.ts';
import { unreadElements } from '../store/unread-elements.ts';
import { startUnread } from './note-unread.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const message = read('hix', file('hix', 'samples', 'yonathan-mdm.hl7'), 'application/hl7-v2');
const expected = [...sources.leftBehind(message)].toSorted(([a], [b]) => (a < b ? -1 : 1));
const started = (now: string) =>
  startUnread({ db: store.db, sources, log: createLog('silent'), now: () => new Date(now) });

describe('unread elements', () => {
  it('are kept per source and month; counts add up, over processes too', async () => {
    expect(expected.length).toBeGreaterThan(5);
    for (const now of ['2026-10-31T23:59:59Z', '2026-11-01T00:00:00Z', '2026-11-30T10:00:00Z']) {
      const unread = started(now);
      unread.note(message);
      await unread.stop();
    }
    const october = await unreadElements(store.db, 'hix', '2026-10');
    expect(october.map(({ path, count }) => [path, count]).toSorted()).toEqual(expected.toSorted());
    const november = await unreadElements(store.db, 'hix', '2026-11');
    expect(november.map(({ path, count }) => [path, count]).toSorted()).toEqual(
      expected.map(([path, count]) => [path, 2 * count]).toSorted(),
    );
    expect(await unreadElements(store.db, 'kdplus')).toEqual([]);
  });

  it('never hold up who sends: what does not fit is let go', async () => {
    const unread = started('2026-12-01T10:00:00Z');
    for (let count = 0; count < 500; count += 1) unread.note(message);
    await unread.stop();
    const [first] = await unreadElements(store.db, 'hix', '2026-12');
    expect(first?.count).toBe(100 * (expected.find(([path]) => path === first?.path)?.[1] ?? 0));
  });

  it('are printed by `map unread`, with who dropped them and why', { timeout: 60_000 }, () => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ['src/cli.ts', 'map', 'unread', ...args], {
        encoding: 'utf8',
        env: { ...process.env, DATABASE_URL: store.url },
        timeout: 50_000,
      });
    const { status, stdout, stderr } = run('--source', 'hix', '--month', '2026-11');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^hix 2026-11\n/);
    expect(stdout).toMatch(/PV1\.location\S* +2 +dropped: /);
    expect(stdout).not.toContain('2026-10');
    expect(run('--month', '2026')).toMatchObject({ status: 2, stdout: '' });
  });
});
