import type { EpisodeOfCare, Patient, RelatedPerson, Resource } from '@medplum/fhirtypes';
import type { Custodian, PatientParty } from '../consent/types.ts';
import { EXTENSIONS, extension, POLI_SYSTEM } from '../fhir/extensions.ts';
import type { PatientFile } from '../store/records.ts';

/** The persons around one record, as the consent decision needs them: who the patient is, who has custody, who is the same person as whom. */
export function toParty(file: PatientFile): PatientParty {
  const ref = `Patient/${file.patient}`;
  const patient = ofType<Patient>(file, 'Patient')[0];
  const relatives = ofType<RelatedPerson>(file, 'RelatedPerson');
  const mothers = relatives.filter(isMother);
  const representatives = relatives.filter((one) => extension(one, EXTENSIONS.representative)?.valueBoolean);
  return {
    ref,
    birthDate: patient?.birthDate ?? '',
    selfRefs: [ref],
    ...(patient && isDeceased(patient) && { deceased: true }),
    ...(representatives.length > 0 && { representative: representatives.flatMap(refsOf) }),
    custody: relatives.filter((one) => extension(one, EXTENSIONS.custody)).map(toCustodian),
    ...(mothers.length > 0 && { mother: mothers.flatMap(refsOf) }),
  };
}

/** The persons in a record who have a record of their own (a mother beside her child): their own consent counts for facts about them. */
export function linkedPatients(file: PatientFile): { patient: string; alias: string }[] {
  return ofType<RelatedPerson>(file, 'RelatedPerson').flatMap((one) => {
    const same = extension(one, EXTENSIONS.samePerson)?.valueReference?.reference;
    return same?.startsWith('Patient/')
      ? [{ patient: same.slice('Patient/'.length), alias: `RelatedPerson/${one.id}` }]
      : [];
  });
}

/** The poli of the family: that of the active EpisodeOfCare; never the asker's claim. */
export function poliOf(file: PatientFile): string | undefined {
  const episodes = ofType<EpisodeOfCare>(file, 'EpisodeOfCare').filter((one) => one.status === 'active');
  const codes = episodes.flatMap((one) => one.type ?? []).flatMap((type) => type.coding ?? []);
  return codes.findLast((coding) => coding.system === POLI_SYSTEM)?.code;
}

function toCustodian(one: RelatedPerson): Custodian {
  const custody = extension(one, EXTENSIONS.custody)?.valueCode;
  return {
    name: `RelatedPerson/${one.id}`,
    refs: refsOf(one),
    custodial: custody === 'yes' ? true : custody === 'no' ? false : 'unknown',
    ...(extension(one, EXTENSIONS.court)?.valueBoolean && { court: true }),
  };
}

/** v3-RoleCode: the mother, the natural and the gestational mother; never a stepmother or one by adoption. */
const MOTHERS: readonly (string | undefined)[] = ['MTH', 'NMTH', 'GESTM'];

const isMother = (one: RelatedPerson): boolean =>
  one.relationship?.some((concept) => concept.coding?.some(({ code }) => MOTHERS.includes(code))) === true;

function refsOf(one: RelatedPerson): string[] {
  const same = extension(one, EXTENSIONS.samePerson)?.valueReference?.reference;
  return [`RelatedPerson/${one.id}`, ...(same ? [same] : [])];
}

const isDeceased = (patient: Patient): boolean => Boolean(patient.deceasedBoolean || patient.deceasedDateTime);

function ofType<T extends Resource>(file: PatientFile, type: T['resourceType']): T[] {
  return file.resources.filter((one) => one.type === type).map((one) => one.resource as T);
}
