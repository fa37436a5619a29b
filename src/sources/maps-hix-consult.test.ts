import type { RelatedPerson } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bundleOf,
  bytes,
  counter,
  type Json,
  json,
  observations,
  read,
  refusedAt,
  resources,
  sources,
} from './testing/maps-testkit.ts';

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

  // Who sends and whether the family knows are for the gateway, which reads them at their pointers.
  const FOR_THE_GATEWAY = ['/ura', '/referral/familyInformed'];

  it.each([
    ['Luuk', LUUK],
    ['Laila', LAILA],
  ])('%s: no field of the message is dropped without a trace', (_name, sample) => {
    const whole = JSON.stringify(bundleOf('hix', bytes(sample)));
    const untraced = withoutLeaf(sample).filter(({ without }) => {
      const message = { ...read('hix', bytes(sample)), body: without(sample) };
      const result = sources.map(message, counter());
      return result.ok && JSON.stringify(result.bundle) === whole;
    });
    expect(untraced.map(({ path }) => path).sort()).toEqual([...FOR_THE_GATEWAY].sort());
  });

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
      '/referral',
      (sample) => ({ ...sample, referral: { to: 'gp', urgency: 'routine', question: 'x' } }),
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
