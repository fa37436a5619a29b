import type { CareTeam } from '@medplum/fhirtypes';
import { periodState, readMoment } from '../consent/dutch-date.ts';
import type { Db } from '../store/database.ts';

/** The organisations that an active CareTeam names now, as a member or through a professional. Participants whose period has ended, or not begun, do not count. Pure. */
export function membersOf(team: CareTeam, now: Date): string[] {
  const moment = readMoment(now.toISOString());
  if (team.status !== 'active' || !moment) return [];
  const current = (team.participant ?? []).filter(({ period }) => {
    const bounds = { start: readMoment(period?.start), end: readMoment(period?.end) };
    return periodState(bounds, moment) === 'in-force';
  });
  return organisationsOf(current);
}

/** Whether a CareTeam says anything of this organisation: also that it has left, by a period that has ended. Pure. */
export const speaksOf = (team: CareTeam, organisation: string): boolean =>
  organisationsOf(team.participant ?? []).includes(organisation);

const organisationsOf = (participants: NonNullable<CareTeam['participant']>): string[] =>
  participants
    .flatMap((one) => [one.member?.reference, one.onBehalfOf?.reference])
    .filter((one) => one?.startsWith('Organization/'))
    .map((one) => one?.slice('Organization/'.length) ?? '');

/** What a care team changed: organisations that have a relation from now, and those that have none any more. */
export interface Related {
  readonly began: readonly string[];
  readonly ended: readonly string[];
}

/**
 * An active CareTeam is the list of treatment relations: organisations in it have one from now. Those that left it have one no longer, if `source` (the organisation
 * that enters the team) has a relation itself: nobody from outside ends another's. One that is not active changes nothing. A relation is never rewritten: who said it, from
 * when, until when and who ended it stay, and one that begins again is another.
 */
export async function relate(
  trx: Db,
  patient: string,
  team: CareTeam,
  organisations: ReadonlySet<string>,
  source: string,
  now: Date,
): Promise<Related> {
  if (team.status !== 'active') return { began: [], ended: [] };
  const members = [...new Set(membersOf(team, now).filter((one) => organisations.has(one)))];
  const ended = (await isRelated(trx, patient, source, now)) ? await end(trx, patient, members, source, now) : [];
  const open = await trx
    .selectFrom('treatment_relation')
    .select('organisation')
    .where('patient', '=', patient)
    .where('until', 'is', null)
    .execute();
  const began = members.filter((one) => !open.some(({ organisation }) => organisation === one));
  if (began.length > 0)
    await trx
      .insertInto('treatment_relation')
      .values(began.map((organisation) => ({ patient, organisation, source, since: now, until: null })))
      // Ended and begun again at the same instant is not ended.
      .onConflict((on) => on.columns(['patient', 'organisation', 'since']).doUpdateSet({ until: null, ended_by: null }))
      .execute();
  return { began, ended };
}

/** Whether an organisation has a treatment relation with a patient (an id of the gateway's) now. */
export async function isRelated(db: Db, patient: string, organisation: string, now: Date): Promise<boolean> {
  const row = await db
    .selectFrom('treatment_relation')
    .innerJoin('patient', 'patient.id', 'treatment_relation.patient')
    .select('organisation')
    .where('treatment_relation.patient', '=', patient)
    .where('erased_at', 'is', null)
    .where('organisation', '=', organisation)
    .where('since', '<=', now)
    .where((where) => where.or([where('until', 'is', null), where('until', '>', now)]))
    .executeTakeFirst();
  return row !== undefined;
}

async function end(trx: Db, patient: string, members: readonly string[], source: string, now: Date): Promise<string[]> {
  const ended = trx
    .updateTable('treatment_relation')
    .set({ until: now, ended_by: source })
    .where('patient', '=', patient)
    .where('until', 'is', null)
    .returning('organisation');
  const rows = await (members.length > 0 ? ended.where('organisation', 'not in', members) : ended).execute();
  return rows.map((one) => one.organisation);
}
