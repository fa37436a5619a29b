import { execFile } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../tests/support/data-dir.ts';
import { type Network, openNetwork } from '../../tests/support/network.ts';

let folder: string;
let network: Network;
beforeAll(async () => {
  folder = await temporaryFolder();
  network = await openNetwork();
});
afterAll(async () => {
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

type Ran = { status: number; stdout: string; stderr: string };

const run = (...args: string[]): Promise<Ran> =>
  new Promise((done) => {
    const env = { ...process.env, DATABASE_URL: network.databaseUrl, PUBLIC_URL: network.base };
    execFile(
      process.execPath,
      [resolve('src/cli.ts'), 'client', ...args],
      { cwd: folder, env },
      (error, stdout, stderr) => done({ status: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

describe('a client from nothing', () => {
  it('gets a key, is registered with its public half, and gets a token with which it may push', async () => {
    const made = await run('key', 'kraamzorg');
    const file = join(folder, 'kraamzorg.private.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const jwks = JSON.parse(made.stdout) as { keys: Record<string, unknown>[] };
    expect(jwks.keys[0]).not.toHaveProperty('d');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject(jwks.keys[0] as object);

    const registration = {
      id: 'kraamzorg',
      organisation: { id: 'ziekenhuis', ura: '90000123', name: 'Ziekenhuis Verzinstad', sector: 'hospital' },
      jwks,
      scopes: ['system/*.rs'],
      sources: ['hix'],
      disciplines: [],
      purposes: [],
      roles: [],
    };
    writeFileSync(join(folder, 'kraamzorg.client.json'), JSON.stringify(registration));
    expect(await run('add', 'kraamzorg.client.json')).toMatchObject({ status: 0, stderr: '' });
    await network.gateway.refreshDirectory();

    const token = await run('token', 'kraamzorg', file);
    expect(token).toMatchObject({ status: 0, stderr: '' });
    const headers = { authorization: `Bearer ${token.stdout.trim()}`, 'content-type': 'application/json' };
    const pushed = await fetch(`${network.base}/exchange/hix`, { method: 'POST', headers, body: '{}' });
    expect(pushed.status).toBe(422);
    expect((await fetch(`${network.base}/fhir/Patient`, { headers })).status).toBe(403);
  });

  it('never loses a key that is in use', async () => {
    const file = join(folder, 'kraamzorg.private.json');
    const before = readFileSync(file, 'utf8');
    expect((await run('key', 'kraamzorg')).status).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('is told what is wrong', async () => {
    expect(await run('token', 'kraamzorg')).toMatchObject({ status: 2, stdout: '' });
    writeFileSync(join(folder, 'wrong.json'), '{}');
    expect(await run('add', 'wrong.json')).toMatchObject({ status: 1, stdout: '' });
    expect(await run('token', 'nobody', join(folder, 'kraamzorg.private.json'))).toMatchObject({
      status: 1,
      stdout: '',
    });
  });
});
