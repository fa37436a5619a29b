import type { Refusal } from '../../fhir/problems.ts';
import { parseSearch, type Query, type Search, unsupported } from '../../fhir/search/parse.ts';

/** What of a single resource is asked: `_elements` or `_summary`, as in a search. */
export function shapeOf(type: string, query: Query): Pick<Search, 'ok' | 'subset'> | Refusal {
  if (query.length === 0) return { ok: true };
  const other = query.find(([name, value]) => (name !== '_elements' && name !== '_summary') || value === 'count');
  return other
    ? unsupported(other[0], 'one of _elements, _summary (true, text, data or false)')
    : parseSearch(type, query);
}
