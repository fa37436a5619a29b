import type { Patient } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { BSN_SYSTEM, EXTENSIONS } from '../fhir/extensions.ts';
import { mergePatient } from './merge-patient.ts';

const BSN = { system: BSN_SYSTEM, value: '999903147' };
const HOSPITAL = { system: 'urn:oid:1.2.3', value: 'P-17' };
const patient = (more: Partial<Patient> = {}): Patient => ({
  resourceType: 'Patient',
  identifier: [BSN],
  name: [{ family: 'Proefkind', given: ['Noor'] }],
  birthDate: '2026-05-04',
  ...more,
});

describe('mergePatient', () => {
  it('takes the first message as it is', () => {
    expect(mergePatient(undefined, patient())).toEqual(patient());
  });

  it('says nothing when nothing changes, whatever the order, the id and the meta', () => {
    const current = patient({ id: 'own', meta: { versionId: '3', security: [{ code: 'cat-naw' }] }, gender: 'female' });
    expect(mergePatient(current, patient())).toBeUndefined();
    expect(
      mergePatient(current, { birthDate: '2026-05-04', resourceType: 'Patient', id: 'theirs', meta: {} }),
    ).toBeUndefined();
  });

  it('replaces what the newer message carries and keeps what it leaves out', () => {
    const current = patient({ gender: 'female', telecom: [{ system: 'phone', value: '0612345679' }] });
    const merged = mergePatient(current, patient({ telecom: [{ system: 'email', value: 'a@b.nl' }] }));
    expect(merged).toEqual(patient({ gender: 'female', telecom: [{ system: 'email', value: 'a@b.nl' }] }));
  });

  it('adds identifiers up by system; of one system the newer counts', () => {
    const merged = mergePatient(
      patient({ identifier: [BSN, HOSPITAL] }),
      patient({ identifier: [{ ...HOSPITAL, value: 'P-18' }] }),
    );
    expect(merged?.identifier).toEqual([{ ...HOSPITAL, value: 'P-18' }, BSN]);
  });

  it('lets no source take the protection of an address away', () => {
    const guarded = { url: EXTENSIONS.protectedAddress, valueBoolean: true };
    const current = patient({ extension: [guarded] });
    expect(mergePatient(current, patient({ extension: [{ ...guarded, valueBoolean: false }] }))).toBeUndefined();
    expect(mergePatient(current, patient({ extension: [] }))).toBeUndefined();
    const own = { url: 'http://example.org/x', valueString: 'y' };
    expect(mergePatient(current, patient({ extension: [own] }))?.extension).toEqual([guarded, own]);
  });

  it.each([true, false])('an address is protected where either side says so: the older %s', (older) => {
    const says = (valueBoolean: boolean) => ({ url: EXTENSIONS.protectedAddress, valueBoolean });
    const other = { url: 'http://example.org/x', valueString: 'y' };
    const merged = mergePatient(
      patient({ extension: [other, says(older)] }),
      patient({ extension: [says(!older)], gender: 'male' }),
    );
    expect(merged?.extension).toEqual([other, says(true)]);
  });

  const clears = (...parts: string[]) => parts.map((valueCode) => ({ url: EXTENSIONS.clearedPart, valueCode }));

  it('clears what a message clears on purpose, and stores no mark of it', () => {
    const current = patient({
      gender: 'female',
      deceasedDateTime: '2026-06-01',
      multipleBirthInteger: 2,
      address: [{ city: 'Verzinstad' }],
      telecom: [{ system: 'phone', value: '0612345679' }],
      generalPractitioner: [{ reference: 'Practitioner/x' }],
    });
    const parts = ['gender', 'deceased', 'multipleBirth', 'address', 'telecom', 'generalPractitioner'];
    expect(mergePatient(current, patient({ extension: clears(...parts) }))).toEqual(patient());
    expect(mergePatient(undefined, patient({ extension: clears('deceased') }))).toEqual(patient());
    expect(mergePatient(patient(), patient({ extension: clears('deceased') }))).toBeUndefined();
  });

  it('clears nothing that identifies or protects, and keeps that there is a secret address', () => {
    const masked = { extension: [{ url: 'urn:absent', valueCode: 'masked' }] };
    const guarded = { url: EXTENSIONS.protectedAddress, valueBoolean: true };
    const current = patient({ extension: [guarded], address: [masked, { city: 'Verzinstad' }] });
    const parts = ['identifier', 'birthDate', 'extension', 'protectedAddress', 'address'];
    expect(mergePatient(current, patient({ extension: clears(...parts) }))).toEqual(
      patient({ extension: [guarded], address: [masked] }),
    );
  });

  it('a choice that comes in one form replaces its other form', () => {
    const current = patient({ deceasedDateTime: '2026-06-01', multipleBirthBoolean: true });
    const merged = mergePatient(current, patient({ deceasedBoolean: false, multipleBirthInteger: 2 }));
    expect(merged).toEqual(patient({ deceasedBoolean: false, multipleBirthInteger: 2 }));
  });

  it('numbers at work and at home leave each other alone', () => {
    const home = { system: 'phone', value: '1' } as const;
    const work = { system: 'phone', use: 'work', value: '2' } as const;
    const current = patient({ telecom: [home, work] });
    expect(mergePatient(current, patient({ telecom: [{ ...home, value: '3' }] }))?.telecom).toEqual([
      { ...home, value: '3' },
      work,
    ]);
    expect(mergePatient(current, patient({ extension: clears('telecom-work') }))?.telecom).toEqual([home]);
    expect(mergePatient(current, patient({ extension: clears('telecom') }))?.telecom).toEqual([work]);
  });

  it('keeps its own id and drops both metas', () => {
    const merged = mergePatient(
      patient({ id: 'own', meta: { versionId: '1' } }),
      patient({ id: 'theirs', meta: { source: 'x' }, gender: 'male' }),
    );
    expect(merged).toEqual(patient({ id: 'own', gender: 'male' }));
  });

  it('leaves no empty lists', () => {
    const bare: Patient = { resourceType: 'Patient', birthDate: '2026-05-04' };
    expect(mergePatient(bare, { ...bare, gender: 'male', identifier: [], extension: [] })).toEqual({
      ...bare,
      gender: 'male',
    });
  });

  it('touches neither', () => {
    const [current, incoming] = [patient({ extension: [] }), patient({ gender: 'other' })];
    const before = JSON.stringify([current, incoming]);
    mergePatient(current, incoming);
    expect(JSON.stringify([current, incoming])).toBe(before);
  });
});
