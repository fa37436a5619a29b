import { type Dropped, whyDropped } from '../sources/dropped.ts';
import { table } from './table.ts';

/** What was not read, with why: a line of dropped.json, or nothing that anybody wrote down. */
export function unreadTable(counts: ReadonlyMap<string, number>, dropped: Dropped, width: number): string {
  if (counts.size === 0) return '(nothing)';
  const rows = [...counts].sort().map(([path, count]) => {
    const why = whyDropped(dropped, path);
    return [path, String(count), why ? `dropped: ${why.reason} (${why.owner})` : 'NOT EXPLAINED'];
  });
  return table([['PATH', 'COUNT', 'WHY'], ...rows], width);
}
