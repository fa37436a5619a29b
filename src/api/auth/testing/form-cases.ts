import { expect, it } from 'vitest';
import { postForm } from './requests.ts';
import type { TokenWorld } from './world.ts';

/** Requests that are no token request. */
export function formCases(w: TokenWorld): void {
  it('refuses wrong forms with the code of RFC 6749', async () => {
    const wrong: [Record<string, string>, string][] = [
      [{ grant_type: '' }, 'invalid_request'],
      [{ grant_type: 'authorization_code' }, 'unsupported_grant_type'],
      [{ grant_type: 'refresh_token' }, 'unsupported_grant_type'],
      [{ client_assertion_type: '' }, 'invalid_request'],
      [{ client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }, 'invalid_request'],
      [{ client_assertion: '' }, 'invalid_request'],
      [{ client_secret: 'geheim' }, 'invalid_request'],
      [{ client_id: w.inactiveId }, 'invalid_request'],
    ];
    for (const [change, error] of wrong) {
      expect(await postForm(w.gateway, await w.form(change))).toMatchObject({ status: 400, body: { error } });
    }
    expect((await postForm(w.gateway, await w.form({ client_id: w.clientId }))).status).toBe(200);
  });

  it('refuses a repeated parameter, a second way to authenticate, another content type, a large and a compressed body', async () => {
    const text = new URLSearchParams(await w.form()).toString();
    expect(await postForm(w.gateway, `${text}&scope=system%2FPatient.r`)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
    expect(await postForm(w.gateway, text, { authorization: 'Basic aGl4Omdl' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
    const json = { 'content-type': 'application/json' };
    expect(await postForm(w.gateway, JSON.stringify(await w.form()), json)).toMatchObject({
      status: 415,
      body: { error: 'invalid_request' },
    });
    expect(await postForm(w.gateway, `${text}&x=${'y'.repeat(40_000)}`)).toMatchObject({
      status: 413,
      body: { error: 'invalid_request' },
    });
    expect(await postForm(w.gateway, `${text}${'&a=b'.repeat(30)}`)).toMatchObject({
      status: 413,
      body: { error: 'invalid_request' },
    });
    expect(await postForm(w.gateway, text, { 'content-encoding': 'gzip' })).toMatchObject({
      status: 415,
      body: { error: 'invalid_request' },
    });
  });

  it('answers no other method', async () => {
    const response = await fetch(`${w.gateway.tokenUrl}?${new URLSearchParams(await w.form())}`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
}
