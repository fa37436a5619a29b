import { sql } from 'kysely';
import type { Db } from './database.ts';

/** How often an element stood in the messages of a source in a month (`2026-11`) while no rule read it. */
export interface UnreadElement {
  readonly source: string;
  readonly month: string;
  readonly path: string;
  readonly count: number;
}

/** Adds counts to those that are there. In one order, so that two nodes that add at once do not wait for each other in a ring. */
export async function addUnread(db: Db, elements: readonly UnreadElement[], now: Date): Promise<void> {
  if (elements.length === 0) return;
  const rows = elements.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  await sql`
    insert into unread_element (source, month, path, count, first_seen)
    select source, month, path, count, ${now}::timestamptz from unnest(
      ${rows.map((one) => one.source)}::text[], ${rows.map((one) => one.month)}::text[],
      ${rows.map((one) => one.path)}::text[], ${rows.map((one) => one.count)}::bigint[]) as added (source, month, path, count)
    on conflict (source, month, path) do update set count = unread_element.count + excluded.count`.execute(db);
}

const keyOf = ({ source, month, path }: UnreadElement): string => JSON.stringify([source, month, path]);

/** The counts that are kept, of one source or month or of all. */
export async function unreadElements(db: Db, source?: string, month?: string): Promise<UnreadElement[]> {
  let query = db.selectFrom('unread_element').select(['source', 'month', 'path', 'count']);
  if (source !== undefined) query = query.where('source', '=', source);
  if (month !== undefined) query = query.where('month', '=', month);
  const rows = await query.orderBy('source').orderBy('month').orderBy('path').execute();
  return rows.map((one) => ({ ...one, count: Number(one.count) }));
}
