import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect, it } from 'vitest';
import { SENTINELS } from './gateway.ts';
import { askToken, signed } from './requests.ts';
import type { Claims, TokenWorld } from './world.ts';

const [person, personName, reason] = SENTINELS;

/** What is granted: the token, the scopes and the professional, each within the registration. */
export function grantCases(w: TokenWorld): void {
  it('grants a token to a client with an ES384 key, and names what was granted', async () => {
    const answer = await askToken(w.gateway, await w.assertion());
    expect(answer.status).toBe(200);
    const { access_token, ...rest } = answer.body;
    expect(rest).toEqual({ token_type: 'Bearer', expires_in: 300, scope: 'system/Observation.rs' });
    const keys = await w.store.signingKeys();
    expect(decodeProtectedHeader(access_token ?? '')).toEqual({
      alg: expect.stringMatching(/^ES(256|384)$/),
      typ: 'at+jwt',
      kid: keys.current.kid,
    });
    expect(decodeJwt(access_token ?? '')).toEqual({
      iss: w.gateway.url,
      aud: `${w.gateway.url}/fhir`,
      sub: w.clientId,
      client_id: w.clientId,
      organisation: 'ziekenhuis',
      ura: '90000382',
      scope: 'system/Observation.rs',
      jti: expect.any(String),
      iat: w.at(0),
      exp: w.at(300),
      extensions: {
        ihe_iua: {
          subject_name: personName,
          subject_role: [{ system: 'http://gezinspoort.nl/fhir/CodeSystem/discipline', code: 'paediatrician' }],
          subject_organization_id: 'urn:oid:2.16.528.1.1007.3.3.90000382',
          person_id: person,
          purpose_of_use: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
        },
      },
    });
  });

  it('gives every token an id of its own', async () => {
    const answers = await Promise.all([1, 2, 3].map(async () => askToken(w.gateway, await w.assertion())));
    expect(new Set(answers.map(({ body }) => decodeJwt(body.access_token ?? '').jti)).size).toBe(3);
  });

  it('grants a token to a client with an RS384 key', async () => {
    const token = await signed({ alg: 'RS384', typ: 'JWT', kid: 'rsa-1' }, w.claims(), w.rsa.private);
    expect((await askToken(w.gateway, token)).status).toBe(200);
  });

  const accepted: [string, () => Claims][] = [
    ['a list of one aud', () => ({ aud: [w.gateway.tokenUrl] })],
    ['exp exactly 300 seconds ahead', () => ({ exp: w.at(300) })],
    ['iat within the skew', () => ({ iat: w.at(59) })],
    ['an old iat', () => ({ iat: w.at(-86_400) })],
    ['no extensions', () => ({ extensions: undefined })],
    ['break-glass with a reason', () => w.iua({ purpose_of_use: 'BTG', btg_reason: reason })],
    ['its own organisation', () => w.iua({ subject_organization_id: 'urn:oid:2.16.528.1.1007.3.3.90000382' })],
  ];
  it.each(accepted)('accepts %s', async (_name, change) => {
    expect((await askToken(w.gateway, await w.assertion(change()))).status).toBe(200);
  });

  const asked: [string, string][] = [
    ['system/Observation.rs', 'system/Observation.rs'],
    ['system/Observation.cruds', 'system/Observation.rs'],
    ['system/*.rs', 'system/Observation.rs system/Patient.r system/Consent.rs'],
    ['system/*.cruds', 'system/Observation.rs system/Patient.r system/Consent.cruds'],
    ['system/Patient.rs system/Encounter.rs openid fhirUser', 'system/Patient.r'],
    ['system/Consent.r system/Consent.s', 'system/Consent.rs'],
  ];
  it.each(asked)('grants of %s: %s', async (scope, granted) => {
    expect(await askToken(w.gateway, await w.assertion(), scope)).toMatchObject({
      status: 200,
      body: { scope: granted },
    });
  });

  const refusedScopes = [
    '',
    '   ',
    'system/Encounter.rs',
    'system/Patient.cuds',
    'system/Observation.sr',
    'system/Consent.rcuds',
    'system/Observation.read',
    'system/Observation.',
    'system/Observation.*',
    'system/Observation.rr',
    'system/Observation.rs?category=laboratory',
    'user/Observation.rs',
    'patient/*.rs',
    'system/observation.rs',
    'system/Patient.r system/Observation.sr',
  ];
  it.each(refusedScopes)('refuses the scope "%s"', async (scope) => {
    expect(await askToken(w.gateway, await w.assertion(), scope)).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
  });

  const denied: [string, Claims][] = [
    ['a discipline', { subject_role: 'youth-doctor' }],
    [
      'a discipline, as coding',
      { subject_role: { system: 'http://gezinspoort.nl/fhir/CodeSystem/discipline', code: 'youth-doctor' } },
    ],
    ['a purpose', { purpose_of_use: 'HRESCH' }],
    ['an organisation', { subject_organization_id: 'urn:oid:2.16.528.1.1007.3.3.90000999' }],
  ];
  it.each(denied)('denies %s that the client is not registered for', async (_name, change) => {
    expect(await askToken(w.gateway, await w.assertion(w.iua(change)))).toMatchObject({
      status: 403,
      body: { error: 'access_denied' },
    });
  });

  const malformed: [string, Claims][] = [
    ['two disciplines', { subject_role: ['paediatrician', 'youth-doctor'] }],
    [
      'a discipline of another code system',
      { subject_role: { system: 'urn:oid:2.16.840.1.113883.2.4.15.111', code: 'paediatrician' } },
    ],
    ['a member that nobody knows', { purpose: 'TREAT' }],
    ['a reason without break-glass', { btg_reason: reason }],
    ['a person id with a line break', { person_id: `${person}\nadmin` }],
  ];
  it.each(malformed)('refuses %s as malformed', async (_name, change) => {
    expect(await askToken(w.gateway, await w.assertion(w.iua(change)))).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });
}
