import type { Identifier, Patient } from '@medplum/fhirtypes';
import { BSN_SYSTEM } from '../fhir/extensions.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import type { Db } from '../store/database.ts';
import type { Vault } from '../store/vault.ts';

/** The source's own numbers of a patient, as keyed hashes that mean something to this sender only. */
export const numbersOf = (vault: Vault, sender: string, identifiers: readonly Identifier[] = []): string[] =>
  identifiers.flatMap(({ system, value }) =>
    system && value && system !== BSN_SYSTEM ? [vault.stableId('patient-number', sender, system, value)] : [],
  );

/** The numbers that a message takes up in those of its patient (A40): `Patient.link` of type `replaces`. */
const replacedBy = ({ link = [] }: Patient): Identifier[] =>
  link.flatMap(({ type, other }) => (type === 'replaces' && other.identifier ? [other.identifier] : []));

/** Every number that a message names for its patient, those of a merge too. */
export const numbersNamedBy = (vault: Vault, sender: string, patient: Patient): string[] =>
  numbersOf(vault, sender, [...(patient.identifier ?? []), ...replacedBy(patient)]);

/** Whose numbers: of which sender, for which patient with which BSN. */
export interface Whose {
  readonly sender: string;
  readonly patient: string;
  readonly bsn: string;
}

/**
 * Whether the numbers of a message all belong to this patient or to nobody yet; those that are new are remembered, the former ones of a merge too: what comes
 * under them later is about the same patient. A number of another patient would put two people in one record: the message is refused whole, and so is a merge
 * of two BSNs, whoever has them here (to say who would tell that a family is known). Call with the patient locked.
 */
export async function claimNumbers(
  trx: Db,
  vault: Vault,
  { sender, patient, bsn }: Whose,
  incoming: Patient,
  now: Date,
): Promise<Refusal | undefined> {
  const replaced = replacedBy(incoming);
  if (replaced.some((one) => one.system === BSN_SYSTEM && one.value !== bsn))
    return refuse('merge-conflict', 'Patient.link');
  const former = numbersOf(vault, sender, replaced);
  const all = [...new Set([...numbersOf(vault, sender, incoming.identifier), ...former])];
  if (all.length === 0) return undefined;
  const rows = await trx
    .selectFrom('patient_number')
    .select(['number', 'patient'])
    .where('sender', '=', sender)
    .where('number', 'in', all)
    .execute();
  const foreign = rows.filter((one) => one.patient !== patient);
  if (foreign.some(({ number }) => former.includes(number))) return refuse('merge-conflict', 'Patient.link');
  if (foreign.length > 0) return refuse('identity-conflict', 'Patient.identifier');
  const known = new Set(rows.map((one) => one.number));
  const fresh = all.filter((number) => !known.has(number));
  if (fresh.length > 0)
    await trx
      .insertInto('patient_number')
      .values(fresh.map((number) => ({ sender, number, patient, since: now })))
      .execute();
  return undefined;
}

/** Other patients here that a merge names, by number or by BSN, and with whom the sender is involved in care: those it may say something of. */
export async function mergedWith(
  trx: Db,
  vault: Vault,
  { sender, patient }: Pick<Whose, 'sender' | 'patient'>,
  incoming: Patient,
): Promise<string[]> {
  const replaced = replacedBy(incoming);
  const numbers = numbersOf(vault, sender, replaced);
  const bsns = replaced.flatMap(({ system, value }) => (system === BSN_SYSTEM && value ? [vault.bsnIndex(value)] : []));
  const rows = await trx
    .selectFrom('patient')
    .leftJoin('patient_number', (join) =>
      join.onRef('patient_number.patient', '=', 'patient.id').on('patient_number.sender', '=', sender),
    )
    .innerJoin('treatment_relation', (join) =>
      join
        .onRef('treatment_relation.patient', '=', 'patient.id')
        .on('treatment_relation.organisation', '=', sender)
        .on('treatment_relation.until', 'is', null),
    )
    .select('patient.id')
    .distinct()
    .where('patient.erased_at', 'is', null)
    .where('patient.id', '<>', patient)
    .where((either) =>
      either.or([
        either('patient_number.number', 'in', numbers.length > 0 ? numbers : [NONE]),
        either('patient.bsn_index', 'in', bsns.length > 0 ? bsns : [Buffer.alloc(0)]),
      ]),
    )
    .execute();
  return rows.map((one) => one.id);
}

const NONE = '00000000-0000-0000-0000-000000000000';
