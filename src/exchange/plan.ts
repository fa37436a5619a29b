import type { Policy } from '../policy/policy.ts';
import type { CareFunction, Directory } from '../store/directory.ts';
import type { StoredResource } from '../store/records.ts';
import { DIRECTORY, type Judgement, judge } from './judge.ts';
import type { Family } from './relatives.ts';

/** What an incoming message leads to: what is kept, which receivers get something, and why the rest is not kept. */
export interface Plan {
  /** References (`Type/id`) of the items that somebody may get. */
  readonly kept: ReadonlySet<string>;
  readonly receivers: readonly string[];
  /** Reasons of all judgements together, for a refusal. */
  readonly reasons: readonly string[];
  /** Items nobody may get: kind, category and number, with the reasons. */
  readonly dropped: readonly {
    readonly type: string;
    readonly category: string;
    readonly count: number;
    readonly reasons: readonly string[];
  }[];
}

/**
 * The consent gate: asks the question of a delivery for every function that could ever get the items (organisations with a treatment relation, other than the
 * sender) and keeps what at least one of them may have. Receivers are asked about everything, for that is what they will be sent; the others only about what
 * nobody before them may have. Pure.
 */
export function plan(
  family: Family,
  incoming: readonly StoredResource[],
  mode: 'push' | 'push-referral',
  sender: string,
  directory: Directory,
  policy: Policy,
  at: string,
): Plan {
  const receiving = new Set(directory.receivers.map(key));
  const audience = directory.functions
    .filter((one) => one.organisation !== sender && family.file.relations.includes(one.organisation))
    .sort((a, b) => Number(receiving.has(key(b))) - Number(receiving.has(key(a))));
  const judgements = new Map<string, Judgement>();
  const kept = new Set<string>();
  for (const one of audience) {
    const asked = receiving.has(key(one)) ? incoming : incoming.filter((item) => !kept.has(refOf(item)));
    if (!asked.some((item) => item.category !== DIRECTORY)) continue;
    const { organisation, sector, discipline } = one;
    const question = { mode, organisation, sector, discipline, purpose: 'TREAT', at, env: MITZ_LATER };
    const judgement = judge(family.file, family.relatives, question, policy, asked);
    judgements.set(key(one), judgement);
    for (const { stored } of judgement.released) kept.add(refOf(stored));
  }
  if (kept.size > 0) for (const one of incoming) if (one.category === DIRECTORY) kept.add(refOf(one));
  const receivers = directory.receivers.filter((receiver) =>
    judgements
      .get(key(receiver))
      ?.released.some(({ stored }) => stored.exchange !== undefined && receiver.categories.includes(stored.category)),
  );
  const reasons = [...new Set([...judgements.values()].flatMap((one) => one.decision.reasons))].sort();
  return {
    kept,
    receivers: receivers.map((one) => one.id),
    reasons: reasons.length > 0 ? reasons : ['NO_CONSENT'],
    dropped: dropped(incoming, kept, judgements),
  };
}

/** What may be kept is for the family's own statements; Mitz is asked when something is to leave. */
const MITZ_LATER = { mitz: 'permit' } as const;

const key = ({ organisation, discipline }: Pick<CareFunction, 'organisation' | 'discipline'>): string =>
  `${organisation}/${discipline}`;
const refOf = (one: StoredResource): string => `${one.type}/${one.id}`;

function dropped(
  incoming: readonly StoredResource[],
  kept: ReadonlySet<string>,
  judgements: ReadonlyMap<string, Judgement>,
): Plan['dropped'] {
  const groups = new Map<string, { type: string; category: string; count: number; reasons: Set<string> }>();
  for (const one of incoming.filter((item) => !kept.has(refOf(item)))) {
    const name = `${one.type} ${one.category}`;
    const group = groups.get(name) ?? { type: one.type, category: one.category, count: 0, reasons: new Set<string>() };
    group.count += 1;
    for (const judgement of judgements.values()) {
      for (const { stored, reasons } of judgement.withheld)
        if (stored === one) for (const reason of reasons) group.reasons.add(reason);
    }
    groups.set(name, group);
  }
  return [...groups.values()].map((group) => ({ ...group, reasons: [...group.reasons].sort() }));
}
