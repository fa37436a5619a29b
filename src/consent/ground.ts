import { isSensitive } from './labels.ts';
import type { ItemFacts } from './match.ts';
import { type Opinion, opinionOf, type Speaker } from './opinion.ts';
import type { ReasonCode } from './reasons.ts';
import type { RecordVoices } from './record.ts';
import type { Settings } from './settings.ts';

/** The answer of all persons together on one item, before break-glass and the limits that consent cannot lift. */
export interface Ground {
  readonly kind: 'permit' | 'objection' | 'stop' | 'nothing';
  readonly reasons: readonly ReasonCode[];
  readonly opinions: readonly Opinion[];
}

/** What besides the persons bears on the ground. `referral`: a referral for treatment that the family knows of. */
export interface GroundRules {
  readonly config: Settings;
  readonly mitzObjection?: ReasonCode;
  readonly referral: boolean;
}

/**
 * Everyone with a say is heard separately and the answers are AND-ed: one objection is final, then one statement that may not be interpreted, then one
 * permission that is missing. What is missing can be presumed, for data that are not sensitive: of a second parent where the setting says so, and of
 * everybody for a referral the family knows of (presumed consent for a referral, WGBO, BW 7:457).
 */
export function groundOf(record: RecordVoices, item: ItemFacts, rules: GroundRules): Ground {
  const opinions = record.speakers.map((speaker) => opinionOf(speaker, item, rules.config));
  const permits = sidesOf(record, opinions).some((side) => side.length > 0 && side.every(isPermit));
  const objections = objectionReasons(opinions);
  if (rules.mitzObjection && !(permits && !rules.config.mitzDenyWins)) objections.push(rules.mitzObjection);
  if (objections.length > 0) return { kind: 'objection', reasons: objections, opinions };
  const stops = opinions.filter((one) => one.personal.verdict === 'stop').flatMap((one) => one.personal.reasons);
  if (stops.length > 0) return { kind: 'stop', reasons: stops, opinions };
  if (permits) return { kind: 'permit', reasons: ['CONSENT'], opinions };
  const presumed =
    opinions.length > 0 && !isSensitive(item.sensitivity) ? presumedReason(record, opinions, rules) : undefined;
  if (presumed) return { kind: 'permit', reasons: [presumed], opinions };
  return { kind: 'nothing', reasons: missingReasons(record, opinions), opinions };
}

/** Who must permit together. Where one side is enough: those with custody, or the child. */
function sidesOf({ oneSide, speakers }: RecordVoices, opinions: readonly Opinion[]): readonly (readonly Opinion[])[] {
  if (!oneSide) return [opinions];
  const isChild = (index: number): boolean => speakers[index]?.say.basis === 'child-12-to-15';
  return [opinions.filter((_, index) => !isChild(index)), opinions.filter((_, index) => isChild(index))];
}

const isPermit = (one: Opinion): boolean => one.personal.verdict === 'permit';

function objectionReasons(opinions: readonly Opinion[]): ReasonCode[] {
  if (opinions.length > 0 && opinions.every((one) => one.general)) return ['CONSENT_REFUSED'];
  return opinions.filter((one) => one.personal.verdict === 'objection').flatMap((one) => one.personal.reasons);
}

function presumedReason(
  { speakers, oneSide }: RecordVoices,
  opinions: readonly Opinion[],
  { config, referral }: GroundRules,
): ReasonCode | undefined {
  const basis = (index: number): string | undefined => speakers[index]?.say.basis;
  const parents = opinions.filter((_, index) => basis(index) === 'custody');
  const others = opinions.filter(
    (_, index) => basis(index) !== 'custody' && !(oneSide && basis(index) === 'child-12-to-15'),
  );
  const oneParent = parents.some(isPermit) && others.every(isPermit);
  if (config.bothParents === 'one-unless-objection' && oneParent) return 'PRESUMED_SECOND_PARENT';
  return referral ? 'IMPLIED_REFERRAL' : undefined;
}

/** Who decides comes before what was decided: with custody unknown nothing else is to be said. */
function missingReasons(record: RecordVoices, opinions: readonly Opinion[]): ReasonCode[] {
  if (record.problem) return [record.problem];
  if (opinions.every((one) => one.missing)) return [record.silence];
  const reasons = opinions.flatMap((one, index) =>
    one.missing ? [missingReason(record.speakers[index])] : one.personal.reasons,
  );
  return reasons.includes('CUSTODY_UNKNOWN') ? ['CUSTODY_UNKNOWN'] : reasons;
}

const missingReason = (speaker: Speaker | undefined): ReasonCode =>
  speaker?.say.basis === 'child-12-to-15' ? 'CHILD_COCONSENT_MISSING' : 'CUSTODIAN_CONSENT_MISSING';
