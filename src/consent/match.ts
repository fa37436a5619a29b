import type { ConsentRef, LostRule, RuleRef } from './derivation.ts';
import { dataInPeriod, type Moment, readMoment } from './dutch-date.ts';
import { denyReach, permitReach, type Sensitivity } from './labels.ts';
import type { Provision } from './provisions.ts';
import type { Settings } from './settings.ts';

/** What a rule is compared with on the side of the request. `purposes`: the purpose and every wider one, widest first. */
export interface Asked {
  readonly org: string;
  readonly sector?: string;
  readonly discipline: string;
  readonly purposes: readonly string[];
}

/** What a rule is compared with on the side of the item. */
export interface ItemFacts {
  readonly ref: string;
  readonly category: string;
  /** As FHIR writes it; read only where a rule asks for it. */
  readonly date?: string;
  readonly sensitivity: Sensitivity;
}

type ActorKind = 'none' | 'sector' | 'discipline' | 'org';

/** A rule that covers the request, by one of its actors, with how narrow it is on recipient and purpose. */
export interface Candidate {
  readonly rule: Provision;
  readonly ref: RuleRef;
  readonly actor: ActorKind;
  readonly purpose: number;
  /** The last Dutch calendar day on which the statement can have been made. */
  readonly madeBy?: string;
}

/** A candidate that covers the item too, with how narrow it is on the data. */
export interface Match extends Candidate {
  readonly data: number;
  readonly dated: number;
}

/** Where a permit failed, from the first test to the last: the further, the nearer it came to counting. */
export const MISSES = ['recipient', 'purpose', 'other-data', 'data-period', 'sensitive'] as const;
export type Miss = (typeof MISSES)[number];

/** The candidates a rule gives for this request, one per actor that matches, or where it failed. */
export function candidatesOf(
  rule: Provision,
  consent: ConsentRef,
  madeAt: Moment | undefined,
  asked: Asked,
): Candidate[] | Miss {
  const kinds = rule.actors ? actorKinds(rule.actors, asked) : (['none'] as const);
  if (kinds.length === 0) return 'recipient';
  const purpose = rule.purposes ? asked.purposes.findLastIndex((code) => rule.purposes?.includes(code)) + 1 : 0;
  if (rule.purposes && purpose === 0) return 'purpose';
  const ref: RuleRef = { consent, path: rule.path, type: rule.type };
  return kinds.map((actor) => ({ rule, ref, actor, purpose, ...(madeAt && { madeBy: madeAt.to }) }));
}

function actorKinds(actors: NonNullable<Provision['actors']>, asked: Asked): ActorKind[] {
  const kinds = new Set<ActorKind>();
  for (const actor of actors) if (actor.kind !== 'other' && actor.value === asked[actor.kind]) kinds.add(actor.kind);
  return [...kinds];
}

/** Whether a candidate covers the item; if not, where it failed. */
export function matchItem(candidate: Candidate, item: ItemFacts, topics: Settings['sensitiveTopics']): Match | Miss {
  const { rule } = candidate;
  const permit = rule.type === 'permit';
  if (rule.instances && !rule.instances.has(item.ref)) return 'other-data';
  const level = permit
    ? permitReach(rule.labels, item.category, item.sensitivity, topics)
    : (denyReach(rule.labels, item.category, item.sensitivity) ?? 'other-data');
  if (level === 'other-data') return level;
  if (rule.dataPeriod) {
    // In doubt about the date a permit does not reach the item and a refusal does.
    const lies = dataInPeriod(readMoment(item.date), rule.dataPeriod);
    if (lies === 'outside' || (permit && lies === 'unsure')) return 'data-period';
  }
  if (level === 'sensitive') return level;
  // An item named by itself is as narrow as data can be named, also in time.
  return { ...candidate, data: rule.instances ? 3 : level, dated: rule.instances || rule.dataPeriod ? 1 : 0 };
}

/** A is at least as narrow as B on every side. An organisation lies within a sector; a discipline cannot be compared with either. */
function atLeast(a: Match, b: Match): boolean {
  return (
    a.purpose >= b.purpose &&
    a.data >= b.data &&
    a.dated >= b.dated &&
    (a.actor === b.actor || b.actor === 'none' || (a.actor === 'org' && b.actor === 'sector'))
  );
}

const isNarrower = (a: Match, b: Match): boolean => atLeast(a, b) && !atLeast(b, a);

export interface Contest {
  readonly winning: readonly Match[];
  readonly losing: readonly LostRule[];
}

/**
 * The specific beats the general; of what is left (equally specific, or not comparable) the objection wins (Dutch generic function Consent, rule for
 * several statements). With the setting 'objection-wins' the first holds within one statement only, and any objection that is left wins. `winning` is all
 * of one type.
 */
export function contest(matches: readonly Match[], several: Settings['severalStatements']): Contest {
  if (matches.length < 2) return { winning: matches, losing: [] };
  const everywhere = several === 'specific-beats-general';
  const losing: LostRule[] = [];
  const left = matches.filter((match) => {
    const stronger = matches.find(
      (other) => isNarrower(other, match) && (everywhere || other.ref.consent === match.ref.consent),
    );
    if (stronger) losing.push({ ...match.ref, lostTo: stronger.ref, because: 'specific-beats-general' });
    return !stronger;
  });
  const objection = left.find((match) => match.rule.type === 'deny');
  if (!objection) return { winning: left, losing };
  const because = everywhere ? 'objection-wins-ties' : 'objection-wins';
  for (const { rule, ref } of left) if (rule.type === 'permit') losing.push({ ...ref, lostTo: objection.ref, because });
  return { winning: left.filter((match) => match.rule.type === 'deny'), losing };
}
