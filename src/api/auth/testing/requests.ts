import { CompactSign, type JWK } from 'jose';
import { expect } from 'vitest';
import { SENTINELS, type TestGateway } from './gateway.ts';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: Record<string, string>;
}

/** Sends a form and reads the answer, which is never cached and never repeats the person behind the request. */
export async function postForm(
  gateway: TestGateway,
  form: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(gateway.tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  });
  const text = await response.text();
  expect(response.headers.get('cache-control')).toBe('no-store');
  for (const sentinel of SENTINELS) expect(text).not.toContain(sentinel);
  const body = JSON.parse(text);
  if (response.status !== 200 && response.status !== 503)
    expect(Object.keys(body)).toEqual(['error', 'error_description']);
  return { status: response.status, headers: response.headers, text, body };
}

/** Asks a token with this assertion. */
export function askToken(gateway: TestGateway, assertion: string, scope = 'system/Observation.rs'): Promise<Answer> {
  return postForm(gateway, {
    grant_type: 'client_credentials',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: assertion,
    scope,
  });
}

/** A JWT with exactly this header and payload. */
export function signed(
  header: Record<string, unknown> & { alg: string },
  payload: Record<string, unknown>,
  key: JWK,
): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(payload))).setProtectedHeader(header).sign(key);
}

/** A JWT with any signature, also of algorithms that no library will make. */
export function handmade(
  header: Record<string, unknown>,
  payload: Record<string, unknown>,
  sign: (input: string) => string,
): string {
  const input = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${input}.${sign(input)}`;
}
