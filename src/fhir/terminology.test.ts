import type { CodeSystem, ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { createTerminology } from './terminology.ts';

const tree: CodeSystem = {
  resourceType: 'CodeSystem',
  url: 'http://x.nl/tree',
  status: 'active',
  content: 'complete',
  concept: [
    { code: 'a', concept: [{ code: 'a1', concept: [{ code: 'a11' }] }, { code: 'a2' }] },
    { code: 'b', property: [{ code: 'subsumedBy', valueCode: 'a2' }] },
    { code: 'z', property: [{ code: 'notSelectable', valueBoolean: true }] },
  ],
};
const empty: CodeSystem = {
  resourceType: 'CodeSystem',
  url: 'http://x.nl/empty',
  status: 'active',
  content: 'not-present',
};
const set = (name: string, include: ValueSetComposeInclude[], exclude?: ValueSetComposeInclude[]): ValueSet => ({
  resourceType: 'ValueSet',
  url: `http://x.nl/vs/${name}`,
  status: 'active',
  compose: { include, exclude },
});
const isA = (value: string, op = 'is-a'): ValueSetComposeInclude =>
  ({ system: 'http://x.nl/tree', filter: [{ property: 'concept', op, value }] }) as ValueSetComposeInclude;

const terminology = createTerminology(
  [
    set('whole', [{ system: 'http://x.nl/tree' }]),
    set('listed', [{ system: 'http://y.nl', concept: [{ code: '1' }, { code: '2' }] }]),
    set('below', [isA('a')]),
    set('strictly', [isA('a1', 'descendent-of')]),
    set('other', [isA('a', 'generalizes')]),
    set(
      'without',
      [{ valueSet: ['http://x.nl/vs/below|1'] }],
      [{ system: 'http://x.nl/tree', concept: [{ code: 'a2' }] }],
    ),
    set('both', [{ valueSet: ['http://x.nl/vs/below', 'http://x.nl/vs/strictly'] }]),
    set('elsewhere', [{ system: 'http://x.nl/empty' }, { system: 'http://y.nl', concept: [{ code: '1' }] }]),
    set('circle', [{ valueSet: ['http://x.nl/vs/circle'] }]),
    set('missing', [{ valueSet: ['http://x.nl/vs/nowhere'] }]),
  ],
  [tree, empty],
);
const T = 'http://x.nl/tree';

describe('terminology', () => {
  it.each([
    ['whole', T, 'a11', 'in'],
    ['whole', T, 'z', 'out'],
    ['whole', T, 'q', 'out'],
    ['whole', undefined, 'b', 'in'],
    ['listed', 'http://y.nl', '2', 'in'],
    ['listed', 'http://y.nl', '3', 'out'],
    ['listed', T, '2', 'out'],
    ['below', T, 'a', 'in'],
    ['below', T, 'a11', 'in'],
    ['below', T, 'b', 'in'],
    ['strictly', T, 'a1', 'out'],
    ['strictly', T, 'a11', 'in'],
    ['other', T, 'a1', 'unknown'],
    ['without', T, 'a2', 'out'],
    ['without', T, 'b', 'in'],
    ['both', T, 'a11', 'in'],
    ['both', T, 'a2', 'out'],
    ['elsewhere', 'http://x.nl/empty', 'x', 'unknown'],
    ['elsewhere', 'http://y.nl', '1', 'in'],
    ['elsewhere', 'http://y.nl', '2', 'out'],
    ['circle', T, 'a', 'unknown'],
    ['missing', T, 'a', 'unknown'],
    ['nowhere', T, 'a', 'unknown'],
  ])('%s of %s holds %s: %s', (name, system, code, expected) => {
    expect(terminology.membership(`http://x.nl/vs/${name}`, system, code)).toBe(expected);
  });

  it('knows a ValueSet with or without version', () => {
    expect([terminology.has('http://x.nl/vs/whole|3'), terminology.has('http://x.nl/vs/nowhere')]).toEqual([
      true,
      false,
    ]);
  });
});
