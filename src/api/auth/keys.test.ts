import { describe, expect, it } from 'vitest';
import { gatewayAlgorithm, keyImport, publicJwk } from './keys.ts';
import { testKey } from './testing/keys.ts';

describe('keys', () => {
  it('sign with the algorithm of their curve, and with no other kind', async () => {
    expect(gatewayAlgorithm((await testKey('ES256', 'a')).private)).toBe('ES256');
    expect(gatewayAlgorithm((await testKey('ES384', 'a')).private)).toBe('ES384');
    const others = [
      (await testKey('RS384', 'a')).private,
      { kty: 'oct', k: 'AA' },
      { kty: 'EC', crv: 'toString' },
      { kty: 'EC' },
    ];
    for (const jwk of others) expect(() => gatewayAlgorithm(jwk)).toThrow('EC key on P-256 or P-384');
  });

  it('show no private member', async () => {
    for (const alg of ['ES384', 'RS384'] as const) {
      const key = await testKey(alg, 'a');
      expect(publicJwk(key.private)).toEqual(key.public);
    }
  });

  it('are imported once, and never when symmetric', async () => {
    const importKey = keyImport();
    const { public: jwk } = await testKey('ES384', 'a');
    expect(await importKey(jwk, 'ES384')).toBe(await importKey({ ...jwk }, 'ES384'));
    await expect(importKey({ kty: 'oct', k: 'AAAA' }, 'HS256')).rejects.toThrow();
  });
});
