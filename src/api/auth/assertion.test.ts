import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAssertion } from './assertion.ts';
import { handmade } from './testing/requests.ts';

const URL = 'https://poort.example/oauth/token';
const NOW = new Date('2026-03-01T12:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const HEADER = { alg: 'ES384', typ: 'JWT', kid: 'k1' };
const CLAIMS = { iss: 'hix', sub: 'hix', aud: URL, exp: SECONDS + 60, jti: 'a' };
const read = (header: object, claims: object) =>
  readAssertion(
    handmade({ ...HEADER, ...header }, { ...CLAIMS, ...claims }, () => 'AA'),
    URL,
    NOW,
  );

describe('reading a client assertion', () => {
  it('stands at the edges of time', () => {
    expect(read({}, { exp: SECONDS + 300 }).ok).toBe(true);
    expect(read({}, { exp: SECONDS + 301 }).ok).toBe(false);
    expect(read({}, { exp: SECONDS }).ok).toBe(false);
    expect(read({}, { exp: SECONDS + 0.001 }).ok).toBe(true);
    expect(read({}, { iat: SECONDS + 60 }).ok).toBe(true);
    expect(read({}, { iat: SECONDS + 61 }).ok).toBe(false);
    expect(read({}, { nbf: SECONDS + 61 }).ok).toBe(false);
  });

  it('keeps from the store what it could not keep, and what is far too long', () => {
    for (const name of ['hix\u0000', 'hix\ud800', 'hïx', 'h x', '', 'h'.repeat(201)]) {
      expect(read({}, { iss: name, sub: name }).ok).toBe(false);
      expect(read({}, { jti: name }).ok).toBe(false);
      expect(read({ kid: name }, {}).ok).toBe(false);
    }
    expect(read({}, { padding: 'x'.repeat(11_000) }).ok).toBe(true);
    expect(read({}, { padding: 'x'.repeat(13_000) }).ok).toBe(false);
  });

  it('says which claim is wrong and never what it held', () => {
    expect(read({}, { aud: 'https://geheim.example' })).toEqual({
      ok: false,
      description: 'The client assertion must have the address of this token endpoint as its only aud.',
    });
  });

  it('reads or refuses any header, any claims and any text without a throw', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constant(undefined));
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('alg', 'typ', 'kid', 'jku', 'crit'), value),
        fc.dictionary(fc.constantFrom('iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti'), value),
        (header, claims) => {
          const result = read(header, claims);
          // What passes has the types that the store and the key lookup count on.
          if (result.ok)
            expect(result.assertion).toMatchObject({
              clientId: expect.any(String),
              kid: expect.any(String),
              jti: expect.any(String),
              exp: expect.any(Number),
            });
        },
      ),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(readAssertion(text, URL, NOW).ok).toBe(false);
      }),
    );
  });
});
