import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { type Asker, askerClaim } from './asker.ts';
import { gatewayAlgorithm, type KeyImport, publicJwk } from './keys.ts';
import type { ClientRecord, SigningKeys } from './types.ts';
import type { AuthUrls } from './urls.ts';

/** SMART Backend Services advises at most 300 seconds; there is no refresh token, so this is also the longest a mistake lives. */
export const LIFETIME_SECONDS = 300;
const TYPE = 'at+jwt';

export type TokenCheck = { ok: true; claims: JWTPayload } | { ok: false; reason: 'expired' | 'invalid' };

/** Signs an access token in the form of RFC 9068 for what was granted: client, organisation, scopes and the professional who asks. */
export async function signAccessToken(
  granted: { record: ClientRecord; asker: Asker; scopes: string[] },
  issue: { keys: SigningKeys; urls: AuthUrls; now: Date; jti: string; importKey: KeyImport },
): Promise<string> {
  const { record, asker, scopes } = granted;
  const { keys, urls, now, jti, importKey } = issue;
  const alg = gatewayAlgorithm(keys.current);
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT({
    client_id: record.id,
    organisation: record.organisation,
    ...(record.ura && { ura: record.ura }),
    scope: scopes.join(' '),
    extensions: askerClaim(asker, record),
  })
    .setProtectedHeader({ alg, typ: TYPE, kid: keys.current.kid })
    .setIssuer(urls.issuer)
    .setAudience(urls.fhir)
    .setSubject(record.id)
    .setJti(jti)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIFETIME_SECONDS)
    .sign(await importKey(keys.current, alg));
}

/** Verifies an access token of this gateway for its FHIR address: signature, key, algorithm, type, issuer, audience, expiry (RFC 9068 section 4). */
export async function verifyAccessToken(
  token: string,
  check: { keys: SigningKeys; urls: AuthUrls; now: Date; importKey: KeyImport },
): Promise<TokenCheck> {
  const { keys, urls, now, importKey } = check;
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid, alg }) => {
        const jwk = keys.all.find((key) => key.kid === kid);
        if (!jwk || gatewayAlgorithm(jwk) !== alg) throw new errors.JWKSNoMatchingKey();
        return importKey(publicJwk(jwk), alg);
      },
      {
        issuer: urls.issuer,
        audience: urls.fhir,
        typ: TYPE,
        algorithms: ['ES256', 'ES384'],
        currentDate: now,
        requiredClaims: ['sub', 'client_id', 'jti', 'iat', 'exp', 'scope'],
      },
    );
    return { ok: true, claims: payload };
  } catch (error) {
    return { ok: false, reason: error instanceof errors.JWTExpired ? 'expired' : 'invalid' };
  }
}
