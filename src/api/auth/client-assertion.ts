import { randomUUID } from 'node:crypto';
import { type JWK, SignJWT } from 'jose';

/** Who signs, for which token endpoint, and for which professional (`extensions.ihe_iua`). */
export interface AssertionInput {
  clientId: string;
  /** Private JWK: RSA (RS384) or EC P-384 (ES384). */
  privateKey: JWK;
  kid: string;
  tokenUrl: string;
  now: Date;
  iua?: IuaStatement;
}

/** The professional who asks, in members of IHE IUA. Roles and purposes are codes or codings. */
export interface IuaStatement {
  subject_name?: string;
  subject_role?: string | { system?: string; code: string };
  subject_organization?: string;
  person_id?: string;
  purpose_of_use?: string | { system?: string; code: string };
  btg_reason?: string;
}

export type TokenAnswer =
  | { ok: true; accessToken: string; expiresInSeconds: number; scope: string }
  | { ok: false; status: number; error: string; description: string };

/** A client assertion (RFC 7523, SMART Backend Services) that lives two minutes and can be used once. */
export function clientAssertion({ clientId, privateKey, kid, tokenUrl, now, iua }: AssertionInput): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT(iua ? { extensions: { ihe_iua: iua } } : {})
    .setProtectedHeader({ alg: privateKey.kty === 'RSA' ? 'RS384' : 'ES384', typ: 'JWT', kid })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenUrl)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + 120)
    .sign(privateKey);
}

/** Asks an access token for the scopes (space separated). A refusal is a value; rejects when no JSON answer comes within ten seconds. */
export async function fetchToken({ scope, ...input }: AssertionInput & { scope: string }): Promise<TokenAnswer> {
  const response = await fetch(input.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await clientAssertion(input),
      scope,
    }),
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
  });
  const body = (await response.json()) as Record<string, unknown>;
  if (!response.ok)
    return {
      ok: false,
      status: response.status,
      error: String(body.error),
      description: String(body.error_description ?? ''),
    };
  return {
    ok: true,
    accessToken: String(body.access_token),
    expiresInSeconds: Number(body.expires_in),
    scope: String(body.scope),
  };
}
