import { type Kysely, sql } from 'kysely';

/** What messages held and no rule read: paths and numbers, never a value, of no patient. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table unread_element (
      source text not null, month text not null, path text not null, count bigint not null, first_seen timestamptz not null,
      primary key (source, month, path));
  `.execute(db);
}
