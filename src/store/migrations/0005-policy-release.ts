import { type Kysely, sql } from 'kysely';

/** Policies by the hash of their content, and the releases that put one in force from a moment on. No personal data: names of disciplines, elements, codes and staff ids. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table policy (version text primary key, content text not null, kept_at timestamptz not null);
    create table policy_release (
      seq bigint generated always as identity, id uuid primary key, version text not null references policy, replaces text references policy,
      proposed_by text not null, proposed_at timestamptz not null, reason text not null, holds_from timestamptz not null,
      approvals jsonb not null default '[]', released_at timestamptz, withdrawn_at timestamptz);
    create index policy_release_holds on policy_release (holds_from) where released_at is not null and withdrawn_at is null;
  `.execute(db);
}
