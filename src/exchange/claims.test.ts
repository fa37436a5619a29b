import { globSync, readFileSync } from 'node:fs';
import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { loadFhir } from '../fhir/load.ts';
import { compileClaims, loadClaims, withClaims } from './claims.ts';

const knowledge = await loadFhir('profiles');
const claimsOf = await loadClaims('profiles', knowledge);
const table = JSON.parse(readFileSync('profiles/claims.json', 'utf8'));
const schema = JSON.parse(readFileSync('profiles/claims.schema.json', 'utf8'));
const problemsOf = (file: unknown): readonly string[] => {
  const result = compileClaims(file, schema, knowledge);
  return result.ok ? [] : result.problems;
};
const BDS = 'urn:oid:2.16.840.1.113883.2.4.4.40.267';
const observation = (system: string, code: string, more: object = {}) =>
  ({
    resourceType: 'Observation',
    meta: { security: [{ system: 'http://gezinspoort.nl/fhir/CodeSystem/data-category', code: 'cat-development' }] },
    status: 'final',
    code: { coding: [{ system, code }] },
    subject: { reference: 'Patient/1' },
    ...more,
  }) as Resource;
const names = (resource: Resource): string[] => claimsOf(resource).map((one) => one.slice(one.lastIndexOf('/') + 1));

describe('which profiles a resource claims', () => {
  it.each<[string, Resource, string[]]>([
    [
      'an element by number',
      observation(BDS, '928', { valueString: 'x' }),
      ['shared-observation', 'van-wiechen', 'jgz-element'],
    ],
    [
      'a code',
      observation('http://snomed.info/sct', '28263002', { valueString: 'x' }),
      ['shared-observation', 'crying'],
    ],
    [
      'a measurement, in a unit that its profile knows',
      observation('http://loinc.org', '29463-7', {
        valueQuantity: { value: 4, system: 'http://unitsofmeasure.org', code: 'kg' },
      }),
      ['shared-observation', 'nl-core-BodyWeight'],
    ],
    [
      'the same in another unit: no claim',
      observation('http://loinc.org', '29463-7', {
        valueQuantity: { value: 9, system: 'http://unitsofmeasure.org', code: '[lb_av]' },
      }),
      ['shared-observation'],
    ],
    [
      'what does not fit the profile: no claim',
      observation(BDS, '1611', { component: [{ code: {}, valueString: 'x' }] }),
      ['shared-observation', 'jgz-element'],
    ],
    ['another code', observation('http://loinc.org', '8867-4', { valueString: 'x' }), ['shared-observation']],
    [
      'a name in official use without qualifiers: no claim of nl-core',
      { resourceType: 'RelatedPerson', patient: {}, name: [{ use: 'official', given: ['Proef'] }] },
      [],
    ],
  ])('%s', (_name, resource, expected) => expect(names(resource)).toEqual(expected));

  it('are added to what the source claimed, each once', () => {
    const resource = { resourceType: 'Patient', meta: { profile: ['http://x.nl/a', 'http://x.nl/b'] } } as Resource;
    expect(withClaims(resource, ['http://x.nl/b', 'http://x.nl/c']).meta?.profile).toEqual([
      'http://x.nl/a',
      'http://x.nl/b',
      'http://x.nl/c',
    ]);
    expect(withClaims(resource, [])).toBe(resource);
  });
});

describe('a table that cannot be right is refused with every problem', () => {
  const [rule] = table.rules;
  it.each<[string, object, RegExp]>([
    ['an unknown member', { ...table, extra: 1 }, /additional properties/],
    [
      'a profile of ours that is not there',
      { ...table, rules: [{ ...rule, profile: 'http://gezinspoort.nl/x' }] },
      /there is no profile/,
    ],
    ['a type that does not exist', { ...table, rules: [{ ...rule, type: 'Person2' }] }, /is not the type/],
    [
      'another type than its profile',
      { ...table, rules: [{ ...rule, profile: 'http://gezinspoort.nl/fhir/StructureDefinition/letter' }] },
      /is not the type/,
    ],
    ['no FHIRPath', { ...table, rules: [{ ...rule, where: 'name.(' }] }, /no FHIRPath/],
  ])('%s', (_name, file, reason) => expect(problemsOf(file).join('\n')).toMatch(reason));

  it('every rule has an id of its own and names in two languages', () => {
    expect(new Set(table.rules.map((one: { id: string }) => one.id)).size).toBe(table.rules.length);
  });

  it('every profile of this project is claimed by a rule or always asked', () => {
    const claimed = new Set(table.rules.map((one: { profile: string }) => one.profile));
    const ours = ownProfiles().filter((one) => one.kind === 'resource' && !table.always.includes(one.id));
    expect(ours.map((one) => one.url).filter((one) => !claimed.has(one))).toEqual([]);
  });
});

function ownProfiles(): { id: string; url: string; kind: string }[] {
  return globSync('profiles/structuredefinitions/*.json').map((file) => JSON.parse(readFileSync(file, 'utf8')));
}
