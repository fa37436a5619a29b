import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Network, openNetwork } from '../../tests/support/network.ts';
import { FAMILIES, type Family, familyBundle } from '../demo/families.ts';

const [yonathan] = FAMILIES as [Family];
const SAMPLE = 'mappings/hix/samples/yonathan-oru.hl7';
let network: Network;
beforeAll(async () => {
  network = await openNetwork();
  const signedAt = new Date(Date.now() - 60_000).toISOString();
  expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(yonathan, signedAt))).status).toBe(200);
});
afterAll(() => network?.close());

const run = (...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> =>
  new Promise((done) => {
    execFile(process.execPath, ['src/cli.ts', 'mllp', ...args], (error, stdout, stderr) =>
      done({ status: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

describe('mllp send', () => {
  it('prints the acknowledgement', async () => {
    const { status, stdout } = await run('send', SAMPLE, String(network.gateway.mllpPort));
    expect(status).toBe(0);
    expect(stdout).toMatch(/^MSH\|.*\nMSA\|AA\|/);
  });

  it('says so where nobody answers, and how it is used', async () => {
    expect(await run('send', SAMPLE, '1')).toMatchObject({ status: 1, stdout: '' });
    expect(await run('send')).toMatchObject({ status: 2, stdout: '' });
  });
});
