import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Dropped, parseDropped } from '../sources/dropped.ts';
import { unreadElements } from '../store/unread-elements.ts';
import { WIDTH } from './map-explain.ts';
import { onStore } from './on-store.ts';
import { unreadTable } from './unread-table.ts';

const USAGE = 'Usage: gezinspoort map unread [--source NAME] [--month 2026-11]';

/** `map unread`: what the messages of a gateway held and no rule read, per source and month. 2: usage. */
export async function unread(args: string[]): Promise<number> {
  const given = read(args);
  if (!given) {
    console.error(USAGE);
    return 2;
  }
  const all = await onStore((db) => unreadElements(db, given.source, given.month));
  if (all.length === 0) console.log('Nothing was left unread.');
  for (const [heading, rows] of Map.groupBy(all, ({ source, month }) => `${source} ${month}`)) {
    const counts = new Map(rows.map(({ path, count }) => [path, count]));
    const dropped = droppedOf(rows[0]?.source ?? '');
    console.log(`${heading}\n${unreadTable(counts, dropped, process.stdout.columns ?? WIDTH)}\n`);
  }
  return 0;
}

function read(args: string[]): { source: string | undefined; month: string | undefined } | undefined {
  try {
    const { source, month } = parseArgs({
      args,
      options: { source: { type: 'string' }, month: { type: 'string' } },
    }).values;
    return month === undefined || /^\d{4}-(0[1-9]|1[0-2])$/.test(month) ? { source, month } : undefined;
  } catch {
    return undefined;
  }
}

/** A source that has left mappings/ has nobody who explains it any more. */
function droppedOf(source: string): Dropped {
  try {
    return parseDropped(JSON.parse(readFileSync(`mappings/${source}/dropped.json`, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { dropped: [] };
    throw error;
  }
}
