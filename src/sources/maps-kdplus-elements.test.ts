import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validate } from '../fhir/validate.ts';
import { domainOf, ELEMENTS, messageWith, valuesFor, without } from './testing/maps-kdplus-testkit.ts';
import {
  bundleOf,
  bytes,
  counter,
  definitions,
  observations,
  read,
  resources,
  sources,
} from './testing/maps-testkit.ts';

describe('kdplus elements', () => {
  it('gives every element exactly one value domain', () => {
    for (const { number } of ELEMENTS) expect(domainOf(number), String(number)).toHaveLength(1);
  });

  // 697 false says what is so without it; 724 repeats the date of the contact and is checked against it.
  const WITHOUT_TRACE = new Set(['697 false', '724 2026-08-27']);

  it.each(ELEMENTS)(
    '$group element $number: every value of its domain is mapped and leaves a trace',
    ({ group, number }) => {
      const [domain] = domainOf(number);
      if (!domain) throw new Error('no domain');
      for (const value of valuesFor(domain)) {
        const bundle = bundleOf('kdplus', bytes(messageWith(group, { bdsNumber: number, value })));
        for (const resource of resources(bundle)) expect(validate(resource, definitions)).toEqual([]);
        for (const one of observations(bundle))
          expect(Object.keys(one).some((key) => key.startsWith('value'))).toBe(true);
        const text = JSON.stringify(bundle);
        const other = without(messageWith(group, { bdsNumber: number, value }), group, number);
        const message = { ...read('kdplus', bytes(messageWith('R003'))), body: other };
        const less = sources.map(message, counter());
        if (!less.ok) throw new Error(`refused without ${number}: ${JSON.stringify(less.issues)}`);
        const isSame = JSON.stringify(less.bundle) === text;
        expect(isSame, `${number} ${value}`).toBe(WITHOUT_TRACE.has(`${number} ${value}`));
      }
    },
  );

  it.each([
    [110, 1720, 1.72, 'kg'],
    [245, 5120, 5.12, 'kg'],
    [245, 3450, 3.45, 'kg'],
    [112, 420, 42, 'cm'],
    [113, 295, 29.5, 'cm'],
    [235, 568, 56.8, 'cm'],
    [252, 388, 38.8, 'cm'],
    [82, 224, 224, 'd'],
    [929, 6, 6, 'wk'],
    [988, 15, 15, 'mo'],
  ])('element %i: %i becomes %d %s', (number, value, expected, code) => {
    const group = ELEMENTS.find((element) => element.number === number)?.group ?? '';
    const found = observations(bundleOf('kdplus', bytes(messageWith(group, { bdsNumber: number, value }))));
    expect(found.map(({ valueQuantity }) => valueQuantity)).toMatchObject([
      { value: expected, system: 'http://unitsofmeasure.org', code },
    ]);
  });

  it('converts any weight and length without a digit of error', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 300_000 }), fc.integer({ min: 200, max: 2400 }), (grams, millimetres) => {
        const message = messageWith('R027', { bdsNumber: 245, value: grams });
        message.contacts[0]?.groups.at(-1)?.elements.push({ bdsNumber: 235, value: millimetres });
        const found = observations(bundleOf('kdplus', bytes(message)));
        expect(found.map(({ valueQuantity }) => valueQuantity?.value)).toEqual([
          Number(`${grams}e-3`),
          Number(`${millimetres}e-1`),
        ]);
      }),
      { numRuns: 50 },
    );
  });
});
