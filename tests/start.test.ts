import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../src/commands/index.ts';
import { findCluster } from '../src/store/embedded/cluster.ts';
import { isAlive, readPidFile } from '../src/store/embedded/pidfile.ts';
import { removeDataDir, temporaryFolder } from './support/data-dir.ts';
import { command, type Running, run } from './support/process.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const QUIET = { DEMO: 'off', PORT: '0', MLLP_PORT: '0' };
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function newDataDir(): Promise<string> {
  const folder = await temporaryFolder();
  cleanups.push(async () => {
    await removeDataDir(join(folder, 'data'));
    await rm(folder, { recursive: true, force: true });
  });
  return join(folder, 'data');
}
function start(dataDir: string, cwd?: string): Running {
  const gateway = run(['serve'], { ...QUIET, DATA_DIR: dataDir }, cwd);
  cleanups.push(() => gateway.signal('SIGTERM'));
  return gateway;
}

describe('A wrong environment', () => {
  it('stops the start with every problem listed and no value repeated', async () => {
    const dataDir = join(tmpdir(), 'gezinspoort-never-made');
    const { code, out, err } = await command(['serve', '--role', 'geheim'], {
      PORT: 'geheim',
      MLLP_PORT: '-1',
      DATABASE_URL: 'mysql://geheim',
      REDIS_URL: 'geheim',
      DEMO: 'geheim',
      LOG_LEVEL: 'geheim',
      DATA_DIR: dataDir,
    });
    expect(code).toBe(2);
    expect(out).toBe('');
    for (const name of [
      '--role',
      'PORT',
      'MLLP_PORT',
      'DATABASE_URL',
      'MASTER_KEY_FILE',
      'REDIS_URL',
      'DEMO',
      'LOG_LEVEL',
    ])
      expect(err).toContain(`  ${name}:`);
    expect(err).not.toContain('geheim');
    await expect(readdir(dataDir)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('an option that does not exist is refused, not ignored', async () => {
    const { code, err } = await command(['serve', '--rol', 'api'], {
      ...QUIET,
      DATA_DIR: await newDataDir(),
      PORT: 'x',
    });
    expect(code).not.toBe(0);
    expect(err).toContain('--rol');
  });

  it('a port that is taken ends the start with a sentence, and PostgreSQL with it', async () => {
    const first = start(await newDataDir());
    const { port } = await first.ready();
    const dataDir = await newDataDir();
    const { code, err } = await command(['serve'], { ...QUIET, PORT: String(port), DATA_DIR: dataDir });
    expect(code).toBe(1);
    expect(err).toContain(String(port));
    const cluster = await findCluster(dataDir);
    const server = cluster && (await readPidFile(cluster.folder));
    expect(server && isAlive(server.pid)).toBeFalsy();
  }, 60_000);
});

describe('A second gateway on the same DATA_DIR', () => {
  it('is refused with a sentence, and the first goes on', async () => {
    const dataDir = await newDataDir();
    const first = start(dataDir);
    const { port } = await first.ready();
    const { code, err } = await command(['serve'], { ...QUIET, DATA_DIR: dataDir });
    expect(code).toBe(1);
    expect(err).toMatch(/^Another gateway .*works in .*\n$/);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  }, 60_000);
});

const asRoot = process.getuid?.() === 0 && process.platform === 'linux';
describe.skipIf(!asRoot)(`As root${asRoot ? '' : ' (skipped: run the tests as root to try it)'}`, () => {
  it('from a clone under a folder that only root may enter it becomes ready, and stops cleanly', async () => {
    const home = await mkdtemp(join(tmpdir(), 'gezinspoort-root-'));
    await chmod(home, 0o700);
    cleanups.push(() => rm(home, { recursive: true, force: true }));
    const clone = join(home, 'gezinspoort');
    await mkdir(clone);
    // Hard links where the file system allows it: a copy of everything that takes no time and no space.
    const parts = (await readdir(ROOT))
      .filter((one) => !['.git', '.gezinspoort', 'coverage'].includes(one))
      .map((one) => join(ROOT, one));
    try {
      execFileSync('cp', ['-al', ...parts, clone], { stdio: 'ignore' });
    } catch {
      execFileSync('cp', ['-a', ...parts, clone], { stdio: 'ignore' });
    }
    const dataDir = join(clone, '.data');
    cleanups.push(() => removeDataDir(dataDir));
    const gateway = start(dataDir, clone);
    const { port } = await gateway.ready();
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    const cluster = await findCluster(dataDir);
    const server = cluster && (await readPidFile(cluster.folder));
    expect(server && isAlive(server.pid)).toBe(true);
    await gateway.signal('SIGTERM');
    expect(gateway.child.exitCode).toBe(0);
    expect(server && isAlive(server.pid)).toBe(false);
  }, 120_000);
});

describe('The command', () => {
  it.each(Object.keys(COMMANDS))('%s --help says what it does and does nothing', async (name) => {
    const { code, out, err } = await command([name, '--help'], { PORT: 'x' });
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`gezinspoort ${name}`);
  });

  it('without a name lists all commands', async () => {
    for (const args of [[], ['--help']]) {
      const { code, out } = await command(args);
      expect(code).toBe(0);
      for (const name of Object.keys(COMMANDS)) expect(out).toContain(name);
    }
  });

  it.each(['nonsense', 'constructor', 'toString', '__proto__'])('%s is no command', async (name) => {
    for (const args of [[name], [name, '--help']]) {
      const { code, out, err } = await command(args);
      expect(code).toBe(2);
      expect(out).toContain('Usage');
      expect(err).toBe('');
    }
  });

  it.each([[['migrate']], [['client', 'add', 'package.json']]])(
    '%s without DATABASE_URL says what is missing',
    async (args) => {
      const { code, err } = await command(args);
      expect(code).toBe(1);
      expect(err).not.toContain('    at ');
      expect(err.trim()).not.toBe('');
    },
  );
});

describe('consent decide', () => {
  const input = (organisation: string, number: number) =>
    JSON.stringify({
      asOf: '2026-07-01T12:00:00+02:00',
      request: {
        mode: 'pull',
        purpose: 'TREAT',
        org: `Organization/${organisation}`,
        sector: 'jgz',
        discipline: 'youth-nurse',
        patient: 'Patient/kind',
        treatmentRelation: true,
      },
      patients: [{ ref: 'Patient/kind', birthDate: '2026-01-10', selfRefs: ['Patient/kind'], custody: [] }],
      consents: [],
      resources: [{ ref: `Observation/o${number}`, subject: 'Patient/kind', category: 'development', labels: [] }],
    });

  it('answers a thousand lines over a pipe, each with its own answer, in order', async () => {
    const lines = Array.from({ length: 1_000 }, (_, number) =>
      number % 10 === 7 ? 'no json at all' : input('jgz', number),
    );
    const { code, out, err } = await command(['consent', 'decide'], {}, `${lines.join('\n')}\n`);
    expect([code, err]).toEqual([0, '']);
    const answers = out
      .trimEnd()
      .split('\n')
      .map((one) => JSON.parse(one) as Record<string, unknown>);
    expect(answers).toHaveLength(1_000);
    answers.forEach((answer, number) => {
      if (number % 10 === 7) expect(JSON.stringify(answer)).not.toContain('Observation');
      else expect(JSON.stringify(answer)).toContain(`Observation/o${number}"`);
    });
  });

  it('answers the last line also without a line end, and nothing to nothing', async () => {
    const { out } = await command(['consent', 'decide'], {}, input('jgz', 1));
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(await command(['consent', 'decide'], {}, '\n\n')).toEqual({ code: 0, out: '', err: '' });
  });

  it('anything else gets its usage', async () => {
    expect(await command(['consent', 'decline'])).toMatchObject({ code: 2, out: '' });
  });
});
