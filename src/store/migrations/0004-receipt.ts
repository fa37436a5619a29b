import { type Kysely, sql } from 'kysely';

/**
 * What each answer was decided on: references and versions, sealed under the patient's key, so that the decision can be made again later. An answer about several patients
 * has one id and a row for each. The body is ciphertext: PostgreSQL need not try to compress it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table receipt (
      seq bigint generated always as identity primary key, id uuid not null, patient uuid not null, at timestamptz not null,
      organisation text not null, discipline text not null, purpose text not null, mode text not null,
      policy text not null, code text not null, input bytea not null, output bytea not null, gate integer not null, body bytea not null);
    alter table receipt alter column body set storage external;
    create index receipt_id on receipt (id);
    create index receipt_patient on receipt (patient, seq);
    create index receipt_at on receipt using brin (at);
  `.execute(db);
}
