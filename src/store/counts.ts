import { sql } from 'kysely';
import type { Db } from './database.ts';

/** How much passed, for the status page: estimates where an exact count would read a whole table. */
export async function counts(
  db: Db,
): Promise<{ exchanges: number; deliveries: Record<string, number>; audit: number }> {
  const [exchanges, deliveries, audit] = await Promise.all([
    sql<{ count: string }>`select count(*) as count from exchange`.execute(db),
    db
      .selectFrom('delivery')
      .select(['state', (eb) => eb.fn.countAll<string>().as('count')])
      .groupBy('state')
      .orderBy('state')
      .execute(),
    sql<{ count: string }>`select coalesce(max(index) + 1, 0) as count from audit`.execute(db),
  ]);
  return {
    exchanges: Number(exchanges.rows[0]?.count ?? 0),
    deliveries: Object.fromEntries(deliveries.map((row) => [row.state, Number(row.count)])),
    audit: Number(audit.rows[0]?.count ?? 0),
  };
}
