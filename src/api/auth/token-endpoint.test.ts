import { decodeJwt, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { clientAssertion, fetchToken } from './client-assertion.ts';
import { startGateway } from './testing/gateway.ts';
import { signingKeys, type TestKey, testKey } from './testing/keys.ts';
import { memoryStore } from './testing/memory-store.ts';
import { askToken, postForm } from './testing/requests.ts';
import { describeTokenEndpoint } from './testing/token-behaviour.ts';
import type { ClientRecord } from './types.ts';

describeTokenEndpoint('memory', async () => {
  const { store, clients } = memoryStore(signingKeys(await testKey('ES384', 'gateway-1')));
  return { store, register: async (record) => void clients.set(record.id, record), close: async () => {} };
});

const clientOf = (key: TestKey): ClientRecord => ({
  id: 'hix',
  organisation: 'ziekenhuis',
  keys: { keys: [key.public] },
  scopes: ['system/*.rs'],
  sources: [],
  disciplines: [],
  purposes: [],
  roles: [],
  active: true,
});

async function world(alg: 'ES384' | 'RS384' = 'ES384') {
  const key = await testKey(alg, 'k1');
  const memory = memoryStore(signingKeys(await testKey('ES256', 'gateway-1')));
  memory.clients.set('hix', clientOf(key));
  const assertion = (tokenUrl: string) =>
    clientAssertion({ clientId: 'hix', privateKey: key.private, kid: 'k1', tokenUrl, now: new Date() });
  return { key, memory, assertion };
}

describe('the helper for clients', () => {
  it.each(['ES384', 'RS384'] as const)('gets a token with an %s key, and a refusal as a value', async (alg) => {
    const { key, memory } = await world(alg);
    const gateway = await startGateway(memory.store);
    const input = {
      clientId: 'hix',
      privateKey: key.private,
      kid: 'k1',
      tokenUrl: gateway.tokenUrl,
      now: new Date(),
      scope: 'system/Patient.r',
    };
    expect(await fetchToken(input)).toMatchObject({ ok: true, expiresInSeconds: 300, scope: 'system/Patient.r' });
    expect(await fetchToken({ ...input, kid: 'k2' })).toMatchObject({
      ok: false,
      status: 401,
      error: 'invalid_client',
    });
    expect(await fetchToken({ ...input, iua: { subject_role: 'gp' } })).toMatchObject({
      ok: false,
      status: 403,
      error: 'access_denied',
    });
    await gateway.close();
  });
});

describe('the store', () => {
  it('grants nothing when a part of it is away, and says so with 503', async () => {
    const { memory, assertion } = await world();
    for (const part of ['client', 'useJti', 'signingKeys'] as const) {
      const away = { ...memory.store, [part]: () => Promise.reject(new Error('connection refused')) };
      const gateway = await startGateway(away);
      const answer = await askToken(gateway, await assertion(gateway.tokenUrl));
      expect(answer.status).toBe(503);
      expect(answer.text).not.toContain('access_token');
      await gateway.close();
    }
  });

  it('cannot make one client pass for another by a loose comparison of ids', async () => {
    const { key, memory } = await world();
    const loose = { ...memory.store, client: (id: string) => memory.store.client(id.toLowerCase()) };
    const gateway = await startGateway(loose);
    const input = {
      privateKey: key.private,
      kid: 'k1',
      tokenUrl: gateway.tokenUrl,
      now: new Date(),
      scope: 'system/*.rs',
    };
    expect(await fetchToken({ ...input, clientId: 'HIX' })).toMatchObject({ ok: false, status: 401 });
    expect(await fetchToken({ ...input, clientId: 'hix' })).toMatchObject({ ok: true });
    await gateway.close();
  });

  it('keeps a jti a minute longer than its assertion lives, for nodes whose clocks are behind', async () => {
    const { memory, assertion } = await world();
    const gateway = await startGateway(memory.store);
    const token = await assertion(gateway.tokenUrl);
    await askToken(gateway, token);
    const { exp = 0, jti } = decodeJwt(token);
    expect([...memory.used]).toEqual([[JSON.stringify(['hix', jti]), new Date((exp + 60) * 1000)]]);
    await gateway.close();
  });

  it('never gets a jti of an assertion whose signature does not hold', async () => {
    const { memory, assertion } = await world();
    const gateway = await startGateway(memory.store);
    memory.clients.set('hix', clientOf(await testKey('ES384', 'k1')));
    await askToken(gateway, await assertion(gateway.tokenUrl));
    expect(memory.used.size).toBe(0);
    await gateway.close();
  });
});

describe('rate limits', () => {
  it('bounds what one address may ask, before the body is read', async () => {
    const { memory } = await world();
    const gateway = await startGateway(memory.store, { perAddress: 3, perClient: 100 });
    for (let count = 0; count < 3; count += 1) expect((await postForm(gateway, 'a=b')).status).toBe(400);
    const answer = await postForm(gateway, 'a=b');
    expect([answer.status, answer.body.error]).toEqual([429, 'temporarily_unavailable']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await gateway.close();
  });

  it('bounds what a client may ask, and counts only what that client proved', async () => {
    const { memory, assertion, key } = await world();
    const gateway = await startGateway(memory.store, { perAddress: 100, perClient: 2 });
    const stranger = await testKey('ES384', 'k1');
    const claimed = () =>
      clientAssertion({
        clientId: 'hix',
        privateKey: stranger.private,
        kid: 'k1',
        tokenUrl: gateway.tokenUrl,
        now: new Date(),
      });
    for (let count = 0; count < 5; count += 1) expect((await askToken(gateway, await claimed())).status).toBe(401);
    for (const status of [200, 200, 429])
      expect((await askToken(gateway, await assertion(gateway.tokenUrl))).status).toBe(status);
    memory.clients.set('kdplus', { ...clientOf(key), id: 'kdplus' });
    const other = await clientAssertion({
      clientId: 'kdplus',
      privateKey: key.private,
      kid: 'k1',
      tokenUrl: gateway.tokenUrl,
      now: new Date(),
    });
    expect((await askToken(gateway, other)).status).toBe(200);
    await gateway.close();
  });
});

describe('discovery', () => {
  it('shows where and how to ask a token, at both addresses', async () => {
    const { memory } = await world();
    const gateway = await startGateway(memory.store);
    for (const path of ['/.well-known/smart-configuration', '/fhir/.well-known/smart-configuration']) {
      const response = await fetch(gateway.url + path);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(await response.json()).toMatchObject({
        token_endpoint: gateway.tokenUrl,
        grant_types_supported: ['client_credentials'],
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
        token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
        capabilities: ['client-confidential-asymmetric', 'permission-v2'],
      });
    }
    await gateway.close();
  });

  it('publishes the public half of the keys, even when the store hands out more', async () => {
    const { memory } = await world();
    const { current } = memory.world.keys;
    memory.world.keys = { current, all: [{ ...current, label: 'internal' } as JWK] };
    const gateway = await startGateway(memory.store);
    const { keys } = (await (await fetch(`${gateway.url}/oauth/jwks`)).json()) as { keys: object[] };
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([['crv', 'kid', 'kty', 'x', 'y']]);
    await gateway.close();
  });
});
