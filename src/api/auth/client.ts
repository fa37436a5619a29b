import { compactVerify, type JWK } from 'jose';
import type { Assertion, AssertionAlgorithm } from './assertion.ts';
import { type KeyImport, publicJwk } from './keys.ts';
import type { AuthStore, ClientRecord } from './types.ts';

/**
 * Keys of nobody: their private halves were never kept. A request of an unknown client is checked against one of them, so that it costs the same as a
 * wrong signature of a known client. The outcome of that check is never used.
 */
const DECOYS: Record<AssertionAlgorithm, JWK> = {
  ES384: {
    kty: 'EC',
    crv: 'P-384',
    x: 'M2xpx-x-S6eBqa2Yb96R-zLHkCebM2B7jb4-TwE8fYw1zUv1hinTmdSVv5Wo3bOb',
    y: '935nXIBy4J0JMIu7HtXTHyL0YdEjpBVRkS-u3zsGmKNLNqt9wIfL3nN3F6XhRHYb',
  },
  RS384: {
    kty: 'RSA',
    n: 'oTh2nraJGwGJMVS763uSxfjEBr3S_Iz4A7fDHdHY11ySdZjy9IY9xSYmr2DarH-nZHEo0pIPJ7ywQ2UPySJ0sF-dUoh8Ca-qNF_3Bk5KDJf-AxMkBFZlegqfWjbeyDenFD-RfHzgQKj6QONcbL4eZcczljpFpuCdhb40WLM1KGZ_53WljpHTkrZaFE96fKP5UJZ2gUxK9FE0SucYgKXIq_nV5XTrrH3igOLEE3Zli2NdjjpoZD3XLRAh9Wc5_XDbr_b2_zOBCQwttsvUgRSEINBemuPVLsCUNWs755jIQUzTpE7bwbZKMOXbygfK2a4pO7OGsGDcC3_6NF6DMvMTrQ',
    e: 'AQAB',
  },
};

/**
 * The active client whose registered key signed the assertion; undefined for an unknown or inactive client, an unknown key and a wrong signature alike,
 * each after one verification of a signature (OWASP API Security Top 10, 2023: API2). Rejects when the store is away.
 */
export async function provenClient(
  assertion: Assertion,
  store: AuthStore,
  importKey: KeyImport,
): Promise<ClientRecord | undefined> {
  const record = await store.client(assertion.clientId);
  const key = record?.keys.keys.find((jwk) => jwk.kid === assertion.kid && fits(jwk, assertion.alg));
  const signed = await hasSigned(assertion, key ?? DECOYS[assertion.alg], importKey);
  return record && key && signed && record.active && record.id === assertion.clientId ? record : undefined;
}

function fits(jwk: JWK, alg: AssertionAlgorithm): boolean {
  const kind = alg === 'ES384' ? jwk.kty === 'EC' && jwk.crv === 'P-384' : jwk.kty === 'RSA';
  return kind && (jwk.alg === undefined || jwk.alg === alg) && (jwk.use === undefined || jwk.use === 'sig');
}

async function hasSigned({ token, alg }: Assertion, jwk: JWK, importKey: KeyImport): Promise<boolean> {
  try {
    await compactVerify(token, await importKey(publicJwk(jwk), alg), { algorithms: [alg] });
    return true;
  } catch {
    return false;
  }
}
