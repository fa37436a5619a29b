import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Network, openNetwork } from '../../tests/support/network.ts';
import { FAMILIES, type Family, familyBundle } from '../demo/families.ts';
import { view } from './view.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gezinspoort-preview-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

async function run(...args: string[]) {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void lines.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void lines.push(text));
  return { code: await view(['preview', ...args]), text: lines.join('\n') };
}

describe('the preview of an invented family', () => {
  it.each(['yonathan', 'luuk', 'laila'])(
    '%s: the record, and a mark for every discipline',
    async (family) => {
      const { code, text } = await run('--family', family);
      expect(code).toBe(0);
      expect(text).toMatch(/1 ggz .*13 youth-nurse/);
      const invented = FAMILIES.find((one) => one.given.toLowerCase() === family);
      expect(text).toContain(invented?.bsn);
      expect(text).toMatch(/✗/);
      expect(text).toMatch(/Your organisation may not receive the BSN\./);
    },
    60_000,
  );

  it('one discipline: record and view side by side, without what it may not have', async () => {
    const { text } = await run('--family', 'luuk', '--discipline', 'volunteer');
    const bsn = text.split('\n').filter((line) => line.includes('999903238'));
    expect(bsn.length).toBeGreaterThan(0);
    for (const line of bsn) expect(line.match(/999903238/g)).toHaveLength(1);
    expect(text).toContain('volunteer: redacted');
  }, 60_000);

  it('another poli gives another view: the nurse at the POP poli gets a plan, no report', async () => {
    const [own, pop] = [
      await run('--family', 'laila', '--discipline', 'youth-nurse'),
      await run('--family', 'laila', '--discipline', 'youth-nurse', '--poli', 'pop'),
    ];
    expect(own.text).toContain('poli mamaplus');
    expect(pop.text).toContain('poli pop');
    const body = (text: string) => text.split('\n').slice(1).join('\n');
    expect(body(pop.text)).not.toBe(body(own.text));
  }, 60_000);

  it('as a page: everything escaped, nothing fetched from elsewhere', async () => {
    const file = join(folder, 'page.html');
    expect((await run('--family', 'yonathan', '--html', file)).code).toBe(0);
    const page = await readFile(file, 'utf8');
    expect(page).toContain('Kwartelslag');
    expect(page).not.toMatch(/<script|<img|<link|src=|href=|@import|url\(/);
    expect(page.match(/<tbody>/g)?.length).toBeGreaterThan(10);
  }, 60_000);

  it.each([[['--family', 'nobody']], [['--poli', 'nowhere']], [['--patient', 'x']], [['--nonsense']]])(
    '%j: usage',
    async (args) => expect((await run(...args)).code).toBe(2),
  );
  it(
    'an unknown discipline is told',
    async () => expect((await run('--discipline', 'neighbour')).code).toBe(1),
    60_000,
  );
});

describe('the preview of a real family', () => {
  let network: Network;
  let patient: string;
  beforeAll(async () => {
    network = await openNetwork();
    await writeFile(join(folder, 'master.key'), 'ab'.repeat(32), { mode: 0o600 });
    vi.stubEnv('DATABASE_URL', network.databaseUrl);
    vi.stubEnv('MASTER_KEY_FILE', join(folder, 'master.key'));
    const luuk = FAMILIES[1] as Family;
    await network.doors.send(
      'kdplus',
      'POST',
      '/fhir',
      familyBundle(luuk, new Date(Date.now() - 60_000).toISOString()),
    );
    patient = (await network.gateway.ports.db.selectFrom('patient').select('id').executeTakeFirstOrThrow()).id;
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await network?.close();
  });

  it('shows names of elements and outcomes, never what stands in them, and is on the log', async () => {
    const file = join(folder, 'real.html');
    const { code, text } = await run('--patient', patient);
    expect(code).toBe(0);
    await run('--patient', patient, '--html', file);
    expect(text).toContain('name.family');
    expect(text).toMatch(/[●·✗]/);
    for (const shown of [text, await readFile(file, 'utf8')])
      for (const secret of ['Proefhoeve', 'Luuk', 'Sanne', '999903238', '2024-07-09'])
        expect(shown).not.toContain(secret);
    const looks = await network.gateway.ports.db
      .selectFrom('audit')
      .select('event')
      .where('kind', '=', 'explain')
      .execute();
    expect(looks.length).toBe(2);
  }, 60_000);
  it('of a patient nobody knows is nothing', async () => {
    expect((await run('--patient', '00000000-0000-4000-8000-000000000009')).code).toBe(1);
  }, 60_000);
});
