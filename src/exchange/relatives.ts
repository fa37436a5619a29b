import type { Db } from '../store/database.ts';
import { type FilePart, loadFile, type PatientFile } from '../store/records.ts';
import type { Vault } from '../store/vault.ts';
import { linkedPatients, toParty } from './family.ts';
import type { Relative } from './judge.ts';

/** A family's file with the people in it who have a record of their own. */
export interface Family {
  readonly file: PatientFile;
  readonly relatives: readonly Relative[];
}

/** Loads a patient with the relatives; undefined when unknown or erased. */
export async function loadFamily(
  db: Db,
  vault: Vault,
  patient: string,
  now: Date,
  part: FilePart = 'all',
): Promise<Family | undefined> {
  const file = await loadFile(db, vault, patient, now, part);
  return file && withRelatives(db, vault, file, now);
}

/** Adds, one step further, the linked patients: only who they are and what they consented to, not their resources. */
export async function withRelatives(db: Db, vault: Vault, file: PatientFile, now: Date): Promise<Family> {
  const relatives: Relative[] = [];
  for (const link of linkedPatients(file)) {
    const other = await loadFile(db, vault, link.patient, now, {});
    if (!other) continue;
    relatives.push(toRelative(other, link.alias));
  }
  return { file, relatives };
}

/** A linked patient as a relative who is known under one more name in this record. */
export function toRelative(file: PatientFile, alias: string): Relative {
  const party = toParty(file);
  return {
    party: { ...party, selfRefs: [...party.selfRefs, alias] },
    consents: file.consents,
    resources: file.resources,
  };
}
