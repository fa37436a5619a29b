import type { ConsentRef, ItemDerivation, Redaction } from './derivation.ts';
import { type Ground, type GroundRules, groundOf } from './ground.ts';
import { CATEGORIES, isOnlyHiv, isSensitive, sensitivityOf } from './labels.ts';
import type { ItemFacts } from './match.ts';
import { type Opinion, opinionOf } from './opinion.ts';
import { type ReasonCode, sortReasons } from './reasons.ts';
import type { RecordVoices } from './record.ts';
import type { Item } from './types.ts';

/** What is the same for all items of one decision. `about` gives the voices on the record of a third person, if there is such a record. */
export interface ItemRules extends GroundRules {
  readonly subjects: ReadonlySet<string>;
  readonly record: RecordVoices;
  readonly view: ReadonlySet<string>;
  readonly bsn: boolean;
  readonly breakGlass: boolean;
  /** The sensitivity labels in use. */
  readonly labels: ReadonlySet<string>;
  /** The woman who gave birth to the patient, where facts about her go along with the child's (setting motherForNewborn). */
  readonly motherOfNewborn: ReadonlySet<string>;
  about(ref: string): RecordVoices | undefined;
}

type Verdicts = ItemDerivation['people'];

const REDACTION_REASON: Readonly<Record<Redaction, ReasonCode>> = {
  'third-party': 'THIRD_PARTY_REDACTED',
  address: 'PROTECTED_ADDRESS',
  bsn: 'BSN_NOT_ENTITLED',
};

/** The decision on one item, in order: is it of this patient and labelled, what the family says, break-glass, and the limits nobody can lift. */
export function judgeItem(item: Item, rules: ItemRules): ItemDerivation {
  if (!rules.subjects.has(item.subject)) return withheld(['OTHER_PATIENT']);
  const { category } = item;
  if (category === undefined || !CATEGORIES.has(category)) return withheld(['LABEL_MISSING']);
  const facts: ItemFacts = {
    ref: item.ref,
    category,
    date: item.date,
    sensitivity: sensitivityOf(item.labels, rules.labels),
  };
  const ground = afterBreakGlass(groundOf(rules.record, facts, rules), rules);
  const people: Verdicts = ground.opinions.map((one) => one.personal);
  if (ground.kind !== 'permit') return withheld(sortReasons(ground.reasons), people);
  if (!rules.view.has(category)) return withheld(['VIEW_NOT_ENTITLED'], people);
  const third = thirdParty(item, facts, rules);
  const withThird = third && { thirdParty: third };
  if (third && !third.permits && item.aboutWhole)
    return { ...withheld(['THIRD_PARTY_REDACTED'], people), ...withThird };
  const redactions = redactionsOf(item, third?.permits === false, rules.bsn);
  return {
    outcome: redactions.length > 0 ? 'redact' : 'release',
    reasons: redactions.length > 0 ? redactions.map((one) => REDACTION_REASON[one]) : ground.reasons,
    redactions,
    carriedBy: carriedBy(ground.opinions, third?.permits ? third.people : []),
    people,
    ...withThird,
  };
}

export const withheld = (reasons: readonly ReasonCode[], people: Verdicts = []): ItemDerivation => ({
  outcome: 'withhold',
  reasons,
  redactions: [],
  carriedBy: [],
  people,
});

/** Break-glass stands in for what is missing; for an objection, or a statement that might be one, only where the setting says so. */
function afterBreakGlass(ground: Ground, { breakGlass, config }: ItemRules): Ground {
  const lifts = breakGlass && (ground.kind === 'nothing' || (ground.kind !== 'permit' && config.btgOverridesObjection));
  return lifts ? { ...ground, kind: 'permit', reasons: ['BTG_OVERRIDE'] } : ground;
}

/**
 * What the item tells about somebody else may only go with that person's own consent, on that person's own record, given in full by everyone who decides
 * there (inspection may not harm the privacy of another, BW 7:456): nothing is presumed, and neither a parent's signature nor break-glass lifts it. The
 * setting motherForNewborn is the one exception.
 */
function thirdParty(item: Item, facts: ItemFacts, rules: ItemRules): ItemDerivation['thirdParty'] {
  if (!item.about || rules.subjects.has(item.about))
    return item.aboutWhole && !item.about ? { ref: 'unknown', permits: false, people: [] } : undefined;
  const speakers = rules.about(item.about)?.speakers ?? [];
  const people = speakers.map((speaker) => opinionOf(speaker, facts, rules.config).personal);
  const permits = people.length > 0 && people.every((one) => one.verdict === 'permit');
  return { ref: item.about, permits: permits || isImplied(item.about, facts, people, rules), people };
}

/** What the care for a newborn needs to know of the mother. */
const NEEDED_OF_MOTHER: ReadonlySet<string> = new Set(['history', 'diagnostics', 'medication', 'obstetric']);

/** Her own objection on her own record stands, and so does a statement of hers that may not be interpreted. */
function isImplied(about: string, { category, sensitivity }: ItemFacts, people: Verdicts, rules: ItemRules): boolean {
  return (
    rules.motherOfNewborn.has(about) &&
    NEEDED_OF_MOTHER.has(category) &&
    (!isSensitive(sensitivity) || isOnlyHiv(sensitivity)) &&
    !people.some((one) => one.verdict === 'objection' || one.verdict === 'stop')
  );
}

function redactionsOf(item: Item, thirdPartyRefuses: boolean, bsnAllowed: boolean): Redaction[] {
  const redactions: Redaction[] = [];
  if (thirdPartyRefuses) redactions.push('third-party');
  if (item.protectedAddress) redactions.push('address');
  if (item.hasBsn && !bsnAllowed) redactions.push('bsn');
  return redactions;
}

function carriedBy(opinions: readonly Opinion[], third: Verdicts): ConsentRef[] {
  const found = new Map<string, ConsentRef>();
  for (const { winning } of [...opinions.map((one) => one.personal), ...third]) {
    for (const { consent, type } of winning)
      if (type === 'permit') found.set(`${consent.id}/${consent.version ?? ''}`, consent);
  }
  return [...found.values()];
}
