import type { Parameters, Task } from '@medplum/fhirtypes';
import type { AuditActor } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import type { Db } from '../store/database.ts';
import { isId } from '../store/pairwise.ts';
import { loadFile, lockPatient, openBeside, sealBeside } from '../store/records.ts';
import type { ReviewRow } from '../store/schema.ts';
import { settleMerge } from './merge-records.ts';
import { bodyName, OUTCOMES, type ReviewKind } from './open-review.ts';
import { type Released, type ReleasePorts, releaseTasks } from './release.ts';

export const REVIEW_SYSTEM = 'http://gezinspoort.nl/fhir/CodeSystem/review';

/** The reviews that are open (or closed) and concern the officer's organisation: it asked, or it has a treatment relation with the patient. Looking is on the log. */
export async function readReviews(
  ports: ReleasePorts,
  actor: AuditActor,
  status: 'requested' | 'completed',
): Promise<Released> {
  const now = ports.now();
  const rows = await ports.db
    .selectFrom('review')
    .selectAll()
    .where('closed_at', status === 'requested' ? 'is' : 'is not', null)
    .where((either) =>
      either.or([
        either('organisation', '=', actor.organisation),
        either('patient', 'in', relatedTo(ports.db, actor.organisation, now)),
      ]),
    )
    .orderBy('opened_at')
    .limit(500)
    .execute();
  const tasks: Task[] = [];
  for (const row of rows) {
    const file = await loadFile(ports.db, ports.vault, row.patient, now, {});
    if (file) tasks.push(toTask(row, openBeside(file.dataKey, bodyName(row.id), row.body) as Record<string, string>));
  }
  return releaseTasks(ports, tasks, actor);
}

const relatedTo = (db: Db, organisation: string, now: Date) =>
  db
    .selectFrom('treatment_relation')
    .select('patient')
    .where('organisation', '=', organisation)
    .where('since', '<=', now)
    .where((either) => either.or([either('until', 'is', null), either('until', '>', now)]));

function toTask(row: ReviewRow, details: Readonly<Record<string, string>>): Task {
  return {
    resourceType: 'Task',
    id: row.id,
    status: row.closed_at ? 'completed' : 'requested',
    intent: 'order',
    code: { coding: [{ system: REVIEW_SYSTEM, code: row.kind }] },
    for: { reference: `Patient/${row.patient}` },
    requester: { reference: `Organization/${row.organisation}` },
    authoredOn: row.opened_at.toISOString(),
    ...(row.until && { executionPeriod: { start: row.opened_at.toISOString(), end: row.until.toISOString() } }),
    input: Object.entries(details).map(([text, valueString]) => ({ type: { text }, valueString })),
    ...(row.outcome && { output: [{ type: { text: 'outcome' }, valueString: row.outcome }] }),
  };
}

/** What an officer says when closing: an outcome of the kind, why, and of a break-glass whether and when the patient was told (or why not). */
interface Closing {
  readonly outcome: string;
  readonly why: string;
  readonly informed?: string;
  readonly notInformed?: string;
}

/** Closes a review with an outcome and a reason; a break-glass also says when the patient (or the parents) were told of it, or why they were not. Once. */
export async function closeReview(
  ports: ReleasePorts,
  reviewId: string,
  body: Parameters,
  actor: AuditActor,
): Promise<{ ok: true; released: Released } | Refusal> {
  const id = ports.vault.ids(actor.organisation).in(reviewId);
  const now = ports.now();
  const closing = readClosing(body);
  if (!closing) return refuse('review-incomplete', 'Parameters.parameter');
  const closed = await ports.db.transaction().execute(async (trx): Promise<Refusal | Task> => {
    const known = await trx
      .selectFrom('review')
      .selectAll()
      .where('id', '=', id && isId(id) ? id : NOBODY)
      .executeTakeFirst();
    if (!known) return refuse('not-found');
    await lockPatient(trx, known.patient);
    const row = await trx.selectFrom('review').selectAll().where('id', '=', known.id).executeTakeFirstOrThrow();
    const file = await loadFile(trx, ports.vault, row.patient, now);
    const concerned = row.organisation === actor.organisation || file?.relations.includes(actor.organisation);
    if (!file || !concerned) return refuse('not-found');
    if (row.closed_at) return refuse('review-closed');
    const outcomes: readonly string[] = OUTCOMES[row.kind as ReviewKind];
    if (!outcomes.includes(closing.outcome))
      return refuse('review-incomplete', 'outcome', `one of ${outcomes.join(', ')}`);
    const told = closing.informed ?? closing.notInformed;
    if (row.kind === 'break-glass' && !told) return refuse('review-incomplete', 'informed');
    const { outcome, ...said } = closing;
    const before = openBeside(file.dataKey, bodyName(row.id), row.body) as Record<string, string>;
    const details = { ...before, ...said };
    const after = { closed_at: now, closed_by: actor.client, outcome };
    const sealed = sealBeside(file.dataKey, bodyName(row.id), details);
    const unsettled = row.kind === 'merge' && (await settleMerge(trx, ports, file, row.subject, outcome, actor, now));
    if (unsettled) return unsettled;
    await trx
      .updateTable('review')
      .set({ ...after, body: sealed })
      .where('id', '=', row.id)
      .execute();
    await record(
      trx,
      [
        {
          kind: 'review',
          actor,
          patient: row.patient,
          details: [
            ['review', row.kind],
            ['outcome', outcome],
            ...(row.kind === 'break-glass' ? [['patient-informed', closing.informed ?? 'no'] as const] : []),
          ],
        },
      ],
      now,
    );
    return toTask({ ...row, ...after }, details);
  });
  if ('ok' in closed) return closed;
  return { ok: true, released: await releaseTasks(ports, [closed], actor) };
}

const NOBODY = '00000000-0000-0000-0000-000000000000';
const NAMES = ['outcome', 'why', 'informed', 'notInformed'];
const DATE = /^\d{4}-\d{2}-\d{2}$/;

function readClosing(body: Parameters): Closing | undefined {
  if (body?.resourceType !== 'Parameters' || !Array.isArray(body.parameter)) return undefined;
  const said = new Map(body.parameter.map((one) => [one?.name, one?.valueString ?? one?.valueCode ?? one?.valueDate]));
  if ([...said.keys()].some((one) => !NAMES.includes(one ?? '')) || said.size !== body.parameter.length)
    return undefined;
  const [outcome, why, informed, notInformed] = NAMES.map((one) => said.get(one));
  if (!outcome?.trim() || !why?.trim()) return undefined;
  if (informed !== undefined && !DATE.test(informed)) return undefined;
  return { outcome, why, ...(informed && { informed }), ...(notInformed?.trim() && { notInformed }) };
}
