import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { SigningKeys } from '../types.ts';

export interface TestKey {
  kid: string;
  private: JWK;
  public: JWK;
}

/** A fresh key pair as JWKs. */
export async function testKey(alg: 'ES256' | 'ES384' | 'RS384', kid: string): Promise<TestKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return {
    kid,
    private: { ...(await exportJWK(pair.privateKey)), kid },
    public: { ...(await exportJWK(pair.publicKey)), kid },
  };
}

/** Signing keys of a gateway with one key. */
export function signingKeys(key: TestKey): SigningKeys {
  return { current: { ...key.private, kid: key.kid }, all: [key.public] };
}
