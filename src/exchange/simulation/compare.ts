import type { Policy } from '../../policy/policy.ts';
import type { StoredResource } from '../../store/records.ts';
import { type ItemOutcome, outputOf } from '../decision-receipt.ts';
import type { Judgement } from '../judge.ts';

/** What one question comes to under another policy. */
export interface Flip {
  /** Items or elements that go out now and did not before. */
  readonly opens: readonly ItemFlip[];
  /** Items or elements that went out before and do not now. */
  readonly closes: readonly ItemFlip[];
}

export interface ItemFlip {
  readonly ref: string;
  readonly category: string;
  /** In codes and element names. */
  readonly before: string;
  readonly after: string;
}

/** Compares the judgements of one question under two policies, item by item. Pure. */
export function compare(
  considered: readonly StoredResource[],
  judgeUnder: (policy: Policy) => Judgement,
  before: Policy,
  after: Policy,
): Flip {
  const was = outcomes(considered, judgeUnder(before));
  const is = outcomes(considered, judgeUnder(after));
  const opens: ItemFlip[] = [];
  const closes: ItemFlip[] = [];
  considered.forEach((one, at) => {
    const [old, now] = [was[at], is[at]];
    if (!old || !now) return;
    const flip = {
      ref: `${one.type}/${one.id}`,
      category: one.category,
      before: tell(old, now),
      after: tell(now, old),
    };
    if (gives(now, old)) opens.push(flip);
    if (gives(old, now)) closes.push(flip);
  });
  return { opens, closes };
}

const outcomes = (considered: readonly StoredResource[], judgement: Judgement): (ItemOutcome | undefined)[] => {
  const { outcomes: all, items } = outputOf(judgement, considered, []);
  return items.map(([place]) => all[place]);
};

/** Whether the one gives something that the other does not. */
function gives(one: ItemOutcome, other: ItemOutcome): boolean {
  if (one.outcome === 'withheld') return false;
  if (other.outcome === 'withheld') return true;
  return other.removed.some((path) => !one.removed.includes(path));
}

/** An outcome in short, beside another: elements that both leave out are of no interest. */
function tell(one: ItemOutcome, other: ItemOutcome): string {
  if (one.outcome === 'withheld') return `withheld (${[...one.reasons, one.view ?? ''].filter(Boolean).join(', ')})`;
  const without = one.removed.filter((path) => !other.removed.includes(path));
  return without.length > 0 && other.outcome === 'released' ? `released without ${without.join(', ')}` : 'released';
}
