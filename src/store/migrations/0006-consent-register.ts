import { type Kysely, sql } from 'kysely';

/**
 * The papers of a consent (the form that was shown, the signature), treatment relations as a history, and deliveries that carry a notice about what a receiver holds
 * instead of content.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create index consent_id on consent (id) where current;

    create table consent_paper (
      patient uuid not null references patient, id uuid not null, type text not null, consent uuid not null, consent_version integer not null,
      recorder text not null, recorded_at timestamptz not null, body bytea not null, primary key (patient, id));
    create index consent_paper_consent on consent_paper (patient, consent);

    alter table treatment_relation drop constraint treatment_relation_pkey;
    alter table treatment_relation add primary key (patient, organisation, since);
    alter table treatment_relation add column ended_by text;
    create unique index treatment_relation_open on treatment_relation (patient, organisation) where until is null;

    alter table delivery add column notice jsonb;
  `.execute(db);
}
