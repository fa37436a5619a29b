import type { RequestHandler, Response } from 'express';
import { toOutcome } from '../../fhir/outcome.ts';
import { verifyAccessToken } from './access-token.ts';
import { permitAsker, readAsker } from './asker.ts';
import { keyImport } from './keys.ts';
import { rememberTokens } from './remember.ts';
import { intersect } from './scopes.ts';
import type { AuthContext, Caller, ClientRecord } from './types.ts';
import { authUrls } from './urls.ts';

/**
 * Lets a request pass with a valid access token of this gateway (RFC 6750, header only) and puts the `Caller` on `res.locals.caller`; else 401 with
 * WWW-Authenticate and an OperationOutcome. The token is read against the registration as it is now: a client that was switched off, or lost a
 * discipline or a scope, does not keep it until its token expires. A store that is away goes to the app's error handler.
 */
export function authenticate({ store, publicUrl, now }: AuthContext): RequestHandler {
  const urls = authUrls(publicUrl);
  const importKey = keyImport();
  const check = rememberTokens((token, keys, at) => verifyAccessToken(token, { keys, urls, now: at, importKey }));

  return async (req, res, next) => {
    const token = bearerToken(req.headers.authorization);
    if (token === undefined)
      return refuse(res, undefined, 'Authorization: Bearer with an access token of this gateway');
    const checked = await check(token, await store.signingKeys(), now());
    if (!checked.ok) {
      return refuse(
        res,
        'invalid_token',
        checked.reason === 'expired' ? 'a token that has not expired' : 'a token that this gateway issued for itself',
      );
    }
    const { sub, jti, scope, extensions } = checked.claims;
    const record = await store.client(sub ?? '');
    const caller = record?.active && currentCaller(record, String(scope).split(' '), extensions, jti ?? '');
    if (!caller) return refuse(res, 'invalid_token', 'a token that still fits the registration of its client');
    res.locals.caller = caller;
    next();
  };
}

function currentCaller(record: ClientRecord, scopes: string[], extensions: unknown, jti: string): Caller | undefined {
  const stated = readAsker(extensions);
  const permitted = stated.ok ? permitAsker(stated.asker, record) : stated;
  if (!permitted.ok) return undefined;
  const { person, discipline, purpose, btgReason } = permitted.asker;
  const { id, organisation, ura, sources, roles } = record;
  return {
    client: id,
    organisation,
    ura,
    person,
    discipline,
    purpose,
    btgReason,
    scopes: intersect(scopes, record.scopes),
    sources,
    roles,
    jti,
  };
}

/** The credentials of a Bearer header (RFC 6750 section 2.1); undefined when there is none. */
const bearerToken = (header: string | undefined): string | undefined =>
  /^Bearer +([\w.~+/-]+=*) *$/i.exec(header ?? '')?.[1];

/** RFC 6750 section 3: a request without a token gets the challenge alone, without an error code. */
function refuse(res: Response, error: 'invalid_token' | undefined, expected: string): void {
  const challenge = error ? `, error="${error}", error_description="Send ${expected}."` : '';
  res.status(401).set({ 'WWW-Authenticate': `Bearer realm="gezinspoort"${challenge}`, 'Cache-Control': 'no-store' });
  res
    .type('application/fhir+json')
    .send(JSON.stringify(toOutcome([{ code: error ? 'token-invalid' : 'token-missing', expected }])));
}
