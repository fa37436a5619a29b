import { birthday } from './calendar.ts';
import type { SayBasis } from './derivation.ts';
import { ageOn, readMoment } from './dutch-date.ts';
import type { Settings } from './settings.ts';
import type { Custodian, PatientParty } from './types.ts';

/**
 * Someone whose permission is needed. `court`: a court may have consented in this person's place. `before`: only a permission given before this Dutch
 * calendar day counts (the 12th birthday of a child who has not spoken yet).
 */
export interface Say {
  readonly name: string;
  readonly basis: SayBasis;
  readonly refs: readonly string[];
  readonly court: boolean;
  readonly before?: string;
}

/** Everyone with a say, or why that cannot be told. `oneSide`: the parents together or the child, one of the two is enough. */
export type Deciders =
  | { readonly says: readonly Say[]; readonly oneSide?: true }
  | { readonly says: readonly []; readonly problem: 'CUSTODY_UNKNOWN' | 'SUBJECT_MISMATCH' };

/** What is on record of the child itself: nothing at all, something, or a permission that stands. */
export type ChildSpoke = 'silent' | 'spoke' | 'permitted';

/** All references that are the patient. */
export const selfRefs = (patient: PatientParty): string[] => [patient.ref, ...patient.selfRefs];

/**
 * Who decides about the record of a patient on a Dutch calendar day, by age and custody on that day:
 * under 12 everyone with custody (BW 1:245 ff.); 12 to 15 everyone with custody and the child (WGBO, BW 7:450 and 7:465, strict reading for disclosure;
 * the settings age12to15 and at12 read it otherwise);
 * from 16 the patient alone (BW 7:447), or the legal representative of one who cannot decide (BW 7:465). Before birth there is no record of the child.
 */
export function whoDecides(
  patient: PatientParty | undefined,
  today: string,
  child: ChildSpoke,
  { age12to15, at12 }: Pick<Settings, 'age12to15' | 'at12'>,
): Deciders {
  const born = readMoment(patient?.birthDate);
  if (!patient || !born) return { says: [], problem: 'CUSTODY_UNKNOWN' };
  if (born.from > today) return { says: [], problem: 'SUBJECT_MISMATCH' };
  const bracket = bracketOf(ageOn(born.from, today));
  // A birth date of a month or a year alone may leave open in which bracket the patient is.
  if (bracket !== bracketOf(ageOn(born.to, today))) return { says: [], problem: 'CUSTODY_UNKNOWN' };
  if (bracket === 'from-16') return { says: [decidesAlone(patient)] };
  const self: Say = { name: 'child', basis: 'child-12-to-15', refs: selfRefs(patient), court: false };
  // Before the child has permitted anything the parents' objections stand, whoever decides afterwards.
  if (bracket === '12-to-15' && age12to15 === 'child-alone' && child === 'permitted') return { says: [self] };
  const custody = patient.custody ?? [];
  if (custody.length === 0) return { says: [], problem: 'CUSTODY_UNKNOWN' };
  const custodians = custody.filter((one) => one.custodial !== false).map(toSay);
  if (bracket === 'under-12' || custodians.length === 0) return { says: custodians };
  if (age12to15 === 'either') return { says: [...custodians, self], oneSide: true };
  if (at12 !== 'parents-until-confirmed' || child !== 'silent') return { says: [...custodians, self] };
  return { says: custodians.map((one) => ({ ...one, before: birthday(born.from, 12) })) };
}

const bracketOf = (age: number): 'under-12' | '12-to-15' | 'from-16' =>
  age < 12 ? 'under-12' : age < 16 ? '12-to-15' : 'from-16';

function decidesAlone(patient: PatientParty): Say {
  const representative = [patient.representative ?? []].flat();
  if (representative.length > 0)
    return { name: 'representative', basis: 'represents', refs: representative, court: false };
  return { name: 'patient', basis: 'decides-alone', refs: selfRefs(patient), court: false };
}

/** Whoever is not known to be without custody counts as someone whose objection binds; a permit only counts when custody is certain. */
function toSay(one: Custodian): Say {
  return {
    name: one.name,
    basis: one.custodial === true ? 'custody' : 'custody-unknown',
    refs: one.refs,
    court: one.court === true,
  };
}
