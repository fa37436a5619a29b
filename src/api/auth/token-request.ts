import type { OAuthError } from './oauth-error.ts';

export interface TokenRequest {
  assertion: string;
  scope: string;
  clientId?: string;
}

export type TokenRequestResult = { ok: true; request: TokenRequest } | { ok: false; refusal: OAuthError };

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Reads the form of a token request (RFC 6749 section 4.4.2, RFC 7521 section 4.2); parameters that OAuth does not know are ignored, as it asks. */
export function readTokenRequest(form: Record<string, unknown>, hasAuthorizationHeader: boolean): TokenRequestResult {
  const repeated = Object.values(form).some((value) => typeof value !== 'string');
  if (repeated) return refuse('invalid_request', 'Send every parameter once.');
  if (hasAuthorizationHeader || form.client_secret !== undefined) {
    return refuse(
      'invalid_request',
      'Authenticate with client_assertion only: no Authorization header, no client_secret.',
    );
  }
  const { grant_type, client_assertion_type, client_assertion, scope, client_id } = form as Record<
    string,
    string | undefined
  >;
  if (!grant_type) return refuse('invalid_request', 'The parameter grant_type is missing.');
  if (grant_type !== 'client_credentials')
    return refuse('unsupported_grant_type', 'The only grant_type here is client_credentials.');
  if (client_assertion_type !== ASSERTION_TYPE)
    return refuse('invalid_request', `The parameter client_assertion_type must be ${ASSERTION_TYPE}.`);
  if (!client_assertion) return refuse('invalid_request', 'The parameter client_assertion is missing.');
  return { ok: true, request: { assertion: client_assertion, scope: scope ?? '', clientId: client_id } };
}

const refuse = (error: OAuthError['error'], description: string): TokenRequestResult => ({
  ok: false,
  refusal: { error, description },
});
