import type { RelatedPerson } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validate } from '../fhir/validate.ts';
import {
  bundleOf,
  bytes,
  counter,
  definitions,
  type Json,
  json,
  observations,
  read,
  refusedAt,
  resources,
  sources,
} from './testing/maps-testkit.ts';
import { membersIn, membersOf } from './testing/schema-testkit.ts';

/** Each leaf of a JSON value with a way to write a copy without it. */
function withoutLeaf(value: unknown, path: string[] = []): { path: string; without: (root: unknown) => unknown }[] {
  if (typeof value !== 'object' || value === null) {
    return [{ path: `/${path.join('/')}`, without: (root) => remove(root, path) }];
  }
  return Object.entries(value).flatMap(([key, child]) => withoutLeaf(child, [...path, key]));
}

function remove(root: unknown, [key = '', ...rest]: string[]): unknown {
  if (Array.isArray(root))
    return root.flatMap((item, index) =>
      String(index) !== key ? [item] : rest.length === 0 ? [] : [remove(item, rest)],
    );
  return Object.fromEntries(
    Object.entries(root as Json).flatMap(([name, child]) =>
      name !== key ? [[name, child]] : rest.length === 0 ? [] : [[name, remove(child, rest)]],
    ),
  );
}

describe('hix consult', () => {
  const LUUK = json<Json>('hix', 'samples', 'luuk-consult.json');
  const LAILA = json<Json>('hix', 'samples', 'laila-mamaplus.json');
  const YONATHAN = json<Json>('hix', 'samples', 'yonathan-consult.json');

  // Who sends and whether the family knows are for the gateway, which reads them at their pointers. The kind 'other' of a report is no kind.
  const FOR_THE_GATEWAY = /^\/(ura|referrals\/\d\/familyInformed|reports\/1\/kind)$/;

  it('the samples use every element of the schema', () => {
    const used = new Set([LUUK, LAILA, YONATHAN].flatMap((sample) => membersIn(sample)));
    const all = membersOf(json('hix', 'consult.schema.json'));
    expect(all.length).toBeGreaterThan(120);
    expect(all.filter((member) => !used.has(member))).toEqual([]);
  });

  it.each([
    ['Luuk', LUUK],
    ['Laila', LAILA],
    ['Yonathan', YONATHAN],
  ])('%s: no field of the message is dropped without a trace', (_name, sample) => {
    const whole = JSON.stringify(bundleOf('hix', bytes(sample)));
    const untraced = withoutLeaf(sample).filter(({ without }) => {
      const message = { ...read('hix', bytes(sample)), body: without(sample) };
      const result = sources.map(message, counter());
      return result.ok && JSON.stringify(result.bundle) === whole;
    });
    expect(untraced.map(({ path }) => path).filter((path) => !FOR_THE_GATEWAY.test(path))).toEqual([]);
    expect(untraced.length).toBeGreaterThan(0);
  });

  const DIAGNOSIS = { kind: 'diagnosis', display: 'x', certainty: 'confirmed' };
  const RESULT = {
    id: 'L1',
    test: { system: 'loinc', code: '718-7', display: 'x' },
    status: 'final',
    date: '2026-08-25T12:00:00Z',
  };
  const withResult =
    (outcome: Json) =>
    (sample: Json): Json => ({ ...sample, results: [{ ...RESULT, ...outcome }] });

  const BAD: [string, string, (sample: Json) => unknown][] = [
    [
      'a unit that cannot be converted',
      '/measurements/0/unit',
      (sample) => ({ ...sample, measurements: [{ type: 'body-weight', value: 10, unit: 'lb' }] }),
    ],
    [
      'a unit of another quantity',
      '/measurements/0/unit',
      (sample) => ({ ...sample, measurements: [{ type: 'body-weight', value: 10, unit: 'cm' }] }),
    ],
    [
      'grams that are called kilograms',
      '/measurements/0/value',
      (sample) => ({ ...sample, measurements: [{ type: 'body-weight', value: 10850, unit: 'kg' }] }),
    ],
    ['an unknown poli', '/poli', (sample) => ({ ...sample, poli: 'oogheelkunde' })],
    [
      'an unknown discipline',
      '/encounter/author/discipline',
      (sample) => ({
        ...sample,
        encounter: { ...(sample.encounter as Json), author: { agb: '03999901', name: 'X', discipline: 'shaman' } },
      }),
    ],
    [
      'a SNOMED code that is none',
      '/diagnoses/0/code',
      (sample) => ({
        ...sample,
        diagnoses: [{ kind: 'diagnosis', system: 'snomed', code: 'F70.9', display: 'x', certainty: 'confirmed' }],
      }),
    ],
    [
      'a date that does not exist',
      '/patient/birthDate',
      (sample) => ({ ...sample, patient: { ...(sample.patient as Json), birthDate: '2024-02-30' } }),
    ],
    ['a time without an offset', '/sentAt', (sample) => ({ ...sample, sentAt: '2026-08-24T11:42:00' })],
    ['a field nobody knows', '/', (sample) => ({ ...sample, notes: 'x' })],
    [
      'a referral that does not say whether the family knows',
      '/referrals/0',
      (sample) => ({ ...sample, referrals: [{ number: 'R1', to: 'gp', urgency: 'routine', question: 'x' }] }),
    ],
    [
      'a fever in Fahrenheit',
      '/measurements/0/value',
      (sample) => ({ ...sample, measurements: [{ type: 'body-temperature', value: 98.6, unit: 'Cel' }] }),
    ],
    [
      'a pulse in another unit',
      '/measurements/0/unit',
      (sample) => ({ ...sample, measurements: [{ type: 'heart-rate', value: 120, unit: 'cm' }] }),
    ],
    [
      'a code system that is named in words nobody knows',
      '/diagnoses/0/system',
      (sample) => ({ ...sample, diagnoses: [{ ...DIAGNOSIS, system: 'our-own', code: 'X1' }] }),
    ],
    [
      'a code without its system',
      '/diagnoses/0',
      (sample) => ({ ...sample, diagnoses: [{ ...DIAGNOSIS, code: '248124006' }] }),
    ],
    [
      'a diagnosis of the thesaurus whose sensitivity nobody can tell',
      '/diagnoses/0',
      (sample) => ({ ...sample, diagnoses: [{ ...DIAGNOSIS, system: 'dhd', code: '0000099901' }] }),
    ],
    [
      'a problem that has ended and is active',
      '/diagnoses/0/status',
      (sample) => ({ ...sample, diagnoses: [{ ...DIAGNOSIS, status: 'active', until: '2026-08-01' }] }),
    ],
    [
      'a member of a diagnosis that nobody knows',
      '/diagnoses/0',
      (sample) => ({ ...sample, diagnoses: [{ ...DIAGNOSIS, laterality: 'left' }] }),
    ],
    ['a result in a unit that is not understood', '/results/0/unit', withResult({ value: 5, unit: 'mmol/l' })],
    ['a result without a unit', '/results/0', withResult({ value: 5 })],
    ['a final result without an outcome', '/results/0', withResult({})],
    ['a result with two outcomes', '/results/0/text', withResult({ value: 5, unit: 'g/L', text: 'x' })],
    [
      'an allergy with a severity nobody knows',
      '/allergies/0/reactions/0/severity',
      (sample) => ({
        ...sample,
        allergies: [{ display: 'x', status: 'active', reactions: [{ display: 'y', severity: 'fatal' }] }],
      }),
    ],
    [
      'a letter of a type that is not allowed',
      '/letter/contentType',
      (sample) => ({ ...sample, letter: { ...(LAILA.letter as Json), contentType: 'text/html' } }),
    ],
    [
      'a letter that is called a PDF and is none',
      '/letter/data',
      (sample) => ({ ...sample, letter: { ...(LAILA.letter as Json), contentType: 'application/pdf' } }),
    ],
    [
      'a letter that is too large',
      '/letter/data',
      (sample) => ({ ...sample, letter: { ...(LAILA.letter as Json), data: 'A'.repeat(4_000_004) } }),
    ],
    [
      'a role of another code list',
      '/encounter/author/role/code',
      (sample) => ({
        ...sample,
        encounter: {
          ...(sample.encounter as Json),
          author: {
            ...((sample.encounter as Json).author as Json),
            role: { system: 'uzi-role', code: '0316', display: 'x' },
          },
        },
      }),
    ],
    ['a text that is blank', '/reason', (sample) => ({ ...sample, reason: ' \n' })],
    ['a control character', '/reason', (sample) => ({ ...sample, reason: 'a\u0007b' })],
    [
      'an author without a number',
      '/encounter/author',
      (sample) => ({
        ...sample,
        encounter: { ...(sample.encounter as Json), author: { name: 'X', discipline: 'gp' } },
      }),
    ],
  ];
  it.each(BAD)('refuses %s at %s', (_what, path, change) => {
    expect(refusedAt('hix', bytes(change(LUUK)))).toContain(path);
  });

  it('refuses two weights of one consult', () => {
    const twice = [
      { type: 'body-weight', value: 10, unit: 'kg' },
      { type: 'body-weight', value: 11, unit: 'kg' },
    ];
    expect(refusedAt('hix', bytes({ ...LUUK, measurements: twice }))).toHaveLength(2); // one for each of the two
  });

  it.each([
    [
      'allergy',
      {
        allergies: ['active', 'resolved'].map((status) => ({
          system: 'snomed',
          code: '782555009',
          display: 'x',
          status,
        })),
      },
    ],
    ['result', { results: [1, 2].map((value) => ({ ...RESULT, value, unit: 'g/L' })) }],
    [
      'referral',
      {
        referrals: ['gp', 'ggz'].map((to) => ({
          number: 'R1',
          to,
          urgency: 'routine',
          question: 'x',
          familyInformed: true,
        })),
      },
    ],
  ])('refuses one %s told twice', (_what, twice) => {
    expect(refusedAt('hix', bytes({ ...LUUK, ...twice }))).toHaveLength(2);
  });

  it('names the units it understands where another one comes', () => {
    const refusal = sources.read('hix', 'application/json', bytes(withResult({ value: 5, unit: 'mmol/l' })(LUUK)));
    expect(refusal.ok ? [] : refusal.issues.map(({ expected }) => expected)).toEqual([
      expect.stringMatching(/^one of mmol\/L, .*\{INR\}/),
    ]);
  });

  it.each([
    [[true, true], true],
    [[true, false], false],
    [[], false],
  ])('referrals of which the family knows: %j', (known, all) => {
    const referrals = known.map((familyInformed, index) => ({
      number: `R${index}`,
      to: 'gp',
      urgency: 'routine',
      question: 'x',
      familyInformed,
    }));
    const message = { ...LUUK, ...(referrals.length > 0 ? { referrals } : { referrals: undefined }) };
    expect(read('hix', bytes(message)).referralKnown).toBe(all);
  });

  it('carries a code of a system it does not know as it came, with the words beside it', () => {
    const own = { ...DIAGNOSIS, display: 'Eigen woorden', system: 'urn:oid:2.999.1', code: 'AB 7' };
    const [condition] = resources(bundleOf('hix', bytes({ ...LUUK, diagnoses: [own] }))).filter(
      (resource) => resource.resourceType === 'Condition',
    );
    expect(condition?.code).toEqual({
      coding: [{ system: 'urn:oid:2.999.1', code: 'AB 7', display: 'Eigen woorden' }],
      text: 'Eigen woorden',
    });
  });

  it('every value of every list of the schema is mapped to valid R4', () => {
    const lists: [string, string[]][] = [
      ['diagnoses/0/kind', ['diagnosis', 'complaint', 'finding', 'symptom', 'functional-limitation', 'complication']],
      ['diagnoses/0/certainty', ['confirmed', 'suspected', 'possible', 'absent']],
      ['diagnoses/2/status', ['active', 'recurrence', 'inactive', 'remission', 'resolved']],
      ['medication/0/status', ['active', 'completed', 'stopped', 'on-hold', 'intended', 'not-taken']],
      ['allergies/0/status', ['active', 'inactive', 'resolved']],
      ['allergies/0/certainty', ['unconfirmed', 'confirmed', 'refuted']],
      ['allergies/0/category', ['medication', 'food', 'environment', 'biologic']],
      ['allergies/0/criticality', ['low', 'high', 'unable-to-assess']],
      ['allergies/0/reactions/0/severity', ['mild', 'moderate', 'severe']],
      ['results/0/status', ['registered', 'preliminary', 'final', 'corrected', 'cancelled']],
      ['results/0/interpretation', ['N', 'L', 'H', 'LL', 'HH', 'A', 'AA']],
      ['results/0/comparator', ['<', '<=', '>=', '>']],
      ['reports/0/kind', ['imaging', 'ct', 'ultrasound', 'microbiology', 'pathology', 'other']],
      ['reports/0/status', ['registered', 'preliminary', 'final', 'corrected', 'cancelled']],
      ['referrals/0/urgency', ['routine', 'urgent', 'asap']],
      ['circumstances/0/type', ['family-tension', 'unsettled-home', 'debts', 'no-informal-care']],
    ];
    for (const [path, values] of lists)
      for (const value of values) {
        const message = structuredClone(YONATHAN);
        const names = path.split('/');
        const holder = names.slice(0, -1).reduce<Json>((at, name) => at[name] as Json, message);
        holder[names.at(-1) as string] = value;
        for (const resource of resources(bundleOf('hix', bytes(message))))
          expect([path, value, validate(resource, definitions)]).toEqual([path, value, []]);
      }
  });

  it('converts any weight and length without a digit of error', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 300_000 }), fc.integer({ min: 100, max: 2600 }), (grams, millimetres) => {
        const measurements = [
          { type: 'body-weight', value: grams, unit: 'g' },
          { type: 'body-height', value: millimetres, unit: 'mm' },
        ];
        const values = resources(bundleOf('hix', bytes({ ...LUUK, measurements }))).flatMap((resource) =>
          resource.resourceType === 'Observation' ? (resource.valueQuantity?.value ?? []) : [],
        );
        expect(values).toEqual([Number(`${grams}e-3`), Number(`${millimetres}e-1`)]);
      }),
      { numRuns: 50 },
    );
  });

  it('marks a circumstance of a parent with that parent as its focus', () => {
    const bundle = bundleOf(
      'hix',
      bytes({
        ...LUUK,
        circumstances: [
          { type: 'debts', about: 'mother' },
          { type: 'debts', about: 'family' },
        ],
      }),
    );
    const [aboutMother, aboutFamily] = observations(bundle).filter((resource) => resource.valueBoolean === true);
    const mother = bundle.entry?.find((entry) => entry.fullUrl === aboutMother?.focus?.[0]?.reference)
      ?.resource as RelatedPerson;
    expect(mother.relationship?.[0]?.coding?.[0]?.code).toBe('MTH');
    expect(aboutFamily?.focus).toBeUndefined();
  });
});
