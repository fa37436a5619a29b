import { type CryptoKey, importJWK, type JWK } from 'jose';

export type KeyImport = (jwk: JWK, alg: string) => Promise<CryptoKey>;

const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use'] as const;
const CURVE_ALGORITHMS = new Map([
  ['P-256', 'ES256'],
  ['P-384', 'ES384'],
]);

/** The public half of a key, by list of allowed members (RFC 7517, 7518): whatever else is in the record never leaves. */
export function publicJwk(jwk: JWK): JWK {
  return Object.fromEntries(
    PUBLIC_MEMBERS.filter((name) => jwk[name] !== undefined).map((name) => [name, jwk[name]]),
  ) as JWK;
}

/** The algorithm that a gateway key signs with; throws for a key that the gateway may not sign with (a fault of installation). */
export function gatewayAlgorithm(jwk: JWK): string {
  const algorithm = jwk.kty === 'EC' ? CURVE_ALGORITHMS.get(jwk.crv ?? '') : undefined;
  if (!algorithm) throw new Error('The signing key of the gateway must be an EC key on P-256 or P-384.');
  return algorithm;
}

/** An import of JWKs that keeps its results; only registered keys and the gateway's own come here, so it stays small. Rejects for an unusable key. */
export function keyImport(): KeyImport {
  const kept = new Map<string, Promise<CryptoKey>>();
  return (jwk, alg) => {
    const name = JSON.stringify([alg, jwk]);
    let key = kept.get(name);
    if (!key) {
      key = importJWK(jwk, alg).then((imported) => {
        if (imported instanceof Uint8Array) throw new Error('A symmetric key cannot be used here.');
        return imported;
      });
      kept.set(name, key);
    }
    return key;
  };
}
