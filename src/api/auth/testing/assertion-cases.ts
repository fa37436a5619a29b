import { createHmac, createPublicKey, randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { expect, it } from 'vitest';
import { startGateway } from './gateway.ts';
import { testKey } from './keys.ts';
import { askToken, handmade, signed } from './requests.ts';
import type { Claims, TokenWorld } from './world.ts';

/** Who may not come in: each claim, header and signature that is wrong, and replay. */
export function assertionCases(w: TokenWorld): void {
  const badClaims: [string, () => Claims][] = [
    ['no iss', () => ({ iss: undefined })],
    ['no sub', () => ({ sub: undefined })],
    ['sub of another client', () => ({ sub: w.inactiveId })],
    ['iss of another client', () => ({ iss: w.inactiveId })],
    ['iss that is a list', () => ({ iss: [w.clientId], sub: [w.clientId] })],
    ['iss with NUL', () => ({ iss: `${w.clientId}\u0000`, sub: `${w.clientId}\u0000` })],
    ['iss of 10,000 characters', () => ({ iss: 'x'.repeat(10_000), sub: 'x'.repeat(10_000) })],
    ['no aud', () => ({ aud: undefined })],
    ['aud of the FHIR base', () => ({ aud: `${w.gateway.url}/fhir` })],
    ['aud of another server', () => ({ aud: 'https://elders.example/oauth/token' })],
    ['two aud', () => ({ aud: [w.gateway.tokenUrl, 'https://elders.example/oauth/token'] })],
    ['the same aud twice', () => ({ aud: [w.gateway.tokenUrl, w.gateway.tokenUrl] })],
    ['an empty list of aud', () => ({ aud: [] })],
    ['aud with a slash behind it', () => ({ aud: `${w.gateway.tokenUrl}/` })],
    ['no exp', () => ({ exp: undefined })],
    ['exp now', () => ({ exp: w.gateway.clock.at.getTime() / 1000 })],
    ['exp in the past', () => ({ exp: w.at(-1) })],
    ['exp 301 seconds ahead', () => ({ exp: w.at(301) + 1 })],
    ['exp in milliseconds', () => ({ exp: w.at(60) * 1000 })],
    ['exp as text', () => ({ exp: String(w.at(60)) })],
    ['exp extreme', () => ({ exp: 1e308 })],
    ['exp negative', () => ({ exp: -1e308 })],
    ['iat in the future', () => ({ iat: w.at(62) })],
    ['iat as text', () => ({ iat: String(w.at(0)) })],
    ['nbf in the future', () => ({ nbf: w.at(62) })],
    ['no jti', () => ({ jti: undefined })],
    ['empty jti', () => ({ jti: '' })],
    ['jti as number', () => ({ jti: 7 })],
    ['jti of 201 characters', () => ({ jti: 'j'.repeat(201) })],
    ['jti with NUL', () => ({ jti: 'a\u0000b' })],
  ];
  it.each(badClaims)('refuses an assertion with %s', async (_name, change) => {
    expect(await askToken(w.gateway, await w.assertion(change()))).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
  });

  const badHeaders: [string, Claims][] = [
    ['no typ', { typ: undefined }],
    ['typ at+jwt', { typ: 'at+jwt' }],
    ['no kid', { kid: undefined }],
    ['an unknown kid', { kid: 'ec-2' }],
    ['the kid of another of its keys', { kid: 'rsa-1' }],
    ['a kid that is a path', { kid: '../../../../dev/null' }],
    ['a kid that is an address', { kid: 'https://elders.example/jwks#ec-1' }],
    ['a kid that is SQL', { kid: "ec-1' or '1'='1" }],
    ['a kid that is an object name', { kid: '__proto__' }],
    ['a jku elsewhere', { jku: 'https://elders.example/jwks.json' }],
    ['an empty jku', { jku: '' }],
    ['an x5u', { x5u: 'https://elders.example/cert.pem' }],
  ];
  it.each(badHeaders)('refuses an assertion with %s in the header', async (_name, header) => {
    expect(await askToken(w.gateway, await w.assertion({}, header))).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
  });

  it('refuses an assertion that brings its own key', async () => {
    const own = await testKey('ES384', 'ec-1');
    const token = await signed({ alg: 'ES384', typ: 'JWT', kid: 'ec-1', jwk: own.public }, w.claims(), own.private);
    expect(await askToken(w.gateway, token)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('refuses alg none, in any spelling, with and without a signature', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      for (const signature of ['', 'AAAA']) {
        const token = handmade({ alg, typ: 'JWT', kid: 'ec-1' }, w.claims(), () => signature);
        expect(await askToken(w.gateway, token)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      }
    }
  });

  it('refuses HS256 and HS384 with the public key as secret, in every form that the key has', async () => {
    const key = createPublicKey({ key: { ...w.rsa.public }, format: 'jwk' });
    const secrets = [
      JSON.stringify(w.rsa.public),
      key.export({ type: 'spki', format: 'pem' }),
      key.export({ type: 'spki', format: 'der' }),
      '',
    ];
    for (const secret of secrets) {
      for (const [alg, hash] of [
        ['HS256', 'sha256'],
        ['HS384', 'sha384'],
        ['RS384', 'sha384'],
      ] as const) {
        const token = handmade({ alg, typ: 'JWT', kid: 'rsa-1' }, w.claims(), (input) =>
          createHmac(hash, secret).update(input).digest('base64url'),
        );
        expect(await askToken(w.gateway, token)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      }
    }
  });

  it('refuses other asymmetric algorithms, also of a registered key', async () => {
    for (const alg of ['RS256', 'RS512', 'PS384']) {
      const token = await signed({ alg, typ: 'JWT', kid: 'rsa-1' }, w.claims(), { ...w.rsa.private, alg });
      expect(await askToken(w.gateway, token)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    }
  });

  it('refuses what is no JWT, and a JWT that was changed', async () => {
    const token = await w.assertion();
    const [header, payload, signature] = token.split('.');
    const other = Buffer.from(JSON.stringify(w.claims({ jti: 'other' }))).toString('base64url');
    const broken = [
      'a',
      'a.b.c',
      '..',
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${other}.${signature}`,
      `${token}.x.y`,
      `${token}${'A'.repeat(20_000)}`,
    ];
    for (const text of broken) {
      expect(await askToken(w.gateway, text)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    }
    expect((await askToken(w.gateway, token)).status).toBe(200);
  });

  it('answers an unknown client, an inactive client, an unknown key and a wrong signature alike', async () => {
    const stranger = await testKey('ES384', 'ec-1');
    const header = { alg: 'ES384', typ: 'JWT', kid: 'ec-1' };
    const nobody = `nobody-${randomUUID()}`;
    const answers = [
      await askToken(w.gateway, await signed(header, w.claims({ iss: nobody, sub: nobody }), w.ec.private)),
      await askToken(w.gateway, await signed(header, w.claims({ iss: w.inactiveId, sub: w.inactiveId }), w.ec.private)),
      await askToken(w.gateway, await signed({ ...header, kid: 'ec-9' }, w.claims(), w.ec.private)),
      await askToken(w.gateway, await signed(header, w.claims(), stranger.private)),
    ];
    for (const { status, text } of answers) expect([status, text]).toEqual([401, answers[0]?.text]);
    const names = answers.map(({ headers }) => [...headers.keys()].sort());
    for (const list of names) expect(list).toEqual(names[0]);
  });

  it('refuses a replay, on this node and on another one', async () => {
    const token = await w.assertion();
    expect((await askToken(w.gateway, token)).status).toBe(200);
    const other = await startGateway(w.store);
    const second = await signed(
      { alg: 'ES384', typ: 'JWT', kid: 'ec-1' },
      { ...decodeJwt(token), aud: other.tokenUrl },
      w.ec.private,
    );
    expect(await askToken(w.gateway, token)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await askToken(other, second)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    await other.close();
  });

  it('grants once when the same assertion arrives ten times at the same moment', async () => {
    const token = await w.assertion();
    const answers = await Promise.all(Array.from({ length: 10 }, () => askToken(w.gateway, token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(9);
  });

  it('does not let another party use up a jti', async () => {
    const stranger = await testKey('ES384', 'ec-1');
    const payload = w.claims();
    const header = { alg: 'ES384', typ: 'JWT', kid: 'ec-1' };
    expect((await askToken(w.gateway, await signed(header, payload, stranger.private))).status).toBe(401);
    expect((await askToken(w.gateway, await signed(header, payload, w.ec.private))).status).toBe(200);
  });
}
