import { ASSERTION_ALGORITHMS } from './assertion.ts';
import type { AuthUrls } from './urls.ts';

/** The document at `.well-known/smart-configuration` (SMART App Launch 2.x, conformance) of a server that only serves systems. */
export function smartConfiguration(urls: AuthUrls): Record<string, unknown> {
  return {
    issuer: urls.issuer,
    jwks_uri: urls.jwks,
    token_endpoint: urls.token,
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    scopes_supported: ['system/*.rs', 'system/*.cruds'],
    // Required by the specification of every server, also of one without an authorisation endpoint.
    code_challenge_methods_supported: ['S256'],
    capabilities: ['client-confidential-asymmetric', 'permission-v2'],
  };
}
