import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '../store/database.ts';
import type { PolicyReleaseRow } from '../store/schema.ts';
import { compilePolicy, type Shipped } from './content.ts';
import { keptPolicies } from './kept.ts';
import type { Policy } from './policy.ts';
import { allReleases, contentOf, holdsAt, install } from './releases.ts';

/** A release that was made elsewhere holds here within this time. */
const REFRESH_MS = 2_000;

export interface PoliciesInForce {
  /** The policy that holds now. Throws where it is not known: nothing is decided then. */
  inForce(): Policy;
  /** A policy that was in force at some time; undefined when it was never here. */
  policyOf(version: string): Promise<Policy | undefined>;
  /** Makes a release count at once. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The policies of a running gateway: the releases of the store, read again every two seconds, so that a date from which one holds comes in time and a release made elsewhere soon.
 * On a store that never had one, the policy that comes with the gateway is installed; afterwards a policy changes only by a release, also when the gateway is upgraded.
 */
export async function startPolicies(ports: {
  readonly db: Db;
  readonly shipped: Shipped;
  isElement(path: string): boolean;
  now(): Date;
  /** A policy in the store that this gateway cannot use, or a store that does not answer. */
  onProblem(code: string): void;
}): Promise<PoliciesInForce> {
  await install(ports.db, ports.shipped.content, ports.now());
  const compiled = new Map([[ports.shipped.policy.version, ports.shipped.policy]]);
  let releases: readonly PolicyReleaseRow[] = [];

  async function refresh(): Promise<void> {
    const read = (await allReleases(ports.db)).filter((one) => one.released_at);
    const wanted = new Set(read.filter((one) => one === holdsAt(read, ports.now()) || one.holds_from > ports.now()));
    for (const { version } of wanted) if (!compiled.has(version)) compiled.set(version, await compile(version));
    releases = read;
  }

  async function compile(version: string): Promise<Policy> {
    const content = await contentOf(ports.db, version);
    const result = content && compilePolicy(content, ports.isElement);
    if (result?.ok) return result.policy;
    throw new Error(`The policy ${version} cannot be used: ${result?.problems.join(' ') ?? 'it is not in the store'}`);
  }

  await refresh();
  const ended = new AbortController();
  const running = loop();
  async function loop(): Promise<void> {
    while (!ended.signal.aborted) {
      await pause(REFRESH_MS, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
      if (!ended.signal.aborted) await refresh().catch(() => ports.onProblem('policy-not-read'));
    }
  }

  return {
    inForce() {
      const policy = compiled.get(holdsAt(releases, ports.now())?.version ?? '');
      if (!policy) throw new Error('No policy is known that holds now.');
      return policy;
    },
    policyOf: keptPolicies(ports.db, ports.isElement),
    refresh,
    async stop() {
      ended.abort();
      await running;
    },
  };
}
