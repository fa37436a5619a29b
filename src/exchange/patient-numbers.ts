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

/**
 * Whether the numbers of a message all belong to this patient or to nobody yet. A number of another patient would put two people in one record: the message is
 * refused whole, and so is a merge of two BSNs, whoever has them here (to say who would tell that a family is known). Call with the patient locked.
 */
export async function numberConflict(
  trx: Db,
  vault: Vault,
  { sender, patient, bsn }: { sender: string; patient: string; bsn: string },
  incoming: Patient,
): Promise<Refusal | undefined> {
  const replaced = replacedBy(incoming);
  if (replaced.some((one) => one.system === BSN_SYSTEM && one.value !== bsn))
    return refuse('merge-conflict', 'Patient.link');
  const own = numbersOf(vault, sender, incoming.identifier);
  const former = numbersOf(vault, sender, replaced);
  if (own.length + former.length === 0) return undefined;
  const rows = await trx
    .selectFrom('patient_number')
    .select('number')
    .where('sender', '=', sender)
    .where('number', 'in', [...own, ...former])
    .where('patient', '<>', patient)
    .execute();
  if (rows.some(({ number }) => former.includes(number))) return refuse('merge-conflict', 'Patient.link');
  return rows.length > 0 ? refuse('identity-conflict', 'Patient.identifier') : undefined;
}

/** Remembers the numbers of a message for this patient, the former ones too: what comes under them later is about the same patient. */
export async function keepNumbers(
  trx: Db,
  vault: Vault,
  { sender, patient }: { sender: string; patient: string },
  incoming: Patient,
  since: Date,
): Promise<void> {
  const numbers = numbersOf(vault, sender, [...(incoming.identifier ?? []), ...replacedBy(incoming)]);
  if (numbers.length === 0) return;
  await trx
    .insertInto('patient_number')
    .values([...new Set(numbers)].map((number) => ({ sender, number, patient, since })))
    .onConflict((conflict) => conflict.columns(['sender', 'number']).doNothing())
    .execute();
}
