import type { JWTPayload } from 'jose';
import type { TokenCheck } from './access-token.ts';
import type { SigningKeys } from './types.ts';

/** Tokens that are held at once; a busy hospital has some tens in use. */
const MOST = 1_000;

/**
 * Remembers tokens that were verified, until they expire or the keys change: a client sends the same token with hundreds of requests, and verifying the signature
 * costs more than all the rest of letting a request in. What the registration allows is read anew each time; only the signature is not.
 */
export function rememberTokens(
  verify: (token: string, keys: SigningKeys, now: Date) => Promise<TokenCheck>,
): typeof verify {
  const held = new Map<string, { claims: JWTPayload; keys: SigningKeys }>();
  return async (token, keys, now) => {
    const known = held.get(token);
    if (known?.keys === keys && (known.claims.exp ?? 0) * 1_000 > now.getTime())
      return { ok: true, claims: known.claims };
    held.delete(token);
    const checked = await verify(token, keys, now);
    if (!checked.ok) return checked;
    const oldest = held.keys().next().value;
    if (held.size >= MOST && oldest !== undefined) held.delete(oldest);
    held.set(token, { claims: checked.claims, keys });
    return checked;
  };
}
