import type { Refusal } from '../problems.ts';
import { pageOf, type Query, type Search, unsupported } from './parse.ts';
import { type Order, orderOf } from './sort.ts';
import { spanOf } from './time.ts';

const MOST = 1_000;

/** `$everything` and the history of one resource: `_since`, `_type` (where `types` are given to choose from) and `_count`, with pages. */
export function parseEverything(query: Query, types: ReadonlySet<string> | undefined): Search | Refusal {
  let since: number | undefined;
  let only: ReadonlySet<string> | undefined;
  let count: number | undefined;
  const seen = new Set<string>();
  for (const [name, value] of query) {
    if (seen.has(name)) return unsupported(name, 'once');
    seen.add(name);
    if (name === '_since') {
      since = INSTANT.test(value) ? spanOf(value)?.[1] : undefined;
      if (since === undefined) return unsupported(name, 'a date or an instant, such as 2026-01-31T12:00:00Z');
    } else if (name === '_type' && types) {
      only = new Set(value.split(','));
      if (![...only].every((one) => types.has(one))) return unsupported(name, 'resource types that are shared here');
    } else if (name === '_count') {
      if (!/^[1-9]\d{0,8}$/.test(value)) return unsupported(name, 'a number from 1');
      count = Math.min(Number(value), MOST);
    } else return unsupported(name, `one of _since, ${types ? '_type, ' : ''}_count`);
  }
  const order = orderOf('Patient', undefined) as Order;
  return {
    ok: true,
    select(all, after) {
      const found = all.filter(
        (one) =>
          (!only || only.has(one.resourceType)) &&
          (since === undefined || Date.parse(one.meta?.lastUpdated ?? '') > since),
      );
      const page = pageOf(found, count === undefined ? undefined : order, count, after);
      return {
        resources: page.resources,
        page: { matches: page.resources.length, total: found.length, ...(page.next && { next: page.next }) },
      };
    },
  };
}

const INSTANT = /^\d{4}-\d\d-\d\d(T|$)/;
