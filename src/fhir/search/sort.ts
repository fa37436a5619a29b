import type { Resource, SearchParameter } from '@medplum/fhirtypes';
import type { Position } from './page.ts';
import { parametersOf } from './parameters.ts';
import { measuresOf, spansOf, textsOf, tokensOf, valuesOf } from './values.ts';

type Key = string | number | null;

interface Rule {
  readonly key: (resource: Resource) => Key;
  readonly descending: boolean;
}

/** A total order on resources: as asked, then by time of change, type and id, so that every page begins at one place. */
export type Order = readonly Rule[];

const rule = (key: Rule['key'], descending = false): Rule => ({ key, descending });

const LAST: Order = [
  rule((one) => one.meta?.lastUpdated ?? ''),
  rule((one) => one.resourceType),
  rule((one) => one.id ?? ''),
];

/** The order that `_sort` asks (`date,-code`), or the name of what cannot be sorted by. */
export function orderOf(type: string, sort: string | undefined): Order | { readonly unknown: string } {
  if (sort === undefined) return LAST;
  const rules: Rule[] = [];
  for (const field of sort.split(',')) {
    const descending = field.startsWith('-');
    const parameter = parametersOf(type).get(field.replace(/^-/, ''));
    const key = parameter && keyOf(parameter, descending);
    if (!key) return { unknown: field };
    rules.push(rule(key, descending));
  }
  return [...rules, ...LAST];
}

/** Of several values the one that comes first in the direction asked. */
function keyOf(parameter: SearchParameter, descending: boolean): Rule['key'] | undefined {
  const first = <T extends string | number>(keys: T[]): T | null =>
    keys.length === 0 ? null : keys.reduce((one, other) => (one < other === descending ? other : one));
  switch (parameter.type) {
    case 'date':
      return (one) => first(spansOf(valuesOf(one, parameter)).map((span) => (descending ? span[1] : span[0])));
    case 'token':
      return (one) => first(tokensOf(valuesOf(one, parameter)).map((each) => each.value ?? ''));
    case 'string':
      return (one) => first(textsOf(valuesOf(one, parameter)));
    case 'quantity':
      return (one) => first(measuresOf(valuesOf(one, parameter)).map((each) => each.value));
    default:
      return undefined;
  }
}

/** Where a resource stands in an order. */
export const positionOf = (order: Order, resource: Resource): Position => order.map(({ key }) => key(resource));

/** Which of two places comes first; what has no value stands last in both directions. */
export function compare(order: Order, one: Position, other: Position): number {
  for (const [index, { descending }] of order.entries()) {
    const [a = null, b = null] = [one[index], other[index]];
    if (a === b) continue;
    if (a === null || b === null) return a === null ? 1 : -1;
    return a < b !== descending ? -1 : 1;
  }
  return 0;
}
