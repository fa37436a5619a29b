import type { CareTeam } from '@medplum/fhirtypes';
import type { Db } from '../store/database.ts';

/** The CareTeam is the list of treatment relations: organisations in it (participant.member) have one from now, those that left it no longer. */
export async function relate(
  trx: Db,
  patient: string,
  team: CareTeam,
  organisations: ReadonlySet<string>,
  source: string,
  now: Date,
): Promise<void> {
  const members = (team.participant ?? [])
    .flatMap((one) => [one.member?.reference, one.onBehalfOf?.reference])
    .map((reference) => reference?.replace(/^Organization\//, '') ?? '')
    .filter((one) => organisations.has(one));
  const ended = trx
    .updateTable('treatment_relation')
    .set({ until: now })
    .where('patient', '=', patient)
    .where('until', 'is', null);
  await (members.length > 0 ? ended.where('organisation', 'not in', members) : ended).execute();
  if (members.length === 0) return;
  await trx
    .insertInto('treatment_relation')
    .values([...new Set(members)].map((organisation) => ({ patient, organisation, source, since: now, until: null })))
    .onConflict((on) => on.columns(['patient', 'organisation']).doUpdateSet({ until: null }))
    .execute();
}
