import type { Resource } from '@medplum/fhirtypes';
import { type Refusal, refuse } from '../problems.ts';
import { type Include, included, includeOf } from './include.ts';
import { type Test, testOf } from './match.ts';
import type { Position, Selection } from './page.ts';
import { MODIFIERS, parametersOf } from './parameters.ts';
import { compare, type Order, orderOf, positionOf } from './sort.ts';
import { hasElement, type Subset } from './subset.ts';

/** Names and values as they were sent, in their order; a name may stand there more than once (all must match). */
export type Query = readonly (readonly [name: string, value: string])[];

/** A search within one family, over what may leave it: nothing hidden can be probed, counted or noticed with it. */
export interface Search {
  readonly ok: true;
  /** Chooses one page: the first, or the one that begins after a place. */
  select(all: readonly Resource[], after?: Position): Selection;
  readonly subset?: Subset;
}

/** Parameters that shape the answer, for every type. */
export const SHAPING = ['_include', '_revinclude', '_sort', '_count', '_total', '_summary', '_elements'] as const;

const MOST = { parameters: 50, characters: 16_000, count: 1_000 };
/** What may stand in an error: a name as FHIR makes them, which no number of a person is. */
const NAME = /^[_A-Za-z][A-Za-z_-]{0,39}(:[A-Za-z-]{1,20})?$/;

/** What has been read of a query so far. */
interface Reading {
  readonly type: string;
  readonly tests: Test[];
  readonly includes: Include[];
  order: Order | undefined;
  count: number | undefined;
  total: boolean;
  subset: Subset | undefined;
  countOnly: boolean;
}

/**
 * Parses the query of a search on one type. What is not understood refuses the whole search, with its name and what there is instead: ignoring it would return too much or hide what is there.
 */
export function parseSearch(type: string, query: Query): Search | Refusal {
  const known = parametersOf(type);
  if (known.size === 0) return unsupported(undefined, 'a resource type of FHIR R4');
  if (query.length > MOST.parameters || query.flat().join('').length > MOST.characters)
    return unsupported(undefined, `at most ${MOST.parameters} parameters of ${MOST.characters} characters together`);
  const reading: Reading = {
    type,
    tests: [],
    includes: [],
    order: undefined,
    count: undefined,
    total: true,
    subset: undefined,
    countOnly: false,
  };
  const seen = new Set<string>();
  for (const [name, value] of query) {
    if (seen.has(name) && ONCE.has(name)) return unsupported(name, 'once');
    seen.add(name);
    const fault = Object.hasOwn(SHAPERS, name) ? SHAPERS[name]?.(reading, value) : filter(reading, name, value);
    if (fault !== undefined) return unsupported(name, fault);
  }
  return searchOf(reading);
}

export const unsupported = (name: string | undefined, expected: string): Refusal =>
  refuse('search-unsupported', name !== undefined && NAME.test(name) ? name : undefined, expected);

const ONCE: ReadonlySet<string> = new Set(SHAPING.filter((one) => !one.endsWith('include')));

/** Adds one filter; gives what was expected where it is not understood. */
function filter(reading: Reading, name: string, value: string): string | undefined {
  const [code = '', modifier, ...more] = name.split(':');
  const parameter = parametersOf(reading.type).get(code);
  if (!parameter || more.length > 0) return `one of ${[...parametersOf(reading.type).keys(), ...SHAPING].join(', ')}`;
  const modifiers = MODIFIERS[parameter.type] ?? [];
  if (modifier !== undefined && !modifiers.includes(modifier))
    return `one of ${modifiers.map((one) => `${code}:${one}`).join(', ')}`;
  const test = testOf(parameter, modifier, value);
  if (!test) return EXPECTED[modifier === 'missing' ? 'missing' : parameter.type];
  reading.tests.push(test);
  return undefined;
}

const EXPECTED: Readonly<Record<string, string>> = {
  missing: 'true or false',
  token: 'code, system|code, system| or |code',
  date: 'eq, ne, gt, lt, ge, le, sa or eb before a date, or a date alone, such as ge2026-01-31',
  reference: 'Type/id, or an id',
  string: 'a text',
  uri: 'a uri',
  quantity: 'eq, ne, gt, lt, ge or le before a number, or a number alone; then |system|code or ||unit',
};

/** Reads one shaping parameter; gives what was expected where it is not understood. */
const SHAPERS: Readonly<Record<string, (reading: Reading, value: string) => string | undefined>> = {
  _include: (reading, value) => include(reading, value, false, false),
  '_include:iterate': (reading, value) => include(reading, value, false, true),
  _revinclude: (reading, value) => include(reading, value, true, false),
  '_revinclude:iterate': (reading, value) => include(reading, value, true, true),
  _sort(reading, value) {
    const order = orderOf(reading.type, value);
    if ('unknown' in order) return 'names of parameters for dates, codes, texts or quantities, with - for descending';
    reading.order = order;
    return undefined;
  },
  _count(reading, value) {
    if (!/^\d{1,9}$/.test(value)) return 'a number';
    reading.count = Math.min(Number(value), MOST.count);
    return undefined;
  },
  _total(reading, value) {
    if (!['none', 'estimate', 'accurate'].includes(value)) return 'none, estimate or accurate';
    reading.total = value !== 'none';
    return undefined;
  },
  _summary(reading, value) {
    if (!['true', 'text', 'data', 'count', 'false'].includes(value)) return 'true, text, data, count or false';
    if (value === 'count') reading.countOnly = true;
    else if (value !== 'false') reading.subset = { kind: value as 'true' | 'text' | 'data' };
    return undefined;
  },
  _elements(reading, value) {
    const elements = value.split(',');
    if (!elements.every((one) => hasElement(reading.type, one))) return `elements of ${reading.type}`;
    reading.subset = { kind: 'elements', elements };
    return undefined;
  },
};

function include(reading: Reading, value: string, reverse: boolean, iterate: boolean): string | undefined {
  const found = includeOf(value, reverse, iterate);
  if (!found) return 'Type:parameter or Type:parameter:Type, of a parameter that is a reference';
  reading.includes.push(found);
  return undefined;
}

function searchOf({ type, tests, includes, order, count, total, subset, countOnly }: Reading): Search {
  const paged = count !== undefined && count > 0;
  const chosen = order ?? (orderOf(type, undefined) as Order);
  const matches: Test = (one) => one.resourceType === type && tests.every((test) => test(one));
  return {
    ok: true,
    ...(subset && { subset }),
    select(all, after) {
      const found = all.filter(matches);
      if (countOnly || count === 0) return { resources: [], page: { matches: 0, total: found.length } };
      const page = pageOf(found, paged || order ? chosen : undefined, paged ? count : undefined, after);
      return {
        resources: [...page.resources, ...included(includes, page.resources, all)],
        page: {
          matches: page.resources.length,
          ...(total && { total: found.length }),
          ...(page.next && { next: page.next }),
        },
      };
    },
  };
}

/** One page of a list: in order where one is given, after a place, at most `count` long. */
export function pageOf(
  list: readonly Resource[],
  order: Order | undefined,
  count: number | undefined,
  after: Position | undefined,
): { resources: readonly Resource[]; next?: Position } {
  if (!order) return { resources: list };
  const placed = list.map((resource) => ({ resource, at: positionOf(order, resource) }));
  placed.sort((one, other) => compare(order, one.at, other.at));
  const rest = after ? placed.filter((one) => compare(order, one.at, after) > 0) : placed;
  const page = count === undefined ? rest : rest.slice(0, count);
  const last = page.at(-1);
  return { resources: page.map((one) => one.resource), ...(last && page.length < rest.length && { next: last.at }) };
}
