import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle, Consent } from '@medplum/fhirtypes';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { policy } from '../src/commands/policy.ts';
import { view } from '../src/commands/view.ts';
import { FAMILIES, type Family, familyBundle } from '../src/demo/families.ts';
import { type Network, openNetwork } from './support/network.ts';
import { showResult } from './support/results.ts';

/** Both parents have custody and only the mother signed. */
const luuk = FAMILIES[1] as Family;
function signedByOne(): Bundle {
  const bundle = familyBundle(luuk, new Date(Date.now() - 600_000).toISOString());
  for (const { resource } of bundle.entry ?? [])
    if (resource?.resourceType === 'Consent') (resource as Consent).performer = resource.performer?.slice(0, 1);
  return bundle;
}

let network: Network;
let folder: string;
let patient: string;

beforeAll(async () => {
  network = await openNetwork();
  folder = await mkdtemp(join(tmpdir(), 'gezinspoort-policy-'));
  await writeFile(join(folder, 'master.key'), 'ab'.repeat(32), { mode: 0o600 });
  await writeFile(join(folder, 'settings.json'), JSON.stringify({ bothParents: 'one-unless-objection' }));
  vi.stubEnv('DATABASE_URL', network.databaseUrl);
  vi.stubEnv('MASTER_KEY_FILE', join(folder, 'master.key'));
  const entered = await network.doors.send('kdplus', 'POST', '/fhir', signedByOne());
  expect(entered.status).toBe(200);
  patient = (entered.body as Bundle).entry?.[0]?.response?.location?.replace('Patient/', '') ?? '';
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await network?.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => vi.restoreAllMocks());

/** Runs a command and gives its exit code and what it printed. */
async function run(command: (args: string[]) => Promise<number>, ...args: string[]) {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void lines.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void lines.push(text));
  const code = await command(args);
  return { code, text: lines.join('\n') };
}
const pull = () => network.doors.everything('kdplus', 'youth-nurse', patient);
const lastReceipt = async () =>
  (
    await network.gateway.ports.db
      .selectFrom('receipt')
      .select('id')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
  ).id;

describe('a setting is changed', () => {
  let release: string;
  let seen: string;

  it('before: one parent did not answer, so the nurse gets nothing', async () => {
    expect((await pull()).status).toBe(404);
    expect((await run(policy, 'show')).text).toMatch(/bothParents +"all-explicit"/);
  });

  it('the difference is told in a sentence, with the families of the population and the recorded request that flip', async (context) => {
    const { code, text } = await run(policy, 'diff', join(folder, 'settings.json'));
    expect(code).toBe(0);
    expect(text).toContain('The setting bothParents is now "one-unless-objection"; it was "all-explicit".');
    expect(text).toContain('divorced parents, one has not answered:');
    expect(text).toMatch(
      /Of the \d+ decisions of the last 30 days, about 1 patients: \d+ would give more, 0 less, to 1 patients/,
    );
    expect(text).toContain(`receipt ${await lastReceipt()}`);
    expect(text).toContain('Every invariant holds.');
    expect(text).not.toContain('Proefhoeve');
    const questions = Number(/(\d+) questions\)/.exec(text)?.[1]);
    const flipped = Number(/questions\): (\d+) give more/.exec(text)?.[1]);
    showResult(context, {
      what: 'Policy change bothParents: questions about the generated population that keep their answer',
      passed: questions - flipped,
      of: questions,
      note: 'the others give more',
    });
  }, 600_000);

  it('is proposed by one, and not released by that one alone', async () => {
    const proposed = await run(
      policy,
      'propose',
      join(folder, 'settings.json'),
      '--by',
      'fg-1',
      '--reason',
      'Besluit 12.',
    );
    expect(proposed.code).toBe(0);
    release = /Proposed as release (\S+)\./.exec(proposed.text)?.[1] ?? '';
    const shown = await run(policy, 'show', release);
    seen = /--seen (\w+)/.exec(shown.text)?.[1] ?? '';
    expect((await run(policy, 'approve', release, '--by', 'fg-1', '--seen', 'something-else')).code).toBe(1);
    expect((await run(policy, 'approve', release, '--by', 'fg-1', '--seen', seen)).code).toBe(0);
    expect((await run(policy, 'approve', release, '--by', 'fg-1', '--seen', seen)).code).toBe(1);
    expect((await pull()).status).toBe(404);
  }, 600_000);

  it('holds in the running gateway soon after the second person approved', async () => {
    const approved = await run(policy, 'approve', release, '--by', 'fg-2', '--seen', seen);
    expect(approved.text).toMatch(/^Released: policy \w+ holds from/);
    await expect.poll(async () => (await pull()).status, { timeout: 10_000 }).toBe(200);
  }, 600_000);

  it('what was decided before comes out as it did, under the policy of then', async () => {
    const rows = await network.gateway.ports.db.selectFrom('receipt').select(['id', 'policy']).orderBy('seq').execute();
    const [first, last] = [rows[0], rows.at(-1)];
    expect(first?.policy).not.toBe(last?.policy);
    for (const one of [first, last]) {
      const { code, text } = await run(view, 'replay', one?.id ?? '');
      expect([code, text]).toEqual([0, expect.stringContaining('same result')]);
    }
    expect((await run(view, 'replay', '00000000-0000-4000-8000-000000000000')).code).toBe(1);
  }, 600_000);

  it('and is back in one command', async () => {
    expect((await run(policy, 'back', '--by', 'fg-2')).code).toBe(0);
    await expect.poll(async () => (await pull()).status, { timeout: 10_000 }).toBe(404);
    const { text } = await run(policy, 'list');
    expect(text).toContain('replaced');
    expect(text).toContain('Besluit 12.');
    expect((await run(policy, 'back', '--by', 'fg-2')).code).toBe(1);
  }, 600_000);
});

describe('what is no change', () => {
  it.each([[[]], [['diff']], [['propose', 'x']], [['approve', 'x', '--by', 'fg-1']], [['list', 'x']], [['nonsense']]])(
    '%j: usage',
    async (args) => expect((await run(policy, ...args)).code).toBe(2),
  );
  it('an unknown folder, file or release is told', async () => {
    expect(await run(policy, 'diff', join(folder, 'nothing'))).toMatchObject({
      code: 1,
      text: expect.stringContaining('no folder, file or release'),
    });
    expect((await run(policy, 'show', 'nothing')).code).toBe(1);
  });
});
