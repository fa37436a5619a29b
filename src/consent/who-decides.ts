import type { SayBasis } from './derivation.ts';
import { ageOn, readMoment } from './dutch-date.ts';
import type { Custodian, PatientParty } from './types.ts';

/** Someone whose permission is needed. `court`: a court may have consented in this person's place. */
export interface Say {
  readonly name: string;
  readonly basis: SayBasis;
  readonly refs: readonly string[];
  readonly court: boolean;
}

/** Everyone with a say, or why that cannot be told. */
export type Deciders =
  | { readonly says: readonly Say[] }
  | { readonly says: readonly []; readonly problem: 'CUSTODY_UNKNOWN' | 'SUBJECT_MISMATCH' };

/** All references that are the patient. */
export const selfRefs = (patient: PatientParty): string[] => [patient.ref, ...patient.selfRefs];

/**
 * Who decides about the record of a patient on a Dutch calendar day, by age and custody on that day:
 * under 12 everyone with custody (BW 1:245 ff.); 12 to 15 everyone with custody and the child (WGBO, BW 7:450 and 7:465, strict reading for disclosure);
 * from 16 the patient alone (BW 7:447), or the legal representative of one who cannot decide (BW 7:465). Before birth there is no record of the child.
 */
export function whoDecides(patient: PatientParty | undefined, today: string): Deciders {
  const born = readMoment(patient?.birthDate);
  if (!patient || !born) return { says: [], problem: 'CUSTODY_UNKNOWN' };
  if (born.from > today) return { says: [], problem: 'SUBJECT_MISMATCH' };
  const bracket = bracketOf(ageOn(born.from, today));
  // A birth date of a month or a year alone may leave open in which bracket the patient is.
  if (bracket !== bracketOf(ageOn(born.to, today))) return { says: [], problem: 'CUSTODY_UNKNOWN' };
  if (bracket === 'from-16') return { says: [decidesAlone(patient)] };
  const custody = patient.custody ?? [];
  if (custody.length === 0) return { says: [], problem: 'CUSTODY_UNKNOWN' };
  const custodians = custody.filter((one) => one.custodial !== false).map(toSay);
  const child: Say = { name: 'child', basis: 'child-12-to-15', refs: selfRefs(patient), court: false };
  return { says: bracket === '12-to-15' && custodians.length > 0 ? [...custodians, child] : custodians };
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
