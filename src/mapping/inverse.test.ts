import type { ConceptMap } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { loadDefinitions } from '../fhir/load.ts';
import { compileMaps, MapError } from './index.ts';
import { inverseOf } from './inverse.ts';

const definitions = await loadDefinitions();

type Row = [code: string, target: string, equivalence: 'equal' | 'equivalent' | 'wider' | 'unmatched'];
const table = (name: string, source: string, target: string, rows: Row[]): ConceptMap => ({
  resourceType: 'ConceptMap',
  status: 'active',
  url: `http://x.nl/${name}`,
  group: [
    {
      source,
      target,
      element: rows.map(([code, to, equivalence]) => ({ code, target: [{ code: to, equivalence }] })),
    },
  ],
});

const SEX = table('sex', 'urn:own', 'urn:fhir', [
  ['M', 'male', 'equivalent'],
  ['O', 'other', 'equivalent'],
  ['A', 'other', 'wider'],
  ['X', 'unknown', 'wider'],
  ['Y', 'unknown', 'wider'],
  ['Z', 'none', 'unmatched'],
]);
const W1 = table('w1', 'urn:bds-1', 'urn:hl7', [
  ['01', 'MTH', 'equal'],
  ['02', 'FTH', 'equal'],
]);
const W2 = table('w2', 'urn:bds-2', 'urn:hl7', [
  ['01', 'MTH', 'equal'],
  ['03', 'FTH', 'equal'],
]);

describe('a ConceptMap the other way round', () => {
  const codes = (map: ConceptMap | undefined) =>
    (map?.group ?? []).flatMap(({ source, target, element }) =>
      element.map((one) => [source, one.code, target, one.target?.[0]?.code]),
    );

  it('goes back to the surest code, and nowhere where two are as sure', () => {
    expect(codes(inverseOf('inverse http://x.nl/sex', [SEX]))).toEqual([
      ['urn:fhir', 'male', 'urn:own', 'M'],
      ['urn:fhir', 'other', 'urn:own', 'O'],
    ]);
  });

  it('takes several tables as one: a code that two of them lead back to differently has no way back', () => {
    expect(codes(inverseOf('inverse http://x.nl/w*', [SEX, W1, W2]))).toEqual([['urn:hl7', 'MTH', 'urn:bds-1', '01']]);
  });

  it('is undefined for an unknown table and for a url that asks for no inverse', () => {
    expect(inverseOf('inverse http://x.nl/none', [SEX])).toBeUndefined();
    expect(inverseOf('http://x.nl/sex', [SEX])).toBeUndefined();
  });
});

describe('in a map', () => {
  const compile = (rules: string) =>
    compileMaps(
      [
        {
          file: 'm.map',
          text: `map "http://x.nl/m" = "m"
uses "http://hl7.org/fhir/StructureDefinition/Patient" alias Patient as source
uses "http://hl7.org/fhir/StructureDefinition/Basic" alias Basic as target
group Main(source src : Patient, target out : Basic) { ${rules} }`,
        },
      ],
      { definitions, conceptMaps: [SEX, W1, W2] },
    ).map('m');
  const run = (rules: string, input: object) =>
    compile(rules).run({ resourceType: 'Patient', ...input }, { newId: () => 'x' });

  it('translate() takes it', () => {
    const rules = `src.gender as g -> out.id = translate(g, 'inverse http://x.nl/sex', 'code');`;
    expect(run(rules, { gender: 'other' })).toMatchObject({ ok: true, target: { id: 'O' } });
    expect(run(rules, { gender: 'unknown' })).toMatchObject({ ok: false, issues: [{ code: 'unmapped-code' }] });
  });

  it('mapsTo() gives the codes that the table has, of codes, Codings and CodeableConcepts', () => {
    const rules = `src.maritalStatus as c where (coding.mapsTo('inverse http://x.nl/w*').exists()) -> out.id = (c.mapsTo('inverse http://x.nl/w*'));
      src.gender as g where ($this.mapsTo('inverse http://x.nl/sex').empty()) -> out.language = 'nl';`;
    expect(run(rules, { maritalStatus: { coding: [{ system: 'urn:hl7', code: 'MTH' }] } })).toMatchObject({
      target: { id: '01' },
    });
    for (const coding of [
      { system: 'urn:hl7', code: 'FTH' },
      { system: 'urn:other', code: 'MTH' },
      { system: 'urn:hl7' },
    ])
      expect(run(rules, { maritalStatus: { coding: [coding] } })).toEqual({
        ok: true,
        target: { resourceType: 'Basic' },
        log: [],
      });
    expect(run(rules, { gender: 'unknown' })).toMatchObject({ target: { language: 'nl' } });
  });

  it('an unknown table, and a url that is not spelled out, stop the map', () => {
    for (const url of [`'http://x.nl/none'`, `'inverse http://x.nl/none'`, 'gender'])
      expect(() => compile(`src where (gender.mapsTo(${url}).exists()) -> out.id = 'x';`)).toThrow(MapError);
  });
});
