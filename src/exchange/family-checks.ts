import type { CareTeam, Patient, RelatedPerson, Resource } from '@medplum/fhirtypes';
import { EXTENSIONS } from '../fhir/extensions.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import type { Db } from '../store/database.ts';
import { isId } from '../store/pairwise.ts';
import type { PatientFile } from '../store/records.ts';
import { subjectOf } from './family-ids.ts';
import { isRelated, membersOf, speaksOf } from './relations.ts';

/** An entry as it will stand in the record: with the gateway's ids. */
export type Own = Resource & { id: string };

/** A known family is changed only by an organisation with a treatment relation now, that knows the birth date on record. */
export const mayChange = (
  file: PatientFile | undefined,
  current: Patient | undefined,
  given: Patient,
  organisation: string,
): boolean =>
  file?.relations.includes(organisation) === true &&
  current?.birthDate !== undefined &&
  current.birthDate === given.birthDate;

/** What makes entries unfit for this family: two in one place, or one that is about somebody else. */
export function faultOf(own: readonly Own[], patient: string): Refusal | undefined {
  const places = own.map((one) => `${one.resourceType}/${one.id}`);
  for (const [index, one] of own.entries()) {
    const path = `Bundle.entry[${index}].resource`;
    if (places.indexOf(places[index] ?? '') !== index) return refuse('fact-twice', path);
    const subject = subjectOf(one);
    if (subject && subject.reference !== `Patient/${patient}`)
      return refuse('fhir-invalid', `${path}.${subject.element}`, 'the Patient of this Bundle');
  }
  return undefined;
}

/** A recorder's own organisation never drops out of the list by being left out of it, and a new family has somebody who may come back to it. */
export function teamFault(
  own: readonly Own[],
  isNewPatient: boolean,
  organisation: string,
  now: Date,
): Refusal | undefined {
  const index = own.findIndex((one) => one.resourceType === 'CareTeam');
  const team = own[index] as CareTeam | undefined;
  if (isNewPatient)
    return team && membersOf(team, now).includes(organisation)
      ? undefined
      : refuse(
          'fhir-invalid',
          team ? `Bundle.entry[${index}].resource.participant` : 'Bundle.entry',
          'an active CareTeam with your own organisation',
        );
  return team?.status !== 'active' || speaksOf(team, organisation)
    ? undefined
    : refuse(
        'fhir-invalid',
        `Bundle.entry[${index}].resource.participant`,
        'your own organisation, with a period that has ended when it leaves',
      );
}

/** A relative may be tied to another record only by who has a treatment relation with that patient too. */
export async function strangeLink(
  trx: Db,
  own: readonly Own[],
  patient: string,
  organisation: string,
  now: Date,
): Promise<Refusal | undefined> {
  for (const [index, one] of own.entries()) {
    const links = ((one as RelatedPerson).extension ?? [])
      .filter((each) => each.url === EXTENSIONS.samePerson)
      .map((each) => each.valueReference?.reference ?? '')
      .filter((each) => !each.startsWith('Organization/'));
    for (const link of links) {
      const other = link.startsWith('Patient/') ? link.slice('Patient/'.length) : '';
      const allowed = isId(other) && other !== patient && (await isRelated(trx, other, organisation, now));
      if (!allowed)
        return refuse(
          'fhir-invalid',
          `Bundle.entry[${index}].resource.extension`,
          'a Patient you have a relation with',
        );
    }
  }
  return undefined;
}
