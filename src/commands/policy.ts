import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DecisionConfig } from '../consent/types.ts';
import { simulate } from '../exchange/simulation/simulate.ts';
import { weigh } from '../exchange/weigh.ts';
import { loadDefinitions } from '../fhir/load.ts';
import { compilePolicy, readPolicy, type Shipped } from '../policy/content.ts';
import { diff } from '../policy/diff.ts';
import { invariantsBroken } from '../policy/invariants.ts';
import { APPROVALS, allReleases, approve, back, contentOf, holdsAt, propose } from '../policy/releases.ts';
import type { Db } from '../store/database.ts';
import type { PolicyReleaseRow } from '../store/schema.ts';
import type { Vault } from '../store/vault.ts';
import { isElementOf } from '../views/registry.ts';
import { onStore, onVault } from './on-store.ts';
import { type PolicyReport, policyReport } from './policy-report.ts';
import { table } from './table.ts';

const USAGE = [
  'Usage: gezinspoort policy list',
  '       gezinspoort policy show [release]',
  '       gezinspoort policy diff <folder | settings.json | release>',
  '       gezinspoort policy propose <folder | settings.json> --by <staff id> --reason <sentence> [--from <date>]',
  '       gezinspoort policy approve <release> --by <staff id> --seen <digest>',
  '       gezinspoort policy back --by <staff id>',
].join('\n');

const DAY = 86_400_000;
const MONTH = 30;

/** `policy`: what decides, and how that changes. 0; 1: refused, with the reason; 2: usage. */
export async function policy(args: string[]): Promise<number> {
  const given = read(args);
  if (!given) {
    console.error(USAGE);
    return 2;
  }
  const { what, subject, by, reason, from, seen } = given;
  if (what === 'list' && !subject) return list();
  if (what === 'show') return show(subject);
  if (what === 'diff' && subject) return showDiff(subject);
  if (what === 'propose' && subject && by && reason) return proposeOne(subject, by, reason, from);
  if (what === 'approve' && subject && by && seen) return approveOne(subject, by, seen);
  if (what === 'back' && by && !subject) return goBack(by);
  console.error(USAGE);
  return 2;
}

function read(args: string[]) {
  try {
    const options = {
      by: { type: 'string' },
      reason: { type: 'string' },
      from: { type: 'string' },
      seen: { type: 'string' },
    } as const;
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    const [what = '', subject, ...more] = positionals;
    const from = values.from === undefined ? new Date() : new Date(values.from);
    return more.length > 0 || Number.isNaN(from.getTime()) ? undefined : { ...values, what, subject, from };
  } catch {
    return undefined;
  }
}

async function list(): Promise<number> {
  const now = new Date();
  const releases = await onStore(allReleases);
  const current = holdsAt(releases, now);
  const rows = releases.map((one) => [
    one.id,
    one.version,
    stateOf(one, current, now),
    one.holds_from.getTime() === 0 ? 'from the start' : one.holds_from.toISOString(),
    [one.proposed_by, ...one.approvals.map((two) => two.by)].join(', '),
    one.reason,
  ]);
  console.log(
    table(
      [['release', 'policy', 'state', 'holds from', 'proposed and approved by', 'reason'], ...rows],
      process.stdout.columns ?? 160,
    ),
  );
  return 0;
}

function stateOf(one: PolicyReleaseRow, current: PolicyReleaseRow | undefined, now: Date): string {
  if (one.withdrawn_at) return 'withdrawn';
  if (one === current) return 'in force';
  if (!one.released_at) return `proposed, ${one.approvals.length} of ${APPROVALS} approvals`;
  return one.holds_from > now ? 'released, not yet in force' : 'replaced';
}

/** Without a release: the policy in force, its settings and who it knows. With one: all that whoever approves it must see. */
async function show(id: string | undefined): Promise<number> {
  const isElement = await knownElements();
  return onVault(async (db, vault) => {
    const current = await inForce(db, isElement);
    if (id === undefined) {
      const { policy: shown } = current;
      console.log(`Policy ${shown.version}, in force`);
      for (const [name, value] of Object.entries(shown.settings))
        console.log(`  ${name.padEnd(24)}${JSON.stringify(value)}`);
      console.log(`  views of ${[...shown.views.policies.keys()].sort().join(', ')}`);
      return 0;
    }
    const release = (await allReleases(db)).find((one) => one.id === id);
    if (!release) return refused('There is no such release.');
    const proposed = await kept(db, release.version, isElement);
    const report = await reportOn(db, vault, current, proposed);
    console.log(
      `Release ${release.id}: policy ${release.version}, proposed by ${release.proposed_by}: ${release.reason}`,
    );
    console.log(`${report.text}\n`);
    console.log(`To approve: gezinspoort policy approve ${release.id} --by <staff id> --seen ${report.seen}`);
    return 0;
  });
}

async function showDiff(subject: string): Promise<number> {
  const isElement = await knownElements();
  return onVault(async (db, vault) => {
    const current = await inForce(db, isElement);
    const other = await readSubject(db, subject, current, isElement);
    if (!other.ok) return refused(other.problems.join('\n'));
    const report = await reportOn(db, vault, current, other);
    console.log(report.text);
    return 0;
  });
}

async function proposeOne(subject: string, by: string, reason: string, from: Date): Promise<number> {
  const isElement = await knownElements();
  return onVault(async (db, vault) => {
    const current = await inForce(db, isElement);
    const other = await readSubject(db, subject, current, isElement);
    if (!other.ok) return refused(other.problems.join('\n'));
    const report = await reportOn(db, vault, current, other);
    if (report.broken.length > 0)
      return refused(['The policy breaks what may never be broken:', ...report.broken].join('\n'));
    const result = await propose(db, other.content, { by, reason, from, now: new Date() });
    if (!result.ok) return refused(result.why);
    console.log(report.text);
    console.log(
      `\nProposed as release ${result.value.id}. Two different persons must approve: gezinspoort policy show ${result.value.id}`,
    );
    return 0;
  });
}

async function approveOne(id: string, by: string, seen: string): Promise<number> {
  const isElement = await knownElements();
  return onVault(async (db, vault) => {
    const release = (await allReleases(db)).find((one) => one.id === id);
    if (!release) return refused('There is no such release.');
    const proposed = await kept(db, release.version, isElement);
    const report = await reportOn(db, vault, await inForce(db, isElement), proposed, false);
    if (report.seen !== seen) return refused('That is not what this release does now: look again with policy show.');
    if (invariantsBroken(proposed.policy).length > 0) return refused('The policy breaks what may never be broken.');
    const result = await approve(db, id, { by, seen, now: new Date() });
    if (!result.ok) return refused(result.why);
    const { released_at: releasedAt, approvals, holds_from: from, version } = result.value;
    console.log(
      releasedAt
        ? `Released: policy ${version} holds from ${from.toISOString()}. Back in one step: gezinspoort policy back --by <staff id>`
        : `Approved by ${approvals.length} of ${APPROVALS}: another person must approve too.`,
    );
    return 0;
  });
}

async function goBack(by: string): Promise<number> {
  const result = await onStore((db) => back(db, { by, now: new Date() }));
  if (!result.ok) return refused(result.why);
  console.log(`Policy ${result.value} holds now.`);
  return 0;
}

const knownElements = async () => isElementOf(await loadDefinitions());
type IsElement = Awaited<ReturnType<typeof knownElements>>;

async function kept(db: Db, version: string, isElement: IsElement): Promise<Shipped> {
  const content = await contentOf(db, version);
  const compiled = content && compilePolicy(content, isElement);
  if (compiled?.ok) return compiled;
  throw new Error(`The policy ${version} cannot be used: ${compiled?.problems.join(' ') ?? 'it is not in the store.'}`);
}

async function inForce(db: Db, isElement: IsElement): Promise<Shipped> {
  const current = holdsAt(await allReleases(db), new Date());
  if (!current) throw new Error('No policy is in force yet: start the gateway once.');
  return kept(db, current.version, isElement);
}

/** A folder like `profiles/` with the settings in force; a file of settings that change, with the views in force; or a release. */
async function readSubject(db: Db, subject: string, current: Shipped, isElement: IsElement) {
  const found = await stat(subject).catch(() => undefined);
  if (found?.isDirectory()) {
    const views = join(subject, 'views');
    const folder = (await stat(views).catch(() => undefined))?.isDirectory() ? views : subject;
    return readPolicy(folder, isElement, current.content.settings);
  }
  if (found) {
    const settings = JSON.parse(await readFile(subject, 'utf8')) as DecisionConfig;
    return compilePolicy({ ...current.content, settings: { ...current.content.settings, ...settings } }, isElement);
  }
  const release = (await allReleases(db)).find((one) => one.id === subject);
  if (release) return { ok: true as const, ...(await kept(db, release.version, isElement)) };
  return { ok: false as const, problems: [`There is no folder, file or release ${subject}.`] };
}

/** `withRecorded`: the recorded decisions are weighed and the invariants proven too; without, only what names what an approver was shown. */
async function reportOn(
  db: Db,
  vault: Vault,
  before: Shipped,
  after: Shipped,
  withRecorded = true,
): Promise<PolicyReport> {
  const now = new Date();
  const since = new Date(now.getTime() - MONTH * DAY);
  return policyReport({
    changes: diff(before, after),
    simulation: simulate(before.policy, after.policy, `${now.toISOString().slice(0, 10)}T12:00:00Z`),
    blast: withRecorded ? await weigh({ db, vault }, since, before.policy, after.policy) : undefined,
    days: MONTH,
    broken: withRecorded ? invariantsBroken(after.policy) : [],
  });
}

function refused(why: string): number {
  console.error(why);
  return 1;
}
