import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDefinitions } from '../load.ts';
import type { PackedElement, PackedStructure } from '../pack-types.ts';
import { createTerminology } from '../terminology.ts';
import { createProfiles } from './profiles.ts';

const definitions = await loadDefinitions();
type Json = Record<string, unknown>;

const profileOf = (name: string, type: string, elements: Partial<PackedElement>[]): PackedStructure => ({
  resourceType: 'StructureDefinition',
  id: name,
  url: `http://x.nl/${name}`,
  name,
  kind: 'resource',
  type,
  derivation: 'constraint',
  snapshot: {
    element: [{ id: type }, ...elements].map((one) => ({
      path: String(one.id).replace(/:[^.]*/g, ''),
      ...one,
    })) as PackedElement[],
  },
});

const mother = profileOf('mother', 'RelatedPerson', [
  { id: 'RelatedPerson.gender', min: 1, max: '1', fixedCode: 'female' },
]);
const father = profileOf('father', 'RelatedPerson', [
  { id: 'RelatedPerson.gender', min: 1, max: '1', fixedCode: 'male' },
]);
const shout = profileOf('shout', 'Extension', [
  { id: 'Extension.url', min: 1, max: '1', fixedUri: 'http://x.nl/shout' },
  { id: 'Extension.value[x]', min: 1, max: '1', type: [{ code: 'boolean' }] },
]);
const official = profileOf('official', 'HumanName', [
  { id: 'HumanName.use', min: 1, max: '1', patternCode: 'official' },
]);
const patient = profileOf('patient', 'Patient', [
  {
    id: 'Patient.extension:shout',
    sliceName: 'shout',
    min: 0,
    max: '1',
    type: [{ code: 'Extension', profile: ['http://x.nl/shout'] }],
  },
  {
    id: 'Patient.extension:far',
    sliceName: 'far',
    min: 0,
    max: '1',
    type: [{ code: 'Extension', profile: ['http://x.nl/far'] }],
  },
  {
    id: 'Patient.identifier',
    min: 1,
    max: '*',
    slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'closed' },
  },
  { id: 'Patient.identifier:one', sliceName: 'one', min: 1, max: '1' },
  { id: 'Patient.identifier:one.system', min: 1, max: '1', fixedUri: 'http://x.nl/one' },
  { id: 'Patient.identifier:one.value', min: 1, max: '1' },
  {
    id: 'Patient.identifier:two',
    sliceName: 'two',
    min: 0,
    max: '1',
    patternIdentifier: { system: 'http://x.nl/two' },
  },
  { id: 'Patient.name', min: 0, max: '*', type: [{ code: 'HumanName', profile: ['http://x.nl/official'] }] },
  { id: 'Patient.deceased[x]', min: 0, max: '1', type: [{ code: 'boolean' }] },
  {
    id: 'Patient.maritalStatus',
    min: 0,
    max: '1',
    binding: { strength: 'required', valueSet: 'http://x.nl/vs/marital' },
  },
  {
    id: 'Patient.generalPractitioner',
    min: 0,
    max: '*',
    type: [{ code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Organization'] }],
  },
  { id: 'Patient.photo', min: 0, max: '0' },
]);
const observation = profileOf('observation', 'Observation', [
  { id: 'Observation.performer', slicing: { discriminator: [{ type: 'profile', path: 'resolve()' }], rules: 'open' } },
  {
    id: 'Observation.performer:mother',
    sliceName: 'mother',
    min: 1,
    max: '1',
    type: [{ code: 'Reference', targetProfile: ['http://x.nl/mother'] }],
  },
  {
    id: 'Observation.performer:father',
    sliceName: 'father',
    min: 0,
    max: '1',
    type: [{ code: 'Reference', targetProfile: ['http://x.nl/father'] }],
  },
  { id: 'Observation.value[x]', slicing: { discriminator: [{ type: 'type', path: '$this' }], rules: 'open' } },
  {
    id: 'Observation.value[x]:valueQuantity',
    sliceName: 'valueQuantity',
    min: 0,
    max: '1',
    type: [{ code: 'Quantity' }],
  },
  { id: 'Observation.value[x]:valueQuantity.code', min: 1, max: '1', fixedCode: 'kg' },
  { id: 'Observation.interpretation', slicing: { discriminator: [{ type: 'exists', path: 'coding' }], rules: 'open' } },
  { id: 'Observation.interpretation:coded', sliceName: 'coded', min: 0, max: '1' },
  { id: 'Observation.interpretation:coded.coding', min: 1, max: '*' },
]);

const terminology = createTerminology(
  [
    {
      resourceType: 'ValueSet',
      status: 'active',
      url: 'http://x.nl/vs/marital',
      compose: {
        include: [{ system: 'http://x.nl/s', concept: [{ code: 'M' }] }, { system: 'http://snomed.info/sct' }],
      },
    },
  ],
  [],
);
const profiles = createProfiles(definitions, [mother, father, shout, official, patient, observation], terminology);

const PATIENT: Json = {
  resourceType: 'Patient',
  meta: { profile: ['http://x.nl/patient|1.0'] },
  identifier: [{ system: 'http://x.nl/one', value: '1' }],
};
const claims = (resource: unknown): string[] => profiles.claims(resource).map(({ code, path }) => `${code} ${path}`);
const changed = (more: Json): string[] => claims({ ...PATIENT, ...more });
const marital = (coding: Json): Json => ({ maritalStatus: { coding: [coding] } });

describe('a claimed profile', () => {
  it('holds of what conforms', () => expect(claims(PATIENT)).toEqual([]));

  it.each<[string, Json, string[]]>([
    ['a slice that lacks', { identifier: [{ system: 'http://x.nl/two' }] }, ['slice Patient.identifier']],
    [
      'a slice twice',
      { identifier: [1, 2].map((value) => ({ system: 'http://x.nl/one', value })) },
      ['slice Patient.identifier'],
    ],
    ['what a slice needs', { identifier: [{ system: 'http://x.nl/one' }] }, ['required Patient.identifier[0].value']],
    [
      'something else in a closed slicing',
      { identifier: [{ system: 'http://x.nl/one', value: '1' }, { system: 'http://x.nl/three' }] },
      ['slice Patient.identifier[1]'],
    ],
    ['the wrong type', { deceasedDateTime: '2026' }, ['type Patient.deceased']],
    ['the profile of a datatype', { name: [{ use: 'usual', family: 'x' }] }, ['pattern Patient.name[0].use']],
    [
      'a reference to another type',
      { generalPractitioner: [{ reference: 'Practitioner/1' }] },
      ['reference Patient.generalPractitioner[0]'],
    ],
    ['a code outside', marital({ system: 'http://x.nl/s', code: 'S' }), ['code Patient.maritalStatus']],
    ['a text where a code is asked', { maritalStatus: { text: 'x' } }, ['code Patient.maritalStatus']],
    ['a code inside', marital({ system: 'http://x.nl/s', code: 'M' }), []],
    [
      'a code that nobody here can look up',
      marital({ system: 'http://snomed.info/sct', code: '1' }),
      ['not-checked Patient.maritalStatus'],
    ],
    ['an element that is left out', { photo: [{ url: 'http://x.nl' }] }, ['too-many Patient.photo']],
    [
      'an extension of another type',
      { extension: [{ url: 'http://x.nl/shout', valueString: 'x' }] },
      ['type Patient.extension[0].value'],
    ],
    [
      'an extension that is not loaded',
      { extension: [{ url: 'http://x.nl/far', valueString: 'x' }] },
      ['not-checked Patient.extension[0]'],
    ],
    [
      'a profile that is not loaded',
      { meta: { profile: ['http://x.nl/unknown'] } },
      ['not-checked Patient.meta.profile[0]'],
    ],
    ['a profile of another type', { meta: { profile: ['http://x.nl/mother'] } }, ['profile Patient.meta.profile[0]']],
  ])('sees %s', (_name, more, expected) => expect(changed(more)).toEqual(expected));

  it('is checked in entries and contained resources', () => {
    const bad = { ...PATIENT, photo: [{}] };
    const bundle = { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Observation', contained: [bad] } }] };
    expect(claims(bundle)).toEqual(['too-many Bundle.entry[0].resource.contained[0].photo']);
  });
});

describe('slices by what a reference names', () => {
  const person = (gender: string): Json => ({ resourceType: 'RelatedPerson', id: gender, gender, patient: {} });
  const of = (...references: string[]): Json => ({
    resourceType: 'Observation',
    meta: { profile: ['http://x.nl/observation'] },
    contained: [person('female')],
    performer: references.map((reference) => ({ reference })),
  });
  const inBundle = (resource: Json): string[] =>
    claims({ resourceType: 'Bundle', entry: [{ resource }, { fullUrl: 'urn:uuid:1', resource: person('male') }] });

  it('finds contained resources and entries', () => {
    expect(inBundle(of('#female', 'urn:uuid:1'))).toEqual([]);
    expect(inBundle(of('#female', '#female'))).toEqual(['slice Bundle.entry[0].resource.performer']);
    expect(inBundle(of('urn:uuid:1'))).toEqual(['slice Bundle.entry[0].resource.performer']);
  });

  it('does not blame what stands outside the message', () => {
    expect(inBundle(of('RelatedPerson/elsewhere'))).toEqual([]);
  });

  it('a choice is sliced by type, concepts by what exists', () => {
    const one = { ...of('#female'), valueQuantity: { value: 1, code: 'g' } };
    expect(claims(one)).toEqual(['pattern Observation.value.code']);
    expect(claims({ ...of('#female'), valueString: 'x' })).toEqual([]);
    const twice = { ...of('#female'), interpretation: [{ coding: [{}] }, { text: 'x' }, { coding: [{}] }] };
    expect(claims(twice)).toEqual(['slice Observation.interpretation']);
  });
});

it('survives any JSON, and never quotes it', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(PATIENT), 'name', 'extension', 'contained', 'maritalStatus', '_name'),
      fc.jsonValue(),
      (key, value) => {
        for (const url of ['http://x.nl/patient', 'http://x.nl/observation'])
          expect(
            Array.isArray(
              profiles.check(
                { ...PATIENT, resourceType: url.endsWith('t') ? 'Patient' : 'Observation', [key]: value },
                url,
              ),
            ),
          ).toBe(true);
        expect(Array.isArray(profiles.claims({ ...PATIENT, [key]: value }))).toBe(true);
      },
    ),
  );
  expect(
    JSON.stringify(profiles.claims({ ...PATIENT, deceasedDateTime: 'Geheim', maritalStatus: { text: 'Geheim' } })),
  ).not.toContain('Geheim');
});
