import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clientAssertion, fetchToken } from './client-assertion.ts';
import { startGateway, type TestGateway } from './testing/gateway.ts';
import { signingKeys, type TestKey, testKey } from './testing/keys.ts';
import { memoryStore } from './testing/memory-store.ts';
import { handmade, signed } from './testing/requests.ts';
import type { ClientRecord, SigningKeys } from './types.ts';

describe('access tokens', () => {
  let gateway: TestGateway;
  let memory: ReturnType<typeof memoryStore>;
  let clientKey: TestKey;
  let keys: SigningKeys;
  let record: ClientRecord;

  beforeAll(async () => {
    clientKey = await testKey('ES384', 'k1');
    keys = signingKeys(await testKey('ES256', 'gateway-1'));
    memory = memoryStore(keys);
    gateway = await startGateway(memory.store);
    record = {
      id: 'kdplus',
      organisation: 'jgz',
      ura: '90000400',
      keys: { keys: [clientKey.public] },
      scopes: ['system/*.rs'],
      sources: ['kdplus'],
      disciplines: ['youth-doctor', 'youth-nurse'],
      purposes: ['TREAT', 'BTG'],
      roles: ['consent-recorder'],
      active: true,
    };
  });
  beforeEach(() => {
    memory.clients.set(record.id, record);
    memory.world.keys = keys;
    gateway.clock.at = new Date();
  });
  afterAll(() => gateway.close());

  async function token(): Promise<string> {
    const answer = await fetchToken({
      clientId: record.id,
      privateKey: clientKey.private,
      kid: 'k1',
      tokenUrl: gateway.tokenUrl,
      now: gateway.clock.at,
      iua: {
        person_id: 'uzi-900042',
        subject_role: 'youth-doctor',
        purpose_of_use: { code: 'BTG' },
        btg_reason: 'kind reageert niet',
      },
      scope: 'system/*.rs',
    });
    if (!answer.ok) throw new Error(answer.error);
    return answer.accessToken;
  }

  async function ask(authorization?: string) {
    const response = await fetch(`${gateway.url}/fhir/whoami`, {
      headers: authorization === undefined ? {} : { authorization },
    });
    return {
      status: response.status,
      challenge: response.headers.get('www-authenticate') ?? '',
      text: await response.text(),
    };
  }

  async function expectRefused(authorization: string) {
    const answer = await ask(authorization);
    expect(answer.status).toBe(401);
    expect(answer.challenge).toContain('error="invalid_token"');
    expect(JSON.parse(answer.text)).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'login', details: { coding: [{ code: 'token-invalid' }] } }],
    });
    expect(answer.text + answer.challenge).not.toMatch(/uzi-900042|reageert/);
  }

  /** A token with the gateway's own key, changed. */
  const changed = (original: string, claims: JWTPayload, header: object = {}, key = keys.current) => {
    const protectedHeader = { ...decodeProtectedHeader(original), ...header } as { alg: string };
    return signed(protectedHeader, { ...decodeJwt(original), ...claims }, key);
  };

  it('make the caller: who, for which organisation, as what, why', async () => {
    const answer = await ask(`Bearer ${await token()}`);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({
      caller: {
        client: 'kdplus',
        organisation: 'jgz',
        ura: '90000400',
        person: 'uzi-900042',
        discipline: 'youth-doctor',
        purpose: 'BTG',
        btgReason: 'kind reageert niet',
        scopes: ['system/*.rs'],
        sources: ['kdplus'],
        roles: ['consent-recorder'],
        jti: expect.any(String),
      },
      maySearchConsent: true,
    });
  });

  it.each([undefined, '', 'Basic aGl4Omdl', 'Bearer', 'Bearer ', 'Bearer a b', 'DPoP abc'])(
    'are asked for, when the header is %j',
    async (header) => {
      const answer = await ask(header);
      expect([answer.status, answer.challenge]).toEqual([401, 'Bearer realm="gezinspoort"']);
      expect(JSON.parse(answer.text)).toMatchObject({ resourceType: 'OperationOutcome' });
    },
  );

  it('are not read from the address', async () => {
    const response = await fetch(`${gateway.url}/fhir/whoami?access_token=${await token()}`);
    expect(response.status).toBe(401);
  });

  it('count for 300 seconds and not longer', async () => {
    const one = await token();
    const start = gateway.clock.at.getTime();
    gateway.clock.at = new Date(start + 298_000);
    expect((await ask(`Bearer ${one}`)).status).toBe(200);
    gateway.clock.at = new Date(start + 300_000);
    await expectRefused(`Bearer ${one}`);
  });

  it('of another issuer, for another audience, or without a claim that we put into each, are refused', async () => {
    const one = await token();
    expect((await ask(`Bearer ${await changed(one, {})}`)).status).toBe(200);
    const wrong: JWTPayload[] = [
      { iss: 'https://elders.example' },
      { aud: 'https://elders.example/fhir' },
      { aud: gateway.tokenUrl },
      { aud: gateway.url },
      { sub: 'hix' },
      { extensions: { ihe_iua: { subject_role: 'paediatrician' } } },
      ...['iss', 'aud', 'sub', 'client_id', 'jti', 'iat', 'exp', 'scope'].map((name) => ({ [name]: undefined })),
    ];
    for (const claims of wrong) await expectRefused(`Bearer ${await changed(one, claims)}`);
  });

  it('of another type, key or algorithm are refused', async () => {
    const one = await token();
    const stranger = await testKey('ES256', 'gateway-1');
    await expectRefused(`Bearer ${await changed(one, {}, { typ: 'JWT' })}`);
    await expectRefused(`Bearer ${await changed(one, {}, { typ: undefined })}`);
    await expectRefused(`Bearer ${await changed(one, {}, { kid: 'gateway-2' })}`);
    await expectRefused(`Bearer ${await changed(one, {}, { kid: undefined })}`);
    await expectRefused(`Bearer ${await changed(one, {}, {}, { ...stranger.private, kid: 'gateway-1' })}`);
    await expectRefused(`Bearer ${await changed(one, {}, { alg: 'ES384' }, { ...clientKey.private, kid: 'k1' })}`);
    await expectRefused(
      `Bearer ${handmade({ ...decodeProtectedHeader(one), alg: 'none' }, decodeJwt(one), () => '')}AA`,
    );
    const assertion = await clientAssertion({
      clientId: 'kdplus',
      privateKey: clientKey.private,
      kid: 'k1',
      tokenUrl: gateway.tokenUrl,
      now: new Date(),
    });
    await expectRefused(`Bearer ${assertion}`);
  });

  it('that were changed on the way are refused', async () => {
    const [header, payload, signature] = (await token()).split('.');
    const other = Buffer.from(
      JSON.stringify({ ...decodeJwt(`${header}.${payload}.`), scope: 'system/*.cruds' }),
    ).toString('base64url');
    await expectRefused(`Bearer ${header}.${other}.${signature}`);
    await expectRefused(`Bearer ${header}.${payload}`);
    await expectRefused('Bearer abc');
  });

  it('stop at once when the client is switched off or loses the discipline or purpose', async () => {
    const one = `Bearer ${await token()}`;
    for (const change of [{ active: false }, { disciplines: ['youth-nurse'] }, { purposes: ['TREAT'] }]) {
      memory.clients.set(record.id, { ...record, ...change });
      await expectRefused(one);
    }
    memory.clients.delete(record.id);
    await expectRefused(one);
    memory.clients.set(record.id, record);
    expect((await ask(one)).status).toBe(200);
  });

  it('narrow at once when the client loses a scope', async () => {
    const one = `Bearer ${await token()}`;
    memory.clients.set(record.id, { ...record, scopes: ['system/Patient.r'] });
    expect(JSON.parse((await ask(one)).text)).toMatchObject({
      caller: { scopes: ['system/Patient.r'] },
      maySearchConsent: false,
    });
  });

  it('survive a change of keys for as long as the old key is published', async () => {
    const one = `Bearer ${await token()}`;
    const next = await testKey('ES384', 'gateway-2');
    memory.world.keys = { current: { ...next.private, kid: next.kid }, all: [next.public, ...keys.all] };
    expect((await ask(one)).status).toBe(200);
    expect((await ask(`Bearer ${await token()}`)).status).toBe(200);
    memory.world.keys = { ...memory.world.keys, all: [next.public] };
    await expectRefused(one);
  });

  it('are not accepted while the store is away', async () => {
    const one = await token();
    for (const part of ['client', 'signingKeys'] as const) {
      const away = await startGateway({
        ...memory.store,
        [part]: () => Promise.reject(new Error('connection refused')),
      });
      const response = await fetch(`${away.url}/fhir/whoami`, {
        headers: { authorization: `Bearer ${await changed(one, { iss: away.url, aud: `${away.url}/fhir` })}` },
      });
      expect(response.status).toBe(503);
      await away.close();
    }
  });
});
