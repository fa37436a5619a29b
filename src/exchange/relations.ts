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

/**
 * An active CareTeam is the list of treatment relations: organisations in it have one from now. Those that left it have one no longer, if `source` (the organisation
 * that enters the team) has a relation itself: nobody from outside ends another's. One that is not active changes nothing.
 */
export async function relate(
  trx: Db,
  patient: string,
  team: CareTeam,
  organisations: ReadonlySet<string>,
  source: string,
  now: Date,
): Promise<void> {
  if (team.status !== 'active') return;
  const members = [...new Set(membersOf(team, now).filter((one) => organisations.has(one)))];
  if (await isRelated(trx, patient, source, now)) await end(trx, patient, members, now);
  if (members.length === 0) return;
  await trx
    .insertInto('treatment_relation')
    .values(members.map((organisation) => ({ patient, organisation, source, since: now, until: null })))
    .onConflict((on) => on.columns(['patient', 'organisation']).doUpdateSet({ until: null }))
    .execute();
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

async function end(trx: Db, patient: string, members: readonly string[], now: Date): Promise<void> {
  const ended = trx
    .updateTable('treatment_relation')
    .set({ until: now })
    .where('patient', '=', patient)
    .where('until', 'is', null);
  await (members.length > 0 ? ended.where('organisation', 'not in', members) : ended).execute();
}
