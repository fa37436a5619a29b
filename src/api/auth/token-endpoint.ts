import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type RequestHandler, type Router } from 'express';
import { LIFETIME_SECONDS, signAccessToken } from './access-token.ts';
import { permitAsker, readAsker } from './asker.ts';
import { readAssertion, SKEW } from './assertion.ts';
import { provenClient } from './client.ts';
import { smartConfiguration } from './discovery.ts';
import { keyImport, publicJwk } from './keys.ts';
import { type OAuthError, sendOAuthError } from './oauth-error.ts';
import { DEFAULT_LIMITS, limitByAddress, limitByClient, type TokenLimits } from './rate-limits.ts';
import { grantScopes } from './scopes.ts';
import { readTokenRequest } from './token-request.ts';
import type { AuthContext, ClientRecord } from './types.ts';
import { authUrls } from './urls.ts';

/**
 * The embedded authorisation server: SMART Backend Services (client_credentials with private_key_jwt) at `POST /oauth/token`, its public keys and its
 * discovery document. Refusals are JSON of RFC 6749; a store that is away is passed to the app's error handler and nothing is granted.
 */
export function createTokenEndpoint({
  store,
  publicUrl,
  now,
  limits = DEFAULT_LIMITS,
}: AuthContext & { limits?: TokenLimits }): Router {
  const urls = authUrls(publicUrl);
  const importKey = keyImport();

  const authenticateClient: RequestHandler = async (req, res, next) => {
    const refuse = (refusal: OAuthError) => sendOAuthError(res, refusal);
    if (!req.is('application/x-www-form-urlencoded')) return refuse(NOT_A_FORM);
    const form = readTokenRequest(req.body ?? {}, req.headers.authorization !== undefined);
    if (!form.ok) return refuse(form.refusal);
    const read = readAssertion(form.request.assertion, urls.token, now());
    if (!read.ok) return refuse({ error: 'invalid_client', description: read.description });
    const { assertion } = read;
    if ((form.request.clientId ?? assertion.clientId) !== assertion.clientId) return refuse(OTHER_CLIENT_ID);

    const client = await provenClient(assertion, store, importKey);
    if (!client) return refuse(NOT_PROVEN);
    // After the signature: nobody else can use up a client's jti. Kept past exp for nodes whose clocks are behind.
    const fresh = await store.useJti(assertion.clientId, assertion.jti, new Date((assertion.exp + SKEW) * 1000));
    if (!fresh) return refuse(REPLAYED);

    Object.assign(res.locals, { client, extensions: assertion.extensions, scope: form.request.scope } satisfies Proven);
    next();
  };

  const grant: RequestHandler = async (_req, res) => {
    const { client: record, extensions, scope } = res.locals as Proven;
    const stated = readAsker(extensions);
    const permitted = stated.ok ? permitAsker(stated.asker, record) : stated;
    if (!permitted.ok) return sendOAuthError(res, permitted);
    const granted = grantScopes(scope, record.scopes);
    if (!granted.ok) return sendOAuthError(res, { error: 'invalid_scope', description: granted.description });

    const issue = { keys: await store.signingKeys(), urls, now: now(), jti: randomUUID(), importKey };
    const token = await signAccessToken({ record, asker: permitted.asker, scopes: granted.scopes }, issue);
    res.json({
      access_token: token,
      token_type: 'Bearer',
      expires_in: LIFETIME_SECONDS,
      scope: granted.scopes.join(' '),
    });
  };

  const router = express.Router();
  router.all('/oauth/token', noStore);
  router.post(
    '/oauth/token',
    limitByAddress(limits.perAddress),
    express.urlencoded({ extended: false, limit: '32kb', parameterLimit: 20, inflate: false }),
    unreadableBody,
    authenticateClient,
    limitByClient(limits.perClient),
    grant,
  );
  router.all('/oauth/token', (_req, res) => sendOAuthError(res.set('Allow', 'POST'), ONLY_POST));
  router.get('/oauth/jwks', async (_req, res) => {
    const { all } = await store.signingKeys();
    res.set('Cache-Control', 'public, max-age=300').json({ keys: all.map(publicJwk) });
  });
  router.get(['/.well-known/smart-configuration', '/fhir/.well-known/smart-configuration'], (_req, res) => {
    res.set('Cache-Control', 'public, max-age=300').json(smartConfiguration(urls));
  });
  return router;
}

/** What the first half of the route leaves on `res.locals` for the second. */
interface Proven {
  client: ClientRecord;
  extensions: unknown;
  scope: string;
}

const NOT_A_FORM: OAuthError = {
  error: 'invalid_request',
  status: 415,
  description: 'Send the request as application/x-www-form-urlencoded.',
};
const ONLY_POST: OAuthError = { error: 'invalid_request', status: 405, description: 'Tokens are asked with POST.' };
const OTHER_CLIENT_ID: OAuthError = {
  error: 'invalid_request',
  description: 'The parameter client_id is not the client of the assertion.',
};
const REPLAYED: OAuthError = {
  error: 'invalid_client',
  description: 'The client assertion was used before: make a new one, with a new jti, per request.',
};
// One answer for an unknown client, an inactive one, an unknown key and a wrong signature: it tells nobody who is registered.
const NOT_PROVEN: OAuthError = {
  error: 'invalid_client',
  description: 'The client is not known here, or none of its registered keys made this signature.',
};

const noStore: RequestHandler = (_req, res, next) => {
  res.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
  next();
};

/** Answers what the body parser refuses (too large, compressed, unknown charset) with a sentence of our own: its messages may quote the body. */
const unreadableBody: ErrorRequestHandler = (error, _req, res, next) => {
  const status: unknown = error?.status;
  if (typeof status !== 'number' || status < 400 || status > 499) return next(error);
  sendOAuthError(res, {
    error: 'invalid_request',
    status,
    description: 'The form cannot be read: UTF-8, not compressed, at most 32 kB and 20 parameters.',
  });
};
