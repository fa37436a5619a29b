import type { Bundle, Observation, Patient, Practitioner, Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { knowledge } from '../../tests/support/knowledge.ts';
import { child } from '../../tests/support/store.ts';
import { createVault } from '../store/vault.ts';
import { type Intake, intake, withSubject } from './intake.ts';

const ports = { ...knowledge, vault: createVault(Buffer.alloc(32, 3)) };
const NOW = new Date('2026-11-01T10:00:00Z');
const SUBJECT = 'urn:uuid:00000000-0000-4000-8000-000000000001';
const DOCTOR = 'urn:uuid:00000000-0000-4000-8000-000000000002';

function patient(more: Partial<Patient> = {}): Patient {
  const { id: _id, ...rest } = child('x');
  return { ...rest, ...more };
}
const weight = (more: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  identifier: [{ system: 'urn:hix', value: 'W-1' }],
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  subject: { reference: SUBJECT },
  performer: [{ reference: DOCTOR }],
  effectiveDateTime: '2026-10-01',
  valueQuantity: { value: 5120, unit: 'g', system: 'http://unitsofmeasure.org', code: 'g' },
  ...more,
});
const doctor = (more: Partial<Practitioner> = {}): Practitioner => ({
  resourceType: 'Practitioner',
  identifier: [{ system: 'http://fhir.nl/fhir/NamingSystem/agb-z', value: '01012345' }],
  ...more,
});
/** A message about the child: the patient under SUBJECT, the second resource under DOCTOR, the others under names of their own. */
const bundle = (...resources: Resource[]): Bundle =>
  plain({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource, index) => ({
      fullUrl:
        [SUBJECT, DOCTOR][index] ?? `urn:uuid:00000000-0000-4000-8000-0000000001${String(index).padStart(2, '0')}`,
      resource,
    })),
  });
/** As it comes off the wire: no element that is undefined. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const take = (message: Bundle, sender = 'hospital') => intake(ports, message, sender, NOW);
const taken = (message: Bundle, sender?: string): Intake => {
  const result = take(message, sender);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result;
};
const codesOf = (message: Bundle): string[] => {
  const result = take(message);
  return result.ok ? [] : result.issues.map((one) => [one.code, one.path].filter(Boolean).join(' '));
};
const idOf = (message: Bundle, type: string, sender?: string) =>
  taken(message, sender).items.find((one) => one.resource.resourceType === type)?.resource.id;

describe('what is taken in', () => {
  it('the patient with its BSN, each item labelled, professionals as directory', () => {
    const result = taken(bundle(patient(), doctor(), weight()));
    expect(result.bsn).toBe('999903147');
    expect(result.items.map((one) => `${one.resource.resourceType} ${one.category}`)).toEqual([
      'Practitioner directory',
      'Observation development',
    ]);
    expect(result.items[1]?.resource.meta?.security?.map((one) => one.code)).toEqual(['cat-development']);
  });

  it('references between the items and to the patient, who is filled in once known', () => {
    const [practitioner, observation] = taken(bundle(patient(), doctor(), weight())).items;
    expect(observation?.resource).toMatchObject({
      subject: { reference: 'Patient/subject' },
      performer: [{ reference: `Practitioner/${practitioner?.resource.id}` }],
    });
    expect(withSubject(observation?.resource, 'p-1')).toMatchObject({
      subject: { reference: 'Patient/p-1' },
      performer: [{ reference: `Practitioner/${practitioner?.resource.id}` }],
    });
  });

  it('the same professional twice is one', () => {
    const twice = bundle(patient(), doctor(), weight(), doctor());
    expect(taken(twice).items.filter((one) => one.resource.resourceType === 'Practitioner')).toHaveLength(1);
  });

  it('the message that came is not changed', () => {
    const message = bundle(patient(), doctor(), weight());
    const before = JSON.stringify(message);
    taken(message);
    expect(JSON.stringify(message)).toBe(before);
  });
});

describe('ids', () => {
  const id = idOf(bundle(patient(), doctor(), weight()), 'Observation');

  it('are the same at each sending, also where the content was corrected', () => {
    expect(idOf(bundle(patient(), doctor(), weight({ status: 'amended' })), 'Observation')).toBe(id);
  });
  it('tell nothing of the number and are UUIDs', () => {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
  it.each<[string, () => string | undefined]>([
    ['another sender', () => idOf(bundle(patient(), doctor(), weight()), 'Observation', 'jgz')],
    [
      'another child: a number used twice reaches nobody else’s record',
      () =>
        idOf(bundle(patient({ identifier: child('x', '999903238').identifier }), doctor(), weight()), 'Observation'),
    ],
    [
      'another number',
      () =>
        idOf(bundle(patient(), doctor(), weight({ identifier: [{ system: 'urn:hix', value: 'W-2' }] })), 'Observation'),
    ],
    [
      'the same number of another system',
      () =>
        idOf(
          bundle(patient(), doctor(), weight({ identifier: [{ system: 'urn:other', value: 'W-1' }] })),
          'Observation',
        ),
    ],
  ])('differ for %s', (_name, other) => expect(other()).not.toBe(id));

  it('without a number of its own a fact is new at each sending', () => {
    const bare = bundle(patient(), doctor(), weight({ identifier: undefined }));
    expect(idOf(bare, 'Observation')).not.toBe(idOf(bare, 'Observation'));
  });

  it('a relative without a number is known by relationship and name', () => {
    const relative = (given: string): Resource => ({
      resourceType: 'RelatedPerson',
      patient: { reference: SUBJECT },
      name: [{ given: [given] }],
      relationship: [{ text: 'moeder' }],
    });
    const of = (given: string) => idOf(bundle(patient(), doctor(), relative(given)), 'RelatedPerson');
    expect(of('Mies')).toBe(of('Mies'));
    expect(of('Mies')).not.toBe(of('Toos'));
  });
});

describe('what is refused', () => {
  it.each<[string, Bundle, string[]]>([
    ['nobody', bundle(doctor()), ['identity-missing Patient.identifier']],
    ['an empty message', { resourceType: 'Bundle', type: 'transaction' }, ['identity-missing Patient.identifier']],
    ['two children', bundle(patient(), doctor(), patient()), ['identity-missing Patient.identifier']],
    ['no BSN', bundle(patient({ identifier: [] as never })), ['fhir-invalid Patient.identifier']],
    [
      'a number of another kind',
      bundle(patient({ identifier: [{ system: 'urn:hix', value: '1' }] })),
      ['identity-missing Patient.identifier'],
    ],
    [
      'a BSN that fails the 11-test',
      bundle(patient({ identifier: child('x', '999903148').identifier })),
      ['bsn-invalid Patient.identifier[0].value'],
    ],
    [
      'the same fact twice',
      bundle(patient(), doctor(), weight(), weight({ effectiveDateTime: '2026-10-02' })),
      ['fact-twice Observation'],
    ],
    [
      'an answer without a question',
      bundle(patient(), doctor(), weight({ code: { coding: [{ system: 'http://example.org/unknown', code: 'x' }] } })),
      ['label-missing Observation.code'],
    ],
  ])('%s', (_name, message, codes) => expect(codesOf(message)).toEqual(codes));

  it('every error of every resource at once, without quoting a value', () => {
    const wrong = bundle(
      patient({ birthDate: 'Proefdatum' }),
      doctor(),
      weight({ status: 'Proefstatus' as 'final' }),
      weight({ identifier: [{ value: 'W-2', system: 'urn:hix' }], effectiveDateTime: 'Proefmoment' }),
    );
    const result = take(wrong);
    expect(result.ok).toBe(false);
    expect(codesOf(wrong)).toEqual([
      'fhir-invalid Patient.birthDate',
      'fhir-invalid Observation.status',
      'fhir-invalid Observation.effectiveDateTime',
    ]);
    expect(JSON.stringify(result)).not.toContain('Proef');
  });

  it('no refusal repeats the BSN', () => {
    for (const bsn of ['999903148', '99990314', 'abc']) {
      const result = take(bundle(patient({ identifier: child('x', bsn).identifier })));
      expect(result.ok).toBe(false);
      expect(JSON.stringify(result)).not.toContain(bsn);
    }
  });
});

describe('whose record it is decides where pregnancy belongs', () => {
  const pregnancy = weight({
    identifier: [{ system: 'urn:hix', value: 'P-1' }],
    code: { coding: [{ system: 'urn:oid:2.16.840.1.113883.2.4.4.40.267', code: '82' }] },
    valueQuantity: undefined,
    valueString: 'x',
  });
  const categoryOf = (birthDate: string | undefined) => {
    const result = take(bundle(patient({ birthDate }), doctor(), pregnancy));
    return result.ok ? result.items[1]?.category : result.issues[0].code;
  };
  it('in a child of eleven history, in somebody of twelve and older her own', () => {
    const found = ['2015-01-01', '2014-01-01'].map(categoryOf);
    expect(found).toEqual(['history', 'obstetric']);
  });
});
