import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Asker, askerClaim, permitAsker, readAsker } from './asker.ts';
import type { ClientRecord } from './types.ts';

const record: ClientRecord = {
  id: 'hix',
  organisation: 'ziekenhuis',
  ura: '90000382',
  keys: { keys: [] },
  scopes: [],
  sources: [],
  disciplines: ['paediatrician'],
  purposes: ['TREAT', 'BTG'],
  roles: [],
  active: true,
};
const DISCIPLINE = 'http://gezinspoort.nl/fhir/CodeSystem/discipline';

describe('the professional who asks', () => {
  it.each([
    'paediatrician',
    { code: 'paediatrician' },
    { system: DISCIPLINE, code: 'paediatrician', display: 'Kinderarts' },
    [{ system: DISCIPLINE, code: 'paediatrician' }],
  ])('states a discipline as %j', (subject_role) => {
    expect(readAsker({ ihe_iua: { subject_role } })).toEqual({ ok: true, asker: { discipline: 'paediatrician' } });
  });

  it.each([
    [[]],
    [['paediatrician', 'gp']],
    [{ system: 'http://elders.example', code: 'paediatrician' }],
    [{ system: 1, code: 'paediatrician' }],
    [{}],
    [''],
    [7],
    [null],
    ['a b'],
    [[undefined]],
    [[['paediatrician']]],
  ])('states no discipline with %j', (subject_role) => {
    expect(readAsker({ ihe_iua: { subject_role } })).toMatchObject({ ok: false, error: 'invalid_request' });
  });

  it('accepts the purpose by url and by oid of v3-ActReason', () => {
    for (const system of ['http://terminology.hl7.org/CodeSystem/v3-ActReason', 'urn:oid:2.16.840.1.113883.5.8']) {
      expect(readAsker({ ihe_iua: { purpose_of_use: [{ system, code: 'TREAT' }] } })).toEqual({
        ok: true,
        asker: { purpose: 'TREAT' },
      });
    }
  });

  it('may leave everything out', () => {
    for (const extensions of [undefined, {}, { other: 1 }, { ihe_iua: {} }])
      expect(readAsker(extensions)).toEqual({ ok: true, asker: {} });
  });

  it.each([null, 'x', [], { ihe_iua: 'x' }, { ihe_iua: [] }])('is not read from %j', (extensions) => {
    expect(readAsker(extensions)).toMatchObject({ ok: false, error: 'invalid_request' });
  });

  it('may not hold text that cannot be kept or shown safely', () => {
    for (const person_id of ['', '  ', 'a\u0000', 'a\r\nb', 'a\ud800', 'a\u009b', 'a'.repeat(201), 7, null, {}]) {
      expect(readAsker({ ihe_iua: { person_id } })).toMatchObject({ ok: false, error: 'invalid_request' });
    }
  });

  it('is never copied beyond the registration', () => {
    expect(permitAsker({ discipline: 'gp' }, record)).toMatchObject({ ok: false, error: 'access_denied' });
    expect(permitAsker({ purpose: 'ETREAT' }, record)).toMatchObject({ ok: false, error: 'access_denied' });
    expect(permitAsker({ organisationId: 'urn:oid:2.16.528.1.1007.3.3.1' }, record)).toMatchObject({
      ok: false,
      error: 'access_denied',
    });
    expect(permitAsker({ organisationId: 'undefined' }, { ...record, ura: undefined })).toMatchObject({ ok: false });
    expect(permitAsker({ discipline: 'paediatrician', purpose: 'TREAT' }, record).ok).toBe(true);
  });

  it('says the same after the way through a token', () => {
    const asker = fc.record(
      {
        name: fc.constantFrom('A. de Vries', 'Müller'),
        person: fc.constantFrom('900042', 'uzi:1'),
        discipline: fc.constant('paediatrician'),
        purpose: fc.constant('BTG'),
        btgReason: fc.constant('spoed'),
      },
      { requiredKeys: ['purpose'] },
    );
    fc.assert(
      fc.property(asker, (stated: Asker) => {
        const read = readAsker(askerClaim(stated, record));
        expect(read).toEqual({
          ok: true,
          asker: { ...stated, organisationId: 'urn:oid:2.16.528.1.1007.3.3.90000382' },
        });
      }),
    );
  });

  it('is read or refused from any JSON, and a refusal repeats none of it', () => {
    const member = fc.constantFrom(
      'subject_name',
      'person_id',
      'subject_role',
      'purpose_of_use',
      'btg_reason',
      'subject_organization_id',
    );
    fc.assert(
      fc.property(fc.dictionary(member, fc.oneof(fc.jsonValue(), fc.constant('Geheim 900042'))), (ihe_iua) => {
        const read = readAsker({ ihe_iua });
        if (!read.ok) expect(read.description).not.toContain('Geheim');
      }),
    );
  });
});
