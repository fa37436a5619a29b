import { randomUUID } from 'node:crypto';
import type { DocumentReference, Provenance, Reference, Resource } from '@medplum/fhirtypes';
import type { AuditActor } from '../audit/event.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import type { Db } from '../store/database.ts';
import { openBeside, type PatientFile, sealBeside } from '../store/records.ts';

/** The papers of a consent: the form as it was shown and signed, and the signature. */
export type Paper = (DocumentReference | Provenance) & { id?: string };

export const isPaper = (resource: Resource): resource is Paper =>
  resource.resourceType === 'DocumentReference' || resource.resourceType === 'Provenance';

/**
 * Whether a paper can be evidence of one Consent, by itself: a form names its version (`masterIdentifier`) and holds the text (or its hash) with the language it was shown in; a signature has who
 * signed, when and with which means, and points to one Consent. Gives the Consent that a signature is for. Pure.
 */
export function readPaper(paper: Paper, path: string): { ok: true; target?: string } | Refusal {
  if (paper.resourceType === 'DocumentReference') {
    const { masterIdentifier: version, content = [] } = paper;
    if (!version?.system || !version.value) return refuse('paper-incomplete', `${path}.masterIdentifier`);
    const bad = content.findIndex(
      ({ attachment }) => !attachment?.language || !attachment.contentType || !(attachment.data || attachment.hash),
    );
    if (content.length === 0 || bad >= 0)
      return refuse('paper-incomplete', `${path}.content[${Math.max(bad, 0)}].attachment`);
    return { ok: true };
  }
  const { target = [], signature = [] } = paper;
  const [only, ...others] = target;
  if (!only?.reference || others.length > 0) return refuse('paper-incomplete', `${path}.target`);
  const bad = signature.findIndex(
    ({ type, when, who, sigFormat }) => !type?.length || !when || !who?.reference || !sigFormat,
  );
  if (signature.length === 0 || bad >= 0) return refuse('paper-incomplete', `${path}.signature[${Math.max(bad, 0)}]`);
  return { ok: true, target: only.reference };
}

/** Whether everybody who signed is someone who made the statement: a signature of another person proves nothing. Pure. */
export const signedBy = (paper: Paper, performers: readonly Reference[]): boolean =>
  paper.resourceType === 'DocumentReference' ||
  (paper.signature ?? []).every(({ who }) => performers.some((one) => one.reference === who?.reference));

/** Keeps papers of one version of a Consent, sealed under the patient's key. A paper that is known already (the same id) is kept once. Gives the ids. */
export async function keepPapers(
  trx: Db,
  { patient, dataKey }: Pick<PatientFile, 'patient' | 'dataKey'>,
  consent: { readonly id: string; readonly version: number },
  papers: readonly Paper[],
  actor: AuditActor,
  now: Date,
): Promise<string[]> {
  const rows = papers.map((paper) => {
    const id = paper.id ?? randomUUID();
    return {
      patient,
      id,
      type: paper.resourceType,
      consent: consent.id,
      consent_version: consent.version,
      recorder: actor.organisation,
      recorded_at: now,
      body: sealBeside(dataKey, paperName(id), { ...paper, id }),
    };
  });
  if (rows.length > 0)
    await trx
      .insertInto('consent_paper')
      .values(rows)
      .onConflict((on) => on.columns(['patient', 'id']).doNothing())
      .execute();
  return rows.map((one) => `${one.type}/${one.id}`);
}

/** The papers of a Consent, in the order in which they were entered, opened. */
export async function papersOf(
  db: Db,
  { patient, dataKey }: Pick<PatientFile, 'patient' | 'dataKey'>,
  consent: string,
): Promise<Paper[]> {
  const rows = await db
    .selectFrom('consent_paper')
    .select(['id', 'body'])
    .where('patient', '=', patient)
    .where('consent', '=', consent)
    .orderBy('recorded_at')
    .orderBy('type')
    .execute();
  return rows.map((row) => openBeside(dataKey, paperName(row.id), row.body) as Paper);
}

const paperName = (id: string): string => `consent-paper/${id}`;
