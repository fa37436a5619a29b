import type { PersonalVerdict } from './derivation.ts';
import { contest, type ItemFacts, type Match, type Miss, matchItem } from './match.ts';
import type { Stated } from './provisions.ts';
import type { ReasonCode } from './reasons.ts';
import type { Settings } from './settings.ts';
import { nearer, type Voice } from './voice.ts';
import type { Say } from './who-decides.ts';

/** What someone with a say says about one item. */
export interface Opinion {
  readonly personal: PersonalVerdict;
  /** The objection is to sharing as such, not to a recipient or to some data. */
  readonly general: boolean;
  /** Nothing at all is on record that could have permitted this. */
  readonly missing: boolean;
}

/** Someone with a say, with his or her own voice and, where a court spoke in this person's place, that of the court. */
export interface Speaker {
  readonly say: Say;
  readonly voices: readonly Voice[];
}

const MISS_REASON: Readonly<Record<Miss, ReasonCode>> = {
  recipient: 'RECIPIENT_NOT_COVERED',
  purpose: 'PURPOSE_MISMATCH',
  // There is no code of its own for data that no permit names: from where the recipient stands, nothing covers it for the item.
  'other-data': 'RECIPIENT_NOT_COVERED',
  'data-period': 'OUTSIDE_DATA_PERIOD',
  sensitive: 'SENSITIVE_NOT_INCLUDED',
};

const OBJECTION_REASON: Readonly<Record<Exclude<Stated, 'general'>, ReasonCode>> = {
  item: 'ITEM_OBJECTION',
  label: 'CATEGORY_OBJECTION',
  'data-period': 'OUTSIDE_DATA_PERIOD',
  discipline: 'DISCIPLINE_OBJECTION',
  org: 'ORG_OBJECTION',
};

/** What one person says about one item: a statement that may not be interpreted stops all, then objection, then permit, then nothing. */
export function opinionOf({ say, voices }: Speaker, item: ItemFacts, settings: Settings): Opinion {
  const heard = voices.map((voice) => hear(voice, item, settings));
  const chosen =
    VERDICTS.map((verdict) => heard.find((one) => one.verdict === verdict)).find((one) => one) ??
    heard.find((one) => one.reasons.length > 0) ??
    NOTHING;
  const { verdict, winning, losing, stoppedBy } = chosen;
  const objections = verdict === 'objection' ? winning.map((match) => objectionReason(match.rule.stated, say)) : [];
  const unsure = unsureReason(say, verdict, winning);
  const reasons: readonly ReasonCode[] = unsure ? [unsure] : verdict === 'objection' ? objections : chosen.reasons;
  return {
    personal: {
      person: say.name,
      ref: say.refs[0],
      verdict: unsure ? 'nothing' : verdict,
      reasons,
      winning: winning.map((match) => match.ref),
      losing,
      stoppedBy,
    },
    general: verdict === 'objection' && winning.every((match) => match.rule.stated === 'general'),
    missing: verdict === 'nothing' && reasons.length === 0,
  };
}

/** Why a permission does not count (nor its absence, while it is not sure that it is needed): custody is uncertain, or it came too late for the child. */
function unsureReason(say: Say, verdict: Heard['verdict'], winning: readonly Match[]): ReasonCode | undefined {
  if (verdict !== 'permit' && verdict !== 'nothing') return undefined;
  if (say.basis === 'custody-unknown') return 'CUSTODY_UNKNOWN';
  const { before } = say;
  const late = before !== undefined && verdict === 'permit' && !winning.some(({ madeBy }) => madeBy && madeBy < before);
  return late ? 'CHILD_COCONSENT_MISSING' : undefined;
}

interface Heard {
  readonly verdict: PersonalVerdict['verdict'];
  readonly reasons: readonly ReasonCode[];
  readonly winning: readonly Match[];
  readonly losing: PersonalVerdict['losing'];
  readonly stoppedBy: PersonalVerdict['stoppedBy'];
}

const NOTHING: Heard = { verdict: 'nothing', reasons: [], winning: [], losing: [], stoppedBy: [] };

/** In which order the voices of one person are heard: the person's own objection outweighs a permit of the court, until it is ended in the register. */
const VERDICTS = ['stop', 'objection', 'permit'] as const;

function hear(voice: Voice, item: ItemFacts, { severalStatements, sensitiveTopics }: Settings): Heard {
  const { stops, superseded } = voice;
  if (stops.length > 0)
    return {
      ...NOTHING,
      verdict: 'stop',
      reasons: stops.map((one) => one.reason),
      stoppedBy: stops.map((one) => one.consent),
    };
  const matches: Match[] = [];
  let { nearest } = voice;
  for (const candidate of voice.candidates) {
    const found = matchItem(candidate, item, sensitiveTopics);
    if (typeof found !== 'string') matches.push(found);
    else if (candidate.rule.type === 'permit') nearest = nearer(nearest, found);
  }
  const { winning, losing } = contest(matches, severalStatements);
  const type = winning[0]?.rule.type;
  if (type === 'deny') return { ...NOTHING, verdict: 'objection', winning, losing };
  if (superseded.length > 0)
    return { ...NOTHING, verdict: 'stop', reasons: ['POLICY_VERSION_SUPERSEDED'], stoppedBy: superseded };
  if (type === 'permit') return { ...NOTHING, verdict: 'permit', winning, losing };
  const reason = nearest ? MISS_REASON[nearest] : voice.dormant;
  return reason ? { ...NOTHING, reasons: [reason] } : NOTHING;
}

function objectionReason(stated: Stated, say: Say): ReasonCode {
  if (stated !== 'general') return OBJECTION_REASON[stated];
  if (say.basis === 'child-12-to-15') return 'CHILD_OBJECTION';
  return say.basis === 'custody' || say.basis === 'custody-unknown' ? 'CUSTODIAN_OBJECTION' : 'CONSENT_REFUSED';
}
