import { evalFhirPath } from '@medplum/core';
import { describe, expect, it } from 'vitest';
import { showResult } from '../../tests/support/results.ts';
import type { SystemFile } from './system.ts';
import { domainOf, ELEMENTS, type Group, type KdPlus, messageWith } from './testing/maps-kdplus-testkit.ts';
import { bundleOf, bytes, json, refusedAt } from './testing/maps-testkit.ts';

// mappings/kdplus/core-elements.json says of every core element of BDS what one value of it becomes: `gives` is what the FHIRPath `path` finds in the resources of
// `type`; of Observations those with the number of the element as their code, unless the element stands in one with another code.

type Line = {
  element: number;
  group: string;
  value: unknown;
  type: string;
  path: string;
  gives: unknown[];
  only?: string;
};
const core = json<Line[]>('kdplus', 'core-elements.json');
/** The numbers of the elements that the issue calls core, from the list of BDS elements. */
const numbers = json<number[]>('kdplus', 'core-numbers.json');
const BDS = 'urn:oid:2.16.840.1.113883.2.4.4.40.267';
/** Elements that are part of an Observation about another element. */
const PARTS = new Set([220, 361, 362, 363, 365, 829, 1201, 1467, 1468]);
/** What stands at a JSON pointer. */
const elementAt = (message: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], message);

describe('the core elements of BDS', () => {
  it('all 353 have a line in the table, and all are let in', () => {
    expect(numbers).toHaveLength(353);
    expect(core.map(({ element }) => element).sort((a, b) => a - b)).toEqual(numbers);
    expect(ELEMENTS.map(({ number }) => number).sort((a, b) => a - b)).toEqual(numbers);
  });

  it('none is dropped but where the map writes what it means', () => {
    const { dropped } = json<{ dropped: { path: string }[] }>('kdplus', 'dropped.json');
    const named = dropped.flatMap(({ path }) => /\[(\d+)\]/.exec(path)?.[1] ?? []).map(Number);
    expect(named).toEqual([630, 8, 10, 11, 12, 13, 16]);
  });

  it('the samples together have every one of them', (context) => {
    const { samples = [] } = json<SystemFile>('kdplus', 'system.json');
    const within = (groups: Group[]): number[] =>
      groups.flatMap((one) => [...one.elements.map(({ bdsNumber }) => bdsNumber), ...within(one.groups ?? [])]);
    const records = samples.filter(({ input }) => input === 'contact-json');
    const seen = records.flatMap(({ file }) => {
      const message = json<KdPlus>('kdplus', 'samples', file);
      return [message.client, ...message.contacts].flatMap(({ groups }) => within(groups));
    });
    showResult(context, {
      what: 'coverage: core elements of BDS in the samples of kdplus',
      passed: numbers.filter((number) => seen.includes(number)).length,
      of: numbers.length,
      note: 'each with one asserted value',
    });
    expect(numbers.filter((number) => !seen.includes(number))).toEqual([]);
  });

  it('those of unknown type are listed, and the schema takes their text as it comes', () => {
    const { elements } = json<{ elements: { element: number; in: string }[] }>('kdplus', 'untyped.json');
    const untyped = ELEMENTS.filter(({ number }) => domainOf(number)[0]?.name === 'untyped').map(
      ({ number }) => number,
    );
    expect(elements.map(({ element }) => element)).toEqual(untyped.sort((a, b) => a - b));
    for (const one of elements) expect(core.find(({ element }) => element === one.element)?.type).toBe(one.in);
  });

  it.each(core.filter(({ only }) => only))('$element is of $only and refused in the other version', (line) => {
    const message = messageWith(line.group, { bdsNumber: line.element, value: line.value });
    expect(refusedAt('kdplus', bytes({ ...message, bdsVersion: line.only }))).toEqual([]);
    const other = { ...message, bdsVersion: line.only === '4.2.0' ? '4.1.3' : '4.2.0' };
    const places = refusedAt('kdplus', bytes(other));
    expect(places).toContainEqual(expect.stringMatching(/^\/(client|contacts\/0)\/groups\/\d+\/.*bdsNumber$/));
    expect(places.map((place) => elementAt(other, place ?? ''))).toContain(line.element);
  });

  it.each(core)('$group $element becomes $type: $path', ({ element, group, value, type, path, gives }) => {
    const bundle = bundleOf('kdplus', bytes(messageWith(group, { bdsNumber: element, value })));
    const own = type === 'Observation' && !PARTS.has(element);
    const where = own ? `.where(code.coding.exists(system = '${BDS}' and code = '${element}'))` : '';
    expect(evalFhirPath(`entry.resource.where(resourceType = '${type}')${where}.${path}`, bundle)).toEqual(gives);
  });
});
