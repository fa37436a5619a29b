import { decodeJwt, decodeProtectedHeader } from 'jose';

/** What a client asserts about itself, checked for form, address and time. Nothing of it is proven before the signature is. */
export interface Assertion {
  token: string;
  alg: AssertionAlgorithm;
  kid: string;
  clientId: string;
  jti: string;
  /** Seconds since 1970. */
  exp: number;
  extensions: unknown;
}

export type AssertionAlgorithm = (typeof ASSERTION_ALGORITHMS)[number];
export type AssertionResult = { ok: true; assertion: Assertion } | { ok: false; description: string };

/** SMART App Launch 2.x, asymmetric client authentication: a server supports these two; an allow-list, so that `none` and HS* have no way in. */
export const ASSERTION_ALGORITHMS = ['RS384', 'ES384'] as const;
/** How far two clocks may differ, in seconds. */
export const SKEW = 60;
const LONGEST = 300;
const MAX_LENGTH = 16_384;
// Printable ASCII: it goes to the store, which keeps no NUL and no lone surrogate.
const NAME = /^[\x21-\x7e]{1,200}$/;
// Parameters that bring or fetch a key, or change how the rest is read (RFC 7515 section 4.1, RFC 7797).
const REFUSED_PARAMETERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64'];

/**
 * Checks all of a client assertion that needs no registration (RFC 7523 section 3, SMART Backend Services): these answers can be exact, because they
 * say nothing about who is registered. The description names claims, never their values.
 */
export function readAssertion(token: string, tokenUrl: string, now: Date): AssertionResult {
  const decoded = token.length <= MAX_LENGTH ? decode(token) : undefined;
  if (!decoded) return refuse('is not a signed JWT in compact form');
  const { header, payload } = decoded;

  const alg = ASSERTION_ALGORITHMS.find((name) => name === header.alg);
  if (!alg) return refuse(`must be signed with ${ASSERTION_ALGORITHMS.join(' or ')} (header alg)`);
  if (header.typ !== 'JWT') return refuse('must have the header typ "JWT"');
  if (REFUSED_PARAMETERS.some((name) => Object.hasOwn(header, name))) {
    return refuse(
      `may not have the headers ${REFUSED_PARAMETERS.join(', ')}: keys are registered with the gateway, never brought or fetched`,
    );
  }
  if (typeof header.kid !== 'string' || !NAME.test(header.kid))
    return refuse('must name one of the registered keys (header kid)');

  const { iss, sub, aud, exp, iat, nbf, jti } = payload as Record<string, unknown>;
  const seconds = now.getTime() / 1000;
  if (typeof iss !== 'string' || !NAME.test(iss)) return refuse('must have the client id as iss');
  if (sub !== iss) return refuse('must have the client id as sub, the same as iss');
  if ((Array.isArray(aud) && aud.length === 1 ? aud[0] : aud) !== tokenUrl)
    return refuse('must have the address of this token endpoint as its only aud');
  if (!isNumber(exp)) return refuse('must have exp, in seconds since 1970');
  if (exp <= seconds) return refuse('has expired (exp)');
  if (exp > seconds + LONGEST) return refuse(`may expire at most ${LONGEST} seconds ahead (exp)`);
  if (iat !== undefined && (!isNumber(iat) || iat > seconds + SKEW))
    return refuse('may not be issued in the future (iat)');
  if (nbf !== undefined && (!isNumber(nbf) || nbf > seconds + SKEW)) return refuse('may not be used yet (nbf)');
  if (typeof jti !== 'string' || !NAME.test(jti))
    return refuse('must have a jti of 1 to 200 printable ASCII characters');

  return {
    ok: true,
    assertion: { token, alg, kid: header.kid, clientId: iss, jti, exp, extensions: payload.extensions },
  };
}

function decode(token: string) {
  try {
    return { header: decodeProtectedHeader(token), payload: decodeJwt(token) };
  } catch {
    // The library's message may quote the token.
    return undefined;
  }
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const refuse = (what: string): AssertionResult => ({ ok: false, description: `The client assertion ${what}.` });
