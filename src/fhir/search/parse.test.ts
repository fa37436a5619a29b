import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { loadDefinitions, loadSearchParameters } from '../load.ts';
import type { Position } from './page.ts';
import { parametersOf } from './parameters.ts';
import { parseSearch, type Query, SHAPING } from './parse.ts';
import { subsetOf } from './subset.ts';

loadSearchParameters();
await loadDefinitions();

const weight = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7', display: 'Lichaamsgewicht' }], text: 'gewicht' },
  effectiveDateTime: '2026-10-01',
  performer: [{ reference: 'Practitioner/p1' }],
  encounter: { reference: 'Encounter/e1' },
  category: [{ coding: [{ code: 'vital-signs' }] }],
  valueQuantity: { value: 5.4, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  meta: {
    lastUpdated: '2026-10-02T10:00:00Z',
    security: [{ system: 'http://gezinspoort.nl/fhir/CodeSystem/data-category', code: 'cat-development' }],
    profile: ['http://nictiz.nl/fhir/StructureDefinition/nl-core-BodyWeight'],
  },
} as Resource;
const at = (effectiveDateTime: string): Resource => ({ ...weight, effectiveDateTime }) as Resource;
const during = (start?: string, end?: string): Resource =>
  ({ ...weight, effectiveDateTime: undefined, effectivePeriod: { start, end } }) as Resource;
const patient = {
  resourceType: 'Patient',
  id: 'p',
  name: [{ family: 'Önal', given: ['Noor'] }],
  gender: 'female',
  birthDate: '2026-05-04',
} as Resource;

const queryOf = (text: string): Query => [...new URLSearchParams(text)];
const outcome = (type: string, text: string, resource = weight): boolean | string => {
  const search = parseSearch(type, queryOf(text));
  if (!search.ok) return `${search.issues[0].code} ${search.issues[0].path ?? ''}`.trim();
  return search.select([resource]).resources.length === 1;
};

describe('A search within one patient', () => {
  it('without parameters gives that type and no other', () => {
    expect(outcome('Observation', '')).toBe(true);
    expect(outcome('Condition', '')).toBe(false);
  });

  it.each<[string, boolean]>([
    ['_id=o1', true],
    ['_id=o2', false],
    ['code=29463-7', true],
    ['code=http://loinc.org|29463-7', true],
    ['code=http://loinc.org|', true],
    ['code=http://loinc.org|8302-2', false],
    ['code=|29463-7', false],
    ['code=8302-2,29463-7', true],
    ['code=Lichaamsgewicht', false],
    ['code=gewicht', false],
    ['code:not=29463-7', false],
    ['code:not=8302-2', true],
    ['code:missing=false', true],
    ['method:missing=true', true],
    ['method:missing=false', false],
    ['status=final', true],
    ['status=preliminary', false],
    ['_security=cat-development', true],
    ['_security=cat-risk', false],
    ['_profile=http://nictiz.nl/fhir/StructureDefinition/nl-core-BodyWeight', true],
    ['_profile=http://nictiz.nl/fhir', false],
    ['performer=Practitioner/p1', true],
    ['performer=Practitioner/p2', false],
    ['performer=p1', true],
    ['performer=1', false],
    ['performer=Organization/p1', false],
    ['encounter=Encounter/e1', true],
    ['encounter=e1', true],
    ['category=vital-signs&code=29463-7', true],
    ['category=laboratory&code=29463-7', false],
    ['code=29463-7&code=8302-2', false],
    ['_lastUpdated=ge2026-10-02', true],
    ['_lastUpdated=ge2026-10-03', false],
    ['value-quantity=5.4', true],
    ['value-quantity=5', true],
    ['value-quantity=5.3', false],
    ['value-quantity=gt5', true],
    ['value-quantity=lt5.4', false],
    ['value-quantity=le5.4', true],
    ['value-quantity=ge5.4|http://unitsofmeasure.org|kg', true],
    ['value-quantity=ge5.4||kg', true],
    ['value-quantity=ge5.4|http://unitsofmeasure.org|g', false],
  ])('%s is %s', (query, expected) => expect(outcome('Observation', query)).toBe(expected));

  it.each<[string, Resource, boolean]>([
    ['date=2026-10-01', at('2026-10-01'), true],
    ['date=2026-10', at('2026-10-01'), true],
    ['date=2026-10-01', at('2026-10'), false],
    ['date=ne2026-10-01', at('2026-10'), true],
    ['date=ge2026-10-02', at('2026-10-01'), false],
    ['date=ge2026-10-01&date=lt2026-11', at('2026-10-31'), true],
    ['date=ge2026-10-01&date=lt2026-11', at('2026-11-01'), false],
    ['date=sa2026-09-30', at('2026-10-01'), true],
    ['date=eb2026-10-01', at('2026-10-01'), false],
    ['date=2026-10-01,2026-10-05', at('2026-10-05'), true],
    ['date=2026-10-01', at('2026-10-01T00:30:00+02:00'), true],
    ['date=2026-09-30', at('2026-10-01T00:30:00+02:00'), false],
    ['date=2026-10-01T00:30', at('2026-09-30T22:30:40Z'), true],
    ['date=2026-03-29', at('2026-03-29T00:10:00+01:00'), true],
    ['date=2026-03-29', at('2026-03-29T23:50:00+02:00'), true],
    ['date=gt2026-10-03', during('2026-10-01'), true],
    ['date=lt2026-10-03', during('2026-10-01'), true],
    ['date=2026-10-03', during('2026-10-01'), false],
    ['date=2026-10', during('2026-10-02', '2026-10-09'), true],
    ['date=le2026-09', during(undefined, '2026-10-09'), true],
  ])(
    '%s on a fact with its own date is found as FHIR compares stretches of time, in Dutch time',
    (query, resource, expected) => expect(outcome('Observation', query, resource)).toBe(expected),
  );

  it.each<[string, boolean]>([
    ['family=önal', true],
    ['family=ONA', true],
    ['family=nal', false],
    ['family:contains=nal', true],
    ['family:exact=önal', false],
    ['family:exact=Önal', true],
    ['name=noo', true],
    ['gender=female', true],
    ['birthdate=2026-05-04', true],
    ['deceased=false', true],
  ])('%s on a patient is %s', (query, expected) => expect(outcome('Patient', query, patient)).toBe(expected));

  it.each<[string, string]>([
    ['a modifier of texts', 'code:text=x'],
    ['a modifier that needs terminology', 'code:in=http://x'],
    ['a modifier of another kind', 'date:exact=2026'],
    ['a type as modifier', 'subject:Patient=x'],
    ['a chain', 'subject.name=x'],
    ['a chain backwards', '_has:Observation:patient:code=x'],
    ['a filter', '_filter=x'],
    ['text search', '_content=x'],
    ['a parameter that this type does not have', 'gender=female'],
    ['a parameter that nobody knows', 'foo=bar'],
    ['a name of JavaScript', 'constructor=x'],
    ['a composite', 'code-value-quantity=29463-7$5.4'],
    ['a date that is none', 'date=yesterday'],
    ['a day that does not exist', 'date=2026-02-30'],
    ['a date with a prefix that is none', 'date=around2026'],
    ['a date that is about', 'date=ap2026'],
    ['a number that is none', 'value-quantity=heavy'],
    ['a number without its unit', 'value-quantity=5|http://unitsofmeasure.org|'],
    ['nothing to look for', 'code='],
    ['one of several that is nothing', 'code=a,'],
    ['a reference elsewhere', 'performer=http://elsewhere/Practitioner/p1'],
    ['missing that is neither', 'code:missing=maybe'],
    ['an include of everything', '_include=*'],
    ['an include along what is no reference', '_include=Observation:code'],
    ['an include to what it cannot point to', '_include=Observation:encounter:Patient'],
    ['a sort by what cannot be compared', '_sort=performer'],
    ['a sort by relevance', '_sort=_score'],
    ['two sorts', '_sort=date&_sort=code'],
    ['a count that is none', '_count=many'],
    ['a total of another kind', '_total=guess'],
    ['a summary of another kind', '_summary=short'],
    ['an element that the type does not have', '_elements=gender'],
    ['a place in a list that is nobody to know', '_offset=3'],
    ['contained things', '_contained=true'],
  ])('%s (%s) is refused and not ignored: ignoring it would return too much', (_what, query) => {
    expect(outcome('Observation', query)).toContain('search-unsupported');
  });

  it('a type that does not exist is refused', () => {
    expect(outcome('Nonsense', '')).toContain('search-unsupported');
    expect(outcome('__proto__', '')).toContain('search-unsupported');
  });

  it('a refusal names the parameter and says what there is instead', () => {
    const search = parseSearch('Observation', queryOf('foo=bar'));
    expect(search.ok).toBe(false);
    if (search.ok) return;
    expect(search.issues[0].path).toBe('foo');
    for (const name of [...parametersOf('Observation').keys(), ...SHAPING])
      expect(search.issues[0].expected).toContain(name);
  });

  it('no refusal repeats a value, nor a name that could be a number of somebody', () => {
    for (const query of ['code:not-so=999903147', 'foo=999903147', '999903147=x', 'date=999903147'])
      expect(JSON.stringify(parseSearch('Observation', queryOf(query)))).not.toContain('999903147');
  });

  it('a search of a thousand parameters is refused before it is tried', () => {
    expect(outcome('Observation', 'code=a&'.repeat(1_000).slice(0, -1))).toContain('search-unsupported');
    expect(outcome('Observation', `code=${'a,'.repeat(10_000)}a`)).toContain('search-unsupported');
  });
});

const many: Resource[] = Array.from(
  { length: 7 },
  (_, index) =>
    ({
      resourceType: 'Observation',
      id: `o${index}`,
      status: 'final',
      code: { coding: [{ code: index % 2 ? 'odd' : 'even' }] },
      effectiveDateTime: `2026-10-0${7 - index}`,
      meta: { lastUpdated: '2026-10-08T10:00:00Z' },
      encounter: { reference: `Encounter/e${index % 2}` },
    }) as Resource,
);
const encounters: Resource[] = ['e0', 'e1'].map(
  (id) =>
    ({
      resourceType: 'Encounter',
      id,
      status: 'finished',
      class: {},
      episodeOfCare: [{ reference: 'EpisodeOfCare/c' }],
    }) as Resource,
);
const episode = { resourceType: 'EpisodeOfCare', id: 'c', status: 'active', patient: {} } as Resource;
const all = [...encounters, ...many, episode];

const pages = (text: string): string[][] => {
  const search = parseSearch('Observation', queryOf(text));
  if (!search.ok) throw new Error('refused');
  const found: string[][] = [];
  let after: Position | undefined;
  do {
    const { resources, page }: ReturnType<typeof search.select> = search.select(all, after);
    found.push(resources.map((one) => one.id ?? ''));
    after = page?.next;
  } while (after);
  return found;
};

describe('Pages, order and what comes along', () => {
  it('the pages together are the whole, each thing once', () => {
    expect(pages('_count=3')).toEqual([['o0', 'o1', 'o2'], ['o3', 'o4', 'o5'], ['o6']]);
    expect(pages('_count=7')).toEqual([many.map((one) => one.id)]);
    expect(pages('_count=3&_sort=date').flat()).toEqual(['o6', 'o5', 'o4', 'o3', 'o2', 'o1', 'o0']);
    expect(pages('_count=2&_sort=-code,date').flat()).toEqual(['o5', 'o3', 'o1', 'o6', 'o4', 'o2', 'o0']);
  });
  it('what has no value stands last in both directions', () => {
    expect(pages('_sort=value-quantity,date').flat()[0]).toBe('o6');
    const mixed = [...many.slice(0, 2), { ...many[2], effectiveDateTime: undefined } as Resource];
    for (const sort of ['date', '-date']) {
      const search = parseSearch('Observation', queryOf(`_sort=${sort}`));
      expect(search.ok && search.select(mixed).resources.at(-1)?.id).toBe('o2');
    }
  });
  it('a page goes on where the last ended although something before it was withdrawn', () => {
    const search = parseSearch('Observation', queryOf('_count=3'));
    if (!search.ok) throw new Error('refused');
    const { page } = search.select(all);
    const rest = all.filter((one) => one.id !== 'o1' && one.id !== 'o2');
    expect(search.select(rest, page?.next).resources.map((one) => one.id)).toEqual(['o3', 'o4', 'o5']);
  });
  it('_include brings what matches point to, once, after the matches and not counted', () => {
    const search = parseSearch('Observation', queryOf('_include=Observation:encounter&date=le2026-10-02'));
    const chosen = search.ok ? search.select(all) : undefined;
    expect(chosen?.resources.map((one) => one.id)).toEqual(['o5', 'o6', 'e1', 'e0']);
    expect(chosen?.page).toEqual({ matches: 2, total: 2 });
  });
  it('_include:iterate goes on from what was included', () => {
    const search = parseSearch(
      'Observation',
      queryOf('_include=Observation:encounter&_include:iterate=Encounter:episode-of-care&_id=o0'),
    );
    expect(search.ok && search.select(all).resources.map((one) => one.id)).toEqual(['o0', 'e0', 'c']);
  });
  it('_revinclude brings what points to the matches', () => {
    const search = parseSearch('Encounter', queryOf('_revinclude=Observation:encounter&_id=e1'));
    expect(search.ok && search.select(all).resources.map((one) => one.id)).toEqual(['e1', 'o1', 'o3', 'o5']);
  });
  it('nothing comes along that may not leave: it is not on the list', () => {
    const search = parseSearch('Observation', queryOf('_include=Observation:encounter'));
    expect(search.ok && search.select(many).resources).toHaveLength(7);
  });
  it('_summary=count and _count=0 give a number and nothing else; _total=none gives none', () => {
    for (const query of ['_summary=count', '_count=0']) {
      const search = parseSearch('Observation', queryOf(`${query}&code=odd`));
      expect(search.ok && search.select(all)).toEqual({ resources: [], page: { matches: 0, total: 3 } });
    }
    const search = parseSearch('Observation', queryOf('_total=none'));
    expect(search.ok && search.select(all).page).toEqual({ matches: 7 });
  });
});

describe('A part of each resource', () => {
  const part = (query: string, resource: Resource) => {
    const search = parseSearch(resource.resourceType, queryOf(query));
    if (!search.ok) throw new Error('refused');
    return subsetOf(resource, search.subset);
  };
  it('_elements keeps what was named, what is mandatory and what changes the meaning', () => {
    expect(Object.keys(part('_elements=value', weight)).sort()).toEqual(
      ['code', 'id', 'meta', 'resourceType', 'status', 'valueQuantity'].sort(),
    );
    expect(part('_elements=value', weight).meta?.tag?.[0]?.code).toBe('SUBSETTED');
  });
  it('_summary=true keeps the elements that the standard calls summary', () => {
    const kept = Object.keys(part('_summary=true', { ...weight, note: [{ text: 'x' }] } as Resource));
    expect(kept).toContain('valueQuantity');
    expect(kept).not.toContain('note');
  });
  it('_summary=text, data and false', () => {
    const told = { ...weight, text: { status: 'generated', div: '<div/>' } } as Resource;
    expect(Object.keys(part('_summary=text', told))).toEqual(expect.arrayContaining(['text', 'status', 'code']));
    expect(Object.keys(part('_summary=text', told))).not.toContain('valueQuantity');
    expect(Object.keys(part('_summary=data', told))).not.toContain('text');
    expect(part('_summary=false', told)).toBe(told);
  });
  it('never changes what it is given', () => {
    const before = JSON.stringify(weight);
    part('_elements=code', weight);
    expect(JSON.stringify(weight)).toBe(before);
  });
});
