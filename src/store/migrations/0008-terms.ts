import { type Kysely, sql } from 'kysely';

/** When a patient's term was last looked at, patients of whom nothing may be released until somebody has looked, and what Mitz told about patients (sealed). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table patient add column looked_at timestamptz;
    alter table patient add column held boolean not null default false;
    create index patient_looked on patient (looked_at nulls first) where erased_at is null;

    create table mitz_statement (
      patient uuid not null references patient, holder text not null references organisation, received_at timestamptz not null, body bytea not null,
      primary key (patient, holder));
  `.execute(db);
}
