import type { Consent, Patient } from '@medplum/fhirtypes';
import { addDays, addMonths, birthday } from '../consent/calendar.ts';
import { ageOn, dutchDay, type Moment, readMoment } from '../consent/dutch-date.ts';
import { readStatement } from '../consent/statement.ts';
import type { PatientFile } from '../store/records.ts';

/**
 * Something about consent that asks for somebody before a day: a birthday that changes who has a say, a young person who has one and has not spoken, a consent that ends or becomes
 * too old, a newborn whose own record has no consent.
 */
export interface Due {
  readonly kind: 'turns-12' | 'turns-16' | 'not-asked' | 'consent-ends' | 'consent-too-old' | 'birth-without-consent';
  readonly on: string;
  /** The Consent it is about (`Consent/id`), where it is about one. */
  readonly consent?: string;
}

/** What is due of one patient between today and so many days later, by the Dutch calendar. `maxAgeMonths`: how old a consent may become; 0 is no end. Pure. */
export function dueOf(
  file: Pick<PatientFile, 'patient' | 'resources' | 'consents'>,
  now: Date,
  { days, maxAgeMonths }: { readonly days: number; readonly maxAgeMonths: number },
): Due[] {
  const today = dutchDay(now.getTime());
  const last = addDays(today, days);
  const soon = (day: string | undefined): day is string => day !== undefined && day >= today && day <= last;
  const at = readMoment(now.toISOString()) as Moment;
  const valid = file.consents.filter((one) => readStatement(one, at).state === 'valid');
  const found: Due[] = [];
  for (const one of valid) {
    const consent = `Consent/${one.id}`;
    const ends = readMoment(one.provision?.period?.end)?.to;
    if (soon(ends)) found.push({ kind: 'consent-ends', on: ends, consent });
    const made = readMoment(one.dateTime)?.from;
    const old = maxAgeMonths > 0 && made ? addMonths(made, maxAgeMonths) : undefined;
    if (soon(old)) found.push({ kind: 'consent-too-old', on: old, consent });
  }
  return [...found, ...byAge(file, valid, today, soon)].sort((a, b) => (a.on < b.on ? -1 : 1));
}

function byAge(
  { patient, resources }: Pick<PatientFile, 'patient' | 'resources'>,
  valid: readonly Consent[],
  today: string,
  soon: (day: string | undefined) => boolean,
): Due[] {
  const person = resources.find((one) => one.type === 'Patient')?.resource as Patient | undefined;
  const born = readMoment(person?.birthDate);
  // A birth date of a month or a year alone has no birthday; who has a say cannot be told then either.
  if (!born || born.from !== born.to || born.from > today || person?.deceasedBoolean || person?.deceasedDateTime)
    return [];
  const [twelfth, sixteenth] = [birthday(born.from, 12), birthday(born.from, 16)];
  const found: Due[] = [];
  if (soon(twelfth) && twelfth > today) found.push({ kind: 'turns-12', on: twelfth });
  if (soon(sixteenth) && sixteenth > today) found.push({ kind: 'turns-16', on: sixteenth });
  const spoke = valid.some((one) => one.performer?.some(({ reference }) => reference === `Patient/${patient}`));
  const age = ageOn(born.from, today);
  if (age >= 12 && age < 18 && !spoke) found.push({ kind: 'not-asked', on: age < 16 ? twelfth : sixteenth });
  if (age < 1 && valid.length === 0) found.push({ kind: 'birth-without-consent', on: born.from });
  return found;
}
