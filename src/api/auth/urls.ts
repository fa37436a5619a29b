/** The addresses that tokens name, all derived from one public address. */
export interface AuthUrls {
  issuer: string;
  token: string;
  jwks: string;
  fhir: string;
}

/** Derives the fixed addresses from the gateway's public address; a trailing slash makes no difference. */
export function authUrls(publicUrl: string): AuthUrls {
  const issuer = publicUrl.replace(/\/+$/, '');
  return { issuer, token: `${issuer}/oauth/token`, jwks: `${issuer}/oauth/jwks`, fhir: `${issuer}/fhir` };
}
