import { randomUUID } from 'node:crypto';
import type { Db } from '../store/database.ts';
import { type PatientFile, sealBeside } from '../store/records.ts';

/** What a privacy officer has to judge, and how each kind may end. */
export const OUTCOMES = {
  'break-glass': ['justified', 'not-justified'],
  merge: ['one-person', 'two-persons'],
  'inbound-consent': ['settled'],
} as const;
export type ReviewKind = keyof typeof OUTCOMES;

/** A review to be opened; `subject` tells it from others of its kind about the same patient. What `details` says is for officers only and is kept sealed. */
export interface NewReview {
  readonly kind: ReviewKind;
  readonly organisation: string;
  readonly subject: string;
  readonly details: Readonly<Record<string, string>>;
  readonly asker?: string;
  readonly until?: Date;
}

/** Opens a review, once: the same again changes nothing. Gives its id when it is new. Call with the patient locked. */
export async function openReview(
  trx: Db,
  { patient, dataKey }: Pick<PatientFile, 'patient' | 'dataKey'>,
  { details, asker, until, ...review }: NewReview,
  now: Date,
): Promise<string | undefined> {
  const id = randomUUID();
  const row = await trx
    .insertInto('review')
    .values({
      ...review,
      id,
      patient,
      asker: asker ?? null,
      until: until ?? null,
      opened_at: now,
      body: sealBeside(dataKey, bodyName(id), details),
    })
    .onConflict((on) => on.columns(['kind', 'patient', 'organisation', 'subject']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

/** Under which name the sealed part of a review opens. */
export const bodyName = (id: string): string => `review/${id}`;
