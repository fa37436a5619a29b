import { type Kysely, sql } from 'kysely';

/** Everything is read per patient, so what belongs to one patient is spread over partitions by a hash of the patient (they can move to other nodes). */
const PARTITIONS = 8;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table organisation (id text primary key, ura text unique, name text not null, sector text not null);

    create table client (
      id text primary key, organisation text not null references organisation, jwks jsonb not null,
      scopes text[] not null, sources text[] not null, disciplines text[] not null, purposes text[] not null, roles text[] not null,
      mllp jsonb, active boolean not null default true);

    create table receiver (
      id text primary key, organisation text not null references organisation, discipline text not null,
      categories text[] not null, kind text not null, address text not null, active boolean not null default true);

    create table patient (
      id uuid primary key, bsn_index bytea unique, wrapped_key bytea, gate integer not null default 0, created_at timestamptz not null default now(), erased_at timestamptz);

    create table treatment_relation (
      patient uuid not null references patient, organisation text not null references organisation,
      source text not null, since timestamptz not null, until timestamptz, primary key (patient, organisation));
    create index treatment_relation_organisation on treatment_relation (organisation);

    create table exchange (
      id uuid primary key, sender text not null references organisation, source text not null, message_id text not null,
      digest bytea, patient uuid references patient, state text not null, outcome jsonb not null, referral_known boolean not null default false,
      received_at timestamptz not null, raw bytea, raw_expires_at timestamptz);
    -- A refused message keeps no claim on its id: the same message may come again once the family has consented.
    create unique index exchange_message on exchange (sender, source, message_id) where state <> 'refused';
    create index exchange_patient on exchange (patient);
    create index exchange_raw on exchange (raw_expires_at) where raw is not null;

    create table delivery (
      id uuid primary key, exchange uuid not null references exchange, receiver text not null references receiver,
      patient uuid not null references patient, sequence bigint generated always as identity,
      state text not null, attempts integer not null default 0, next_attempt_at timestamptz, failure text, receipt jsonb,
      created_at timestamptz not null, updated_at timestamptz not null, unique (exchange, receiver));
    create index delivery_lane on delivery (receiver, patient, sequence) where state in ('queued', 'retry', 'sending');

    create table audit (
      seq bigint generated always as identity primary key, index bigint unique, kind text not null, patient uuid, exchange uuid,
      recorded_at timestamptz not null, salt bytea not null, event text not null, leaf bytea not null);
    create index audit_patient on audit (patient, seq);
    create index audit_unnumbered on audit (seq) where index is null;

    create table used_assertion (issuer text not null, jti text not null, expires_at timestamptz not null, primary key (issuer, jti));
    create table secret (name text primary key, value bytea not null, created_at timestamptz not null default now());

    create table resource (
      patient uuid not null, type text not null, id uuid not null, version integer not null, current boolean not null,
      category text not null, labels text[] not null, author text not null, source text not null, exchange uuid,
      recorded_at timestamptz not null, body bytea not null, primary key (patient, type, id, version)) partition by hash (patient);
    create index resource_current on resource (patient) where current;
    create index resource_exchange on resource (exchange);
    create index resource_id on resource (id) where current;

    create table consent (
      patient uuid not null, id uuid not null, version integer not null, current boolean not null,
      recorder text not null, recorded_at timestamptz not null, body bytea not null,
      primary key (patient, id, version)) partition by hash (patient);
    create index consent_current on consent (patient) where current;
  `.execute(db);
  for (const table of ['resource', 'consent']) {
    for (let part = 0; part < PARTITIONS; part += 1) {
      await sql`create table ${sql.id(`${table}_${part}`)} partition of ${sql.id(table)}
        for values with (modulus ${sql.lit(PARTITIONS)}, remainder ${sql.lit(part)})`.execute(db);
    }
  }
}
