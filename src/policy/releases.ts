import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { AuditFact } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import type { Db } from '../store/database.ts';
import type { PolicyReleaseRow } from '../store/schema.ts';
import { type PolicyContent, textOf, versionOf } from './content.ts';

/** How many different persons must approve before a policy can hold. */
export const APPROVALS = 2;

/** Who signs for the policy that comes with the gateway, on a store that never had one. */
const INSTALLATION = 'installation';

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** All releases, oldest proposal first. */
export const allReleases = (db: Db): Promise<PolicyReleaseRow[]> =>
  db.selectFrom('policy_release').selectAll().orderBy('seq').execute();

/** The content of a policy that was kept; its text must still have its own hash. */
export async function contentOf(db: Db, version: string): Promise<PolicyContent | undefined> {
  const row = await db.selectFrom('policy').select('content').where('version', '=', version).executeTakeFirst();
  if (!row) return undefined;
  if (versionOf(row.content) !== version)
    throw new Error(`The policy ${version} in the store is not what was released.`);
  return JSON.parse(row.content) as PolicyContent;
}

/** The release that holds at a moment: the one with the latest date from which it holds; of equal dates the last released. */
export function holdsAt(releases: readonly PolicyReleaseRow[], now: Date): PolicyReleaseRow | undefined {
  return releases
    .filter((one) => one.released_at && !one.withdrawn_at && one.holds_from <= now)
    .sort((a, b) => rank(a) - rank(b) || Number(a.seq) - Number(b.seq))
    .at(-1);
}

const rank = (one: PolicyReleaseRow): number => Math.max(one.holds_from.getTime(), one.released_at?.getTime() ?? 0);

/** Puts the policy that comes with the gateway in force on a store that never had one. Safe on several nodes at once. */
export async function install(db: Db, content: PolicyContent, now: Date): Promise<void> {
  await inTurn(db, async (trx) => {
    if ((await allReleases(trx)).length > 0) return;
    const version = await keep(trx, content, now);
    const id = randomUUID();
    await trx
      .insertInto('policy_release')
      .values({
        id,
        version,
        replaces: null,
        proposed_by: INSTALLATION,
        proposed_at: now,
        reason: 'The policy that comes with the gateway.',
        holds_from: new Date(0),
        approvals: JSON.stringify([]),
        released_at: now,
        withdrawn_at: null,
      })
      .execute();
    await record(trx, [fact('installed', INSTALLATION, id, version, new Date(0))], now);
  });
}

/** Proposes a policy: it decides nothing until two different persons approved it. */
export async function propose(
  db: Db,
  content: PolicyContent,
  { by, reason, from, now }: { by: string; reason: string; from: Date; now: Date },
): Promise<Outcome<PolicyReleaseRow>> {
  if (!isPerson(by)) return refused(PERSON);
  if (reason.trim() === '') return refused('Say why, in one sentence (--reason).');
  return inTurn(db, async (trx) => {
    const current = holdsAt(await allReleases(trx), now);
    const version = await keep(trx, content, now);
    if (current?.version === version) return refused('This is the policy in force: nothing would change.');
    const id = randomUUID();
    const row = await trx
      .insertInto('policy_release')
      .values({
        id,
        version,
        replaces: current?.version ?? null,
        proposed_by: by,
        proposed_at: now,
        reason,
        holds_from: from,
        approvals: JSON.stringify([]),
        released_at: null,
        withdrawn_at: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await record(trx, [fact('proposed', by, id, version, from)], now);
    return { ok: true, value: row };
  });
}

/**
 * One person's approval. `seen`: what the person was shown (a digest of diff, blast radius and proof), for the log. At the second approval, by another person, the policy is
 * released: it holds from its date, and never from before now. Refused when the policy it was compared with is no longer in force: the diff that was approved is another one then.
 */
export async function approve(
  db: Db,
  id: string,
  { by, seen, now }: { by: string; seen: string; now: Date },
): Promise<Outcome<PolicyReleaseRow>> {
  if (!isPerson(by)) return refused(PERSON);
  return inTurn(db, async (trx) => {
    const releases = await allReleases(trx);
    const release = releases.find((one) => one.id === id);
    if (!release) return refused('There is no such proposal.');
    if (release.withdrawn_at) return refused('This proposal was withdrawn.');
    if (release.released_at) return refused('This policy is released already.');
    if (release.approvals.some((one) => samePerson(one.by, by)))
      return refused('This person has approved already: another one must.');
    if (holdsAt(releases, now)?.version !== release.replaces)
      return refused(
        'Another policy has come into force since: propose again, so that the difference is that of today.',
      );
    const approvals = [...release.approvals, { by, at: now.toISOString() }];
    const isReleased = approvals.length >= APPROVALS;
    const holdsFrom = isReleased && release.holds_from < now ? now : release.holds_from;
    const row = await trx
      .updateTable('policy_release')
      .set({
        approvals: JSON.stringify(approvals),
        ...(isReleased && { released_at: now, holds_from: holdsFrom }),
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const facts = [fact('approved', by, id, release.version, holdsFrom, [['seen', seen]])];
    await record(trx, isReleased ? [...facts, fact('released', by, id, release.version, holdsFrom)] : facts, now);
    return { ok: true, value: row };
  });
}

/**
 * Back, in one step and at once: a release that does not hold yet is withdrawn; else the policy before the one in force holds again. It was released by two persons before, so one is enough.
 * Gives the version that holds afterwards.
 */
export async function back(db: Db, { by, now }: { by: string; now: Date }): Promise<Outcome<string>> {
  if (!isPerson(by)) return refused(PERSON);
  return inTurn(db, async (trx) => {
    const releases = await allReleases(trx);
    const current = holdsAt(releases, now);
    const coming = releases.filter((one) => one.released_at && !one.withdrawn_at && one.holds_from > now);
    if (coming.length > 0) {
      for (const one of coming) {
        await trx.updateTable('policy_release').set({ withdrawn_at: now }).where('id', '=', one.id).execute();
        await record(trx, [fact('withdrawn', by, one.id, one.version, one.holds_from)], now);
      }
      return { ok: true, value: current?.version ?? '' };
    }
    if (!current?.replaces) return refused('There is no policy before this one.');
    const before = releases.findLast((one) => one.version === current.replaces && one.released_at);
    const id = randomUUID();
    await trx
      .insertInto('policy_release')
      .values({
        id,
        version: current.replaces,
        // Back once more goes one further, and not to what was just left.
        replaces: before?.replaces ?? null,
        proposed_by: by,
        proposed_at: now,
        reason: `Back from ${current.version}.`,
        holds_from: now,
        approvals: JSON.stringify(before?.approvals ?? []),
        released_at: now,
        withdrawn_at: null,
      })
      .execute();
    await record(trx, [fact('back', by, id, current.replaces, now, [['from', current.version]])], now);
    return { ok: true, value: current.replaces };
  });
}

/** Changes of the policy take turns, on all nodes. */
const inTurn = <T>(db: Db, run: (trx: Db) => Promise<T>): Promise<T> =>
  db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('gezinspoort/policy'))`.execute(trx);
    return run(trx);
  });

async function keep(trx: Db, content: PolicyContent, now: Date): Promise<string> {
  const text = textOf(content);
  const version = versionOf(text);
  const row = { version, content: text, kept_at: now };
  await trx
    .insertInto('policy')
    .values(row)
    .onConflict((on) => on.doNothing())
    .execute();
  return version;
}

const fact = (
  what: string,
  by: string,
  release: string,
  version: string,
  from: Date,
  more: readonly (readonly [string, string])[] = [],
): AuditFact => ({
  kind: 'policy',
  actor: { client: 'gezinspoort', organisation: 'gezinspoort', person: by },
  details: [['policy', what], ['release', release], ['version', version], ['holds-from', from.toISOString()], ...more],
});

/** A staff id, as it stands on the log; no name of a person with spaces in it. */
const isPerson = (by: string): boolean => /^[\w.@-]{2,64}$/.test(by);
const PERSON = 'Say who: --by with a staff id (letters, digits, . @ _ -).';

const refused = (why: string) => ({ ok: false as const, why });

/** A staff id is the same in capitals and in small letters. */
const samePerson = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();
