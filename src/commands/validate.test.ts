import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'gezinspoort-validate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (resource: unknown, env: Record<string, string> = {}) => {
  const file = join(folder, 'one.json');
  writeFileSync(file, typeof resource === 'string' ? resource : JSON.stringify(resource));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/cli.ts', 'validate', file], {
    encoding: 'utf8',
    timeout: 25_000,
    env: { ...process.env, ...env },
  });
  return { status, stderr, out: stdout.replaceAll(`${file}: `, '').trim().split('\n') };
};
const PATIENT = { resourceType: 'Patient', meta: { profile: ['http://example.org/unknown'] } };

describe('validate', () => {
  it('says that a resource is valid, and what could not be checked', () => {
    expect(run(PATIENT)).toEqual({
      status: 0,
      stderr: '',
      out: ['information at Patient.meta.profile[0]: this profile is not loaded here [not-checked]', 'valid'],
    });
  });

  it('says what is wrong, without the value, with exit code 1', () => {
    const { status, out } = run({ ...PATIENT, meta: undefined, gender: 'Geheim', birthDate: '2026-13-01' });
    expect(status).toBe(1);
    expect(out.length).toBeGreaterThan(1);
    expect(out.join()).toMatch(/error at Patient\.birthDate/);
    expect(out.join()).not.toContain('Geheim');
  });

  it('takes only strict JSON', () => {
    expect(run('{ "resourceType": "Patient", "id": "a", "id": "b" }')).toMatchObject({ status: 1 });
  });

  it('stops with the reason where packages cannot be used', () => {
    expect(run(PATIENT, { FHIR_PACKAGES: join(folder, 'nowhere') })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('FHIR_PACKAGES'),
    });
  });
});
