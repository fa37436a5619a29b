import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { loadSearchParameters } from './load.ts';
import { parseSearch } from './search.ts';

loadSearchParameters();

const weight = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  effectiveDateTime: '2026-10-01',
  performer: [{ reference: 'Practitioner/p1' }],
  category: [{ coding: [{ code: 'vital-signs' }] }],
  meta: { lastUpdated: '2026-10-02T10:00:00Z' },
} as Resource;
const outcome = (type: string, query: Record<string, unknown>, resource = weight): boolean | string => {
  const search = parseSearch(type, query);
  return search.ok ? search.matches(resource) : `${search.issues[0].code} ${search.issues[0].path ?? ''}`.trim();
};

describe('a search within one patient', () => {
  it('without parameters gives that type and no other', () => {
    expect(outcome('Observation', {})).toBe(true);
    expect(outcome('Condition', {})).toBe(false);
  });

  it.each<[Record<string, string>, boolean]>([
    [{ _id: 'o1' }, true],
    [{ _id: 'o2' }, false],
    [{ code: '29463-7' }, true],
    [{ code: 'http://loinc.org|29463-7' }, true],
    [{ code: 'http://loinc.org|8302-2' }, false],
    [{ code: '8302-2,29463-7' }, true],
    [{ status: 'final' }, true],
    [{ status: 'preliminary' }, false],
    [{ date: '2026-10-01' }, true],
    [{ date: 'ge2026-10-02' }, false],
    [{ date: 'lt2026-11' }, true],
    [{ date: '2026-10' }, true],
    [{ performer: 'Practitioner/p1' }, true],
    [{ performer: 'Practitioner/p2' }, false],
    [{ category: 'vital-signs', code: '29463-7' }, true],
    [{ category: 'laboratory', code: '29463-7' }, false],
    [{ _lastUpdated: 'ge2026-10-02' }, true],
    [{ _lastUpdated: 'ge2026-10-03' }, false],
  ])('%j', (query, expected) => expect(outcome('Observation', query)).toBe(expected));

  it.each<[string, Record<string, unknown>]>([
    ['an include', { _include: 'Observation:subject' }],
    ['a sort order', { _sort: 'date' }],
    ['elements', { _elements: 'id' }],
    ['a total', { _summary: 'count' }],
    ['a modifier', { 'code:not': 'x' }],
    ['a chain', { 'subject.name': 'x' }],
    ['a chain backwards', { _has: 'x' }],
    ['a filter', { _filter: 'x' }],
    ['a parameter twice', { code: ['a', 'b'] }],
    ['a parameter that this type does not have', { gender: 'female' }],
    ['a parameter that nobody knows', { foo: 'bar' }],
    ['a name of JavaScript', { constructor: 'x' }],
    ['a quantity, which the library does not compare', { 'value-quantity': 'gt4' }],
    ['a date that is none', { date: 'yesterday' }],
    ['a date with a prefix that is none', { date: 'around2026' }],
    ['a list of dates, which the library does not take', { date: '2026-10-01,2026' }],
    ['nothing to look for', { code: '' }],
    ['text search', { _content: 'x', _text: 'y' }],
  ])('%s is refused and not ignored: ignoring it would return too much', (_name, query) => {
    expect(outcome('Observation', query)).toContain('search-unsupported');
  });

  it('a type that does not exist is refused', () => {
    expect(outcome('Nonsense', {})).toContain('search-unsupported');
    expect(outcome('__proto__', {})).toContain('search-unsupported');
  });

  it('no refusal repeats a value', () => {
    const search = parseSearch('Observation', { 'code:not': '999903147', foo: '999903147' });
    expect(JSON.stringify(search)).not.toContain('999903147');
  });
});
