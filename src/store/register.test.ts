import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type TestStore } from '../../tests/support/store.ts';
import { parseRegistration, type Registration, register } from './register.ts';

const registration = (more: Partial<Record<keyof Registration, unknown>> = {}): Registration =>
  ({
    id: 'ehr',
    organisation: { id: 'hospital', ura: '90000123', name: 'Ziekenhuis', sector: 'hospital' },
    jwks: { keys: [{ kty: 'EC', kid: 'k1', crv: 'P-384', x: 'x', y: 'y' }] },
    scopes: ['system/*.rs'],
    sources: ['hix'],
    disciplines: ['paediatrician'],
    purposes: ['TREAT'],
    roles: [],
    ...more,
  }) as Registration;
const problemsOf = (value: unknown): string[] => {
  const parsed = parseRegistration(value);
  return parsed.ok ? [] : parsed.problems;
};

describe('parseRegistration', () => {
  it('takes a full registration, with and without MLLP peer and URA', () => {
    const mllp = { source: 'hix', addresses: ['10.0.0.1'], application: 'HIX', facility: 'X' };
    expect(parseRegistration(registration({ mllp }))).toMatchObject({ ok: true });
    expect(problemsOf(registration({ organisation: { id: 'team', name: 'Wijkteam', sector: 'social' } }))).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a private EC or RSA key', { jwks: { keys: [{ kid: 'k', d: 'secret' }] } }, '/jwks/keys/0/d'],
    ['a shared secret', { jwks: { keys: [{ kid: 'k', k: 'secret' }] } }, '/jwks/keys/0/k'],
    ['a key without a name', { jwks: { keys: [{}] } }, '/jwks/keys/0'],
    ['an address of keys instead of keys', { jwks: { jwks_uri: 'https://x' } }, '/jwks'],
    ['an unknown role', { roles: ['administrator'] }, '/roles/0'],
    ['a URA that is too short', { organisation: { id: 'a', ura: '123', name: 'a', sector: 'b' } }, '/organisation/ura'],
    ['an id with a slash', { id: 'a/b' }, '/id'],
    ['an id with capitals', { id: 'HIX' }, '/id'],
    ['an unknown field', { admin: true }, '/'],
    ['a peer without names', { mllp: { source: 'hix', addresses: [] } }, '/mllp'],
  ])('refuses %s and says where', (_name, change, place) => {
    const problems = problemsOf(registration(change));
    expect(problems.map((one) => one.split(':')[0])).toContain(place);
    expect(problems.join()).not.toContain('secret');
  });

  it('lists every problem at once', () => {
    expect(problemsOf({ ...registration({ id: 'A', roles: ['x'] }), scopes: 1 }).length).toBeGreaterThanOrEqual(3);
    expect(problemsOf({}).length).toBe(8);
    for (const nothing of [undefined, null, 'x', []]) expect(problemsOf(nothing).length).toBeGreaterThan(0);
  });
});

describe('register', () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openStore();
  });
  afterAll(() => store.close());
  const clients = () => store.db.selectFrom('client').selectAll().execute();

  it('keeps what was registered, and replaces it whole the second time', async () => {
    await register(store.db, registration({ scopes: ['system/*.rs', 'system/Consent.c'] }));
    await register(store.db, registration({ scopes: ['system/Patient.r'], disciplines: [] }));
    const rows = await clients();
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      id: 'ehr',
      scopes: ['system/Patient.r'],
      disciplines: [],
      mllp: null,
      active: true,
    });
    expect(rows[0]?.jwks).toEqual(registration().jwks);
  });

  it('is all or nothing: a URA that another organisation has leaves neither organisation nor client', async () => {
    const twice = registration({ id: 'other', organisation: { id: 'fake', ura: '90000123', name: 'x', sector: 'x' } });
    await expect(register(store.db, twice)).rejects.toMatchObject({ code: '23505' });
    expect((await clients()).map((one) => one.id)).toEqual(['ehr']);
    expect(await store.db.selectFrom('organisation').select('id').execute()).toEqual([{ id: 'hospital' }]);
  });

  it('does not bring a client back that was switched off', async () => {
    await store.db.updateTable('client').set({ active: false }).where('id', '=', 'ehr').execute();
    await register(store.db, registration());
    expect(await clients()).toMatchObject([{ active: false }]);
  });
});
