import { type Kysely, sql } from 'kysely';

/**
 * Numbers by which a source knows its patients (as keyed hashes), and messages about newborns that have no BSN yet, waiting for the number to be named beside one.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table patient_number (
      sender text not null references organisation, number uuid not null, patient uuid not null references patient,
      since timestamptz not null, primary key (sender, number));
    create index patient_number_patient on patient_number (patient);

    create table waiting_exchange (
      exchange uuid primary key references exchange, sender text not null references organisation, number uuid not null);
    create index waiting_exchange_number on waiting_exchange (sender, number);
  `.execute(db);
}
