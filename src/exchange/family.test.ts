import type { EpisodeOfCare, Patient, RelatedPerson, Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { EXTENSIONS, POLI_SYSTEM } from '../fhir/extensions.ts';
import type { PatientFile } from '../store/records.ts';
import { linkedPatients, poliOf, toParty } from './family.ts';

const file = (...resources: Resource[]): PatientFile =>
  ({
    patient: 'child',
    consents: [],
    relations: [],
    resources: resources.map((resource) => ({ type: resource.resourceType, id: resource.id, resource })),
  }) as unknown as PatientFile;
const patient = (more: Partial<Patient> = {}): Patient => ({
  resourceType: 'Patient',
  id: 'child',
  birthDate: '2026-05-04',
  ...more,
});
const relative = (id: string, ...extension: { url: string }[]): RelatedPerson => ({
  resourceType: 'RelatedPerson',
  id,
  patient: { reference: 'Patient/child' },
  extension,
});
const custody = (valueCode: string) => ({ url: EXTENSIONS.custody, valueCode });
const same = (reference: string) => ({ url: EXTENSIONS.samePerson, valueReference: { reference } });
const episode = (status: EpisodeOfCare['status'], ...codes: [string, string][]): EpisodeOfCare => ({
  resourceType: 'EpisodeOfCare',
  id: 'e',
  status,
  patient: { reference: 'Patient/child' },
  type: [{ coding: codes.map(([system, code]) => ({ system, code })) }],
});

describe('toParty', () => {
  it('names the child and its birth date', () => {
    expect(toParty(file(patient()))).toEqual({
      ref: 'Patient/child',
      birthDate: '2026-05-04',
      selfRefs: ['Patient/child'],
      custody: [],
    });
  });

  it('an unknown birth date is empty, so that nobody is taken for an adult', () => {
    expect(toParty(file()).birthDate).toBe('');
  });

  it.each<[string, boolean | 'unknown']>([
    ['yes', true],
    ['no', false],
    ['unknown', 'unknown'],
    ['YES', 'unknown'],
  ])('custody %s is %s', (code, custodial) => {
    const party = toParty(file(patient(), relative('mother', custody(code))));
    expect(party.custody).toEqual([{ name: 'RelatedPerson/mother', refs: ['RelatedPerson/mother'], custodial }]);
  });

  it.each([
    ['MTH', ['RelatedPerson/one', 'Patient/mother']],
    ['NMTH', ['RelatedPerson/one', 'Patient/mother']],
    ['GESTM', ['RelatedPerson/one', 'Patient/mother']],
    ['STPMTH', undefined],
    ['FTH', undefined],
  ])('a relative %s is the mother under %j', (code, mother) => {
    const one = { ...relative('one', same('Patient/mother')), relationship: [{ coding: [{ code }] }] };
    expect(toParty(file(patient(), one)).mother).toEqual(mother);
  });

  it('a relative without a word on custody has no say', () => {
    expect(toParty(file(patient(), relative('grandmother'))).custody).toEqual([]);
  });

  it('a parent with a record of her own speaks under both references; a court may stand in for one', () => {
    const court = { url: EXTENSIONS.court, valueBoolean: true };
    const party = toParty(file(patient(), relative('mother', custody('yes'), same('Patient/mother'), court)));
    expect(party.custody).toEqual([
      { name: 'RelatedPerson/mother', refs: ['RelatedPerson/mother', 'Patient/mother'], custodial: true, court: true },
    ]);
  });

  it('the representative of an adult', () => {
    const mentor = relative('mentor', { url: EXTENSIONS.representative, valueBoolean: true } as { url: string });
    expect(toParty(file(patient(), mentor)).representative).toEqual(['RelatedPerson/mentor']);
    expect('representative' in toParty(file(patient()))).toBe(false);
  });

  it.each<[Partial<Patient>, boolean]>([
    [{ deceasedBoolean: true }, true],
    [{ deceasedDateTime: '2026-06-01' }, true],
    [{ deceasedBoolean: false }, false],
  ])('%j: deceased is %s', (more, deceased) => {
    expect('deceased' in toParty(file(patient(more)))).toBe(deceased);
  });
});

describe('linkedPatients', () => {
  it('people in the record with a record of their own, and by which name they stand here', () => {
    const result = linkedPatients(
      file(
        patient(),
        relative('mother', same('Patient/m')),
        relative('guardian', same('Organization/o')),
        relative('aunt'),
      ),
    );
    expect(result).toEqual([{ patient: 'm', alias: 'RelatedPerson/mother' }]);
  });
});

describe('poliOf', () => {
  it('the poli of the active episode, of no other system and of no other state', () => {
    expect(poliOf(file(episode('active', [POLI_SYSTEM, 'mamaplus'])))).toBe('mamaplus');
    expect(poliOf(file(episode('finished', [POLI_SYSTEM, 'mamaplus'])))).toBeUndefined();
    expect(poliOf(file(episode('active', ['http://x', 'mamaplus'])))).toBeUndefined();
    expect(poliOf(file(patient()))).toBeUndefined();
  });
  it('of several active ones the last that was recorded', () => {
    expect(
      poliOf(file(episode('active', [POLI_SYSTEM, 'pop']), episode('active', [POLI_SYSTEM, 'nazorg-neonatologie']))),
    ).toBe('nazorg-neonatologie');
  });
});
