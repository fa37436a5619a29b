import { type Kysely, sql } from 'kysely';

/**
 * What a privacy officer has to look at, until somebody closes it. A break-glass session is one of them: it runs `until` then, for one `asker`. `subject` tells two reviews of one kind apart; `body` is
 * sealed under the patient's key.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table review (
      id uuid primary key, kind text not null, patient uuid not null references patient, organisation text not null references organisation,
      subject text not null, asker uuid, opened_at timestamptz not null, until timestamptz, body bytea not null,
      closed_at timestamptz, closed_by text, outcome text, unique (kind, patient, organisation, subject));
    create index review_open on review (opened_at) where closed_at is null;
    create index review_patient on review (patient);
  `.execute(db);
}
