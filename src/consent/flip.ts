import { apply, type Change, changeKey, namingOf } from './change.ts';
import { decide } from './decide.ts';
import type { ConsentRef, ItemDerivation, PersonalVerdict } from './derivation.ts';
import type { ReasonCode } from './reasons.ts';
import type { Decision, DecisionInput, Entitlements, Item, Outcome } from './types.ts';

/** What would have to be otherwise for one item to go the other way, or why nothing would do. */
export type Flip =
  | { readonly outcome: Outcome; readonly becomes: Outcome; readonly changes: readonly Change[] }
  /** `standing`: the reasons that are left when everything that can change has changed. */
  | { readonly outcome: Outcome; readonly standing: readonly ReasonCode[] };

/**
 * The smallest change that would turn the outcome of one item: an item that is withheld goes out (if need be redacted), one that is redacted goes out
 * whole, one that is released is withheld. Reads the derivation: every obstacle it names can be taken away by certain changes, and after each the same
 * question is decided again, fewest changes first. Not for the hot path: computed when somebody asks why. Undefined for an item that is not in the input.
 */
export function flipOf(input: DecisionInput, entitlements: Entitlements, ref: string): Flip | undefined {
  const resources = input.resources.filter((one) => one.ref === ref);
  const [item] = resources;
  if (!item) return undefined;
  const question: DecisionInput = { ...input, resources };
  const world = (changes: readonly Change[]): World => {
    const changed = changes.reduce((all, change) => apply(all, item, change), question);
    const decision = decide(changed, entitlements);
    return { input: changed, decision, found: decision.derivation.items[ref] as ItemDerivation };
  };
  const { outcome } = world([]).found;
  const isTurned = ({ found }: World): boolean =>
    outcome === 'withhold'
      ? found.outcome !== 'withhold'
      : found.outcome === (outcome === 'redact' ? 'release' : 'withhold');
  const next = (at: World): Change[] => (outcome === 'release' ? objections(at) : remedies(at, item));

  const everything = climb(world, next, isTurned);
  if (!isTurned(world(everything))) return { outcome, standing: world(everything).found.reasons };
  const changes = fewest(world, next, isTurned) ?? spare(everything, (some) => isTurned(world(some)));
  return { outcome, becomes: world(changes).found.outcome, changes };
}

/** The question in a changed world, and what is decided there on the one item. */
interface World {
  readonly input: DecisionInput;
  readonly decision: Decision;
  readonly found: ItemDerivation;
}

type Search = [
  world: (changes: readonly Change[]) => World,
  next: (at: World) => Change[],
  isTurned: (at: World) => boolean,
];

/** Takes away every obstacle at once, again and again, until the outcome turns or nothing is left that could change. */
function climb(...[world, next, isTurned]: Search): Change[] {
  const changes = new Map<string, Change>();
  for (;;) {
    const at = world([...changes.values()]);
    const more = isTurned(at) ? [] : next(at).filter((one) => !changes.has(changeKey(one)));
    if (more.length === 0) return [...changes.values()];
    for (const one of more) changes.set(changeKey(one), one);
  }
}

/** No family comes near; a list of statements without end must not hold up the answer. */
const MOST_WORLDS = 3_000;

/** Fewest changes first. Some change of every turning set takes away an obstacle that stands, so only those are tried. */
function fewest(...[world, next, isTurned]: Search): Change[] | undefined {
  const seen = new Set<string>();
  let layer: Change[][] = [[]];
  while (layer.length > 0) {
    const following: Change[][] = [];
    for (const changes of layer) {
      const at = world(changes);
      if (isTurned(at)) return changes;
      for (const change of next(at)) {
        const more = [...changes, change];
        const key = more.map(changeKey).sort().join();
        if (!changes.some((one) => changeKey(one) === changeKey(change)) && !seen.has(key)) {
          seen.add(key);
          following.push(more);
        }
      }
      if (seen.size > MOST_WORLDS) return undefined;
    }
    layer = following;
  }
  return undefined;
}

/** Without the changes that are not needed. */
function spare(changes: readonly Change[], turns: (some: readonly Change[]) => boolean): Change[] {
  return changes.reduce<Change[]>(
    (kept, change) => {
      const fewer = kept.filter((one) => one !== change);
      return turns(fewer) ? fewer : kept;
    },
    [...changes],
  );
}

/** Reasons that are no matter of consent and that nothing in this vocabulary takes away. */
const LIMITS: ReadonlySet<ReasonCode> = new Set([
  'OTHER_PATIENT',
  'LABEL_MISSING',
  'VIEW_NOT_ENTITLED',
  'PROTECTED_ADDRESS',
  'BSN_NOT_ENTITLED',
]);

const HARD_STOP_REMEDY: Partial<Record<ReasonCode, Change>> = {
  REGISTRY_UNAVAILABLE: { change: 'registers-answer' },
  NO_TREATMENT_RELATION: { change: 'relation-recorded' },
  BTG_NO_REASON: { change: 'reason-given' },
  BTG_NOT_AVAILABLE: { change: 'asks-for-one-patient' },
};

/** The changes that take away something of what stands in the way of an item. */
function remedies({ input, decision, found }: World, item: Item): Change[] {
  const { hardStop, people } = decision.derivation;
  if (hardStop) return [HARD_STOP_REMEDY[hardStop] ?? []].flat();
  if (found.reasons.some((one) => LIMITS.has(one))) return [];
  const third = found.thirdParty;
  if (found.reasons.includes('THIRD_PARTY_REDACTED'))
    return (third?.people ?? []).flatMap((one) => personal(one, third?.ref ?? '', item, false));
  const record = input.request.patient;
  const own = found.people.flatMap((one, index) =>
    personal(one, record, item, people[index]?.basis === 'custody-unknown'),
  );
  const child: Change[] = people.some((one) => one.until)
    ? [{ change: 'permits', person: 'child', ref: record, record, naming: namingOf(item) }]
    : [];
  const mitz: Change[] = found.reasons.some((one) => one.startsWith('MITZ')) ? [{ change: 'mitz-permits' }] : [];
  return [...own, ...child, ...mitz];
}

/** What one person could do, who does not permit the item yet. */
function personal(verdict: PersonalVerdict, record: string, item: Item, unsure: boolean): Change[] {
  const { person, ref } = verdict;
  if (verdict.verdict === 'permit' || ref === undefined) return [];
  const speaks = { person, ref, record };
  const objecting = distinct(verdict.winning.map((one) => one.consent));
  const silenced = verdict.losing.filter((one) => one.type === 'deny').map((one) => one.consent);
  const all = distinct([...objecting, ...silenced]);
  const ends = [
    verdict.stoppedBy,
    verdict.verdict === 'objection' ? objecting : [],
    all.length > objecting.length ? all : [],
  ];
  return [
    ...ends.filter((one) => one.length > 0).map((consents): Change => ({ change: 'ends', ...speaks, consents })),
    { change: 'permits', ...speaks, naming: namingOf(item) },
    ...(unsure ? [false, true].map((custodial): Change => ({ change: 'custody-recorded', ...speaks, custodial })) : []),
  ];
}

const distinct = (refs: readonly ConsentRef[]): ConsentRef[] => [
  ...new Map(refs.map((one) => [`${one.id}/${one.version ?? ''}`, one])).values(),
];

/** One objection is enough: anybody with a say can make it. */
const objections = ({ input, found }: World): Change[] =>
  found.people.flatMap(({ person, ref }) =>
    ref === undefined ? [] : [{ change: 'objects', person, ref, record: input.request.patient }],
  );
