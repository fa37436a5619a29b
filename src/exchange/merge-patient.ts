import type { ContactPoint, Patient } from '@medplum/fhirtypes';
import canonicalize from 'canonicalize';
import { EXTENSIONS } from '../fhir/extensions.ts';

/**
 * Demographics from two systems in one Patient: an element that the newer message carries replaces the older, what it leaves out stays, what it clears on
 * purpose (`cleared-part`, the HL7 null) goes, identifiers add up by system, and the gateway's own extensions cannot be removed by a source. An address that
 * either side calls protected is protected. Undefined when nothing changes.
 */
export function mergePatient(current: Patient | undefined, incoming: Patient): Patient | undefined {
  const { cleared, patient } = withoutMarks(incoming);
  if (!current) return patient;
  const { meta: _current, ...before } = current;
  const { meta: _incoming, id: _id, ...change } = patient;
  const guarded = isProtected(before) || isProtected(change);
  const kept = without(before, [...cleared, ...choicesOf(change)]);
  const telecom = mergeTelecom(kept.telecom, change.telecom);
  const merged: Patient = {
    ...kept,
    ...change,
    ...(telecom.length > 0 && { telecom }),
    identifier: union(change.identifier, kept.identifier, (one) => one.system ?? ''),
    extension: union(kept.extension, change.extension, (one) => one.url).map((one) =>
      guarded && one.url === EXTENSIONS.protectedAddress ? { ...one, valueBoolean: true } : one,
    ),
  };
  if (!merged.identifier?.length) delete merged.identifier;
  if (!merged.extension?.length) delete merged.extension;
  return canonicalize(merged) === canonicalize(before) ? undefined : merged;
}

/** What a message may clear, with the elements that hold it. Identifiers, birth date and protection are not among them. */
const PARTS: { readonly [part: string]: readonly (keyof Patient)[] } = {
  name: ['name'],
  gender: ['gender'],
  address: ['address'],
  communication: ['communication'],
  maritalStatus: ['maritalStatus'],
  multipleBirth: ['multipleBirthBoolean', 'multipleBirthInteger'],
  deceased: ['deceasedBoolean', 'deceasedDateTime'],
  generalPractitioner: ['generalPractitioner'],
};

/** The parts that a message clears, and the Patient without these marks: they are an instruction and no fact. */
function withoutMarks(incoming: Patient): { cleared: string[]; patient: Patient } {
  const marks = (incoming.extension ?? []).filter((one) => one.url === EXTENSIONS.clearedPart);
  if (marks.length === 0) return { cleared: [], patient: incoming };
  const { extension, ...rest } = incoming;
  const others = (extension ?? []).filter((one) => one.url !== EXTENSIONS.clearedPart);
  return {
    cleared: marks.flatMap((one) => one.valueCode ?? []),
    patient: { ...rest, ...(others.length > 0 && { extension: others }) },
  };
}

/** A choice element (`deceased[x]`) that comes in one form takes the place of its other forms. */
const choicesOf = (change: Partial<Patient>): string[] =>
  ['multipleBirth', 'deceased'].filter((part) => PARTS[part]?.some((key) => change[key] !== undefined));

function without(before: Patient, cleared: readonly string[]): Patient {
  const after: Patient = { ...before };
  for (const part of cleared) for (const key of PARTS[part] ?? []) delete after[key];
  if (cleared.includes('telecom')) after.telecom = after.telecom?.filter(isWork);
  if (cleared.includes('telecom-work')) after.telecom = after.telecom?.filter((one) => !isWork(one));
  if (cleared.includes('birthPlace')) after.extension = after.extension?.filter((one) => one.url !== BIRTH_PLACE);
  // That there is a secret address stays, whoever clears it.
  const secret = before.address?.filter((one) => one.extension?.some(({ valueCode }) => valueCode === 'masked')) ?? [];
  if (cleared.includes('address') && secret.length > 0) after.address = secret;
  if (!after.telecom?.length) delete after.telecom;
  return after;
}

const BIRTH_PLACE = 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace';

const isWork = ({ use }: ContactPoint): boolean => use === 'work';

/** Numbers at work and the other ones come in fields of their own: new ones of one kind leave those of the other as they are. */
function mergeTelecom(before: ContactPoint[] = [], change: ContactPoint[] = []): ContactPoint[] {
  const isOther = (one: ContactPoint) => !isWork(one);
  const newer = (kind: (one: ContactPoint) => boolean) => (change.some(kind) ? change : before).filter(kind);
  return [...newer(isOther), ...newer(isWork)];
}

const isProtected = ({ extension }: Pick<Patient, 'extension'>): boolean =>
  extension?.some((one) => one.url === EXTENSIONS.protectedAddress && one.valueBoolean === true) ?? false;

function union<T>(first: T[] | undefined, second: T[] | undefined, key: (one: T) => string): T[] {
  const seen = new Set((first ?? []).map(key));
  return [...(first ?? []), ...(second ?? []).filter((one) => !seen.has(key(one)))];
}
