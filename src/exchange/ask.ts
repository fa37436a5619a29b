import { setTimeout } from 'node:timers/promises';
import type { AuditActor } from '../audit/event.ts';
import { record } from '../audit/log.ts';
import { findPatient, holderOf } from '../store/records.ts';
import { loadFamily } from './relatives.ts';
import { combine, type Released, type ReleasePorts, type ReleaseRequest, release } from './release.ts';

/** Somebody who asks for patients and not yet for one family. */
export interface Asker {
  readonly question: ReleaseRequest['question'];
  readonly actor: AuditActor;
  readonly requestId?: string;
}

const SEVERAL = 2;

/** Patients on one page of a caseload, at most. */
export const PAGE = 50;

const patientOnly: ReleaseRequest['select'] = (resources) => ({
  resources: resources.filter((one) => one.resourceType === 'Patient'),
});

/** The patients an asker's organisation has a treatment relation with, as far as they may be shown; `after` is the `next` of the page before. */
export async function caseload(
  ports: ReleasePorts,
  asker: Asker,
  { count, after }: { readonly count: number; readonly after: string | undefined },
): Promise<{ released: Released; next: string | undefined }> {
  // The place in the list is no patient id: the last one on a page may be a patient who may not be shown.
  const places = ports.vault.ids(`caseload/${asker.question.organisation}`);
  const last = after === undefined ? undefined : places.in(after);
  const now = ports.now();
  const rows = await ports.db
    .selectFrom('treatment_relation')
    .select('patient')
    .where('organisation', '=', asker.question.organisation)
    .where('since', '<=', now)
    .where((either) => either.or([either('until', 'is', null), either('until', '>', now)]))
    .$if(last !== undefined, (query) => query.where('patient', '>', last ?? ''))
    .orderBy('patient')
    .limit(count)
    .execute();
  const parts: Released[] = [];
  for (const { patient } of rows) {
    const family = await loadFamily(ports.db, ports.vault, patient, now);
    // A caseload is a search over several patients, whatever it finds: break-glass is not for that.
    const question = { ...asker.question, patientCount: SEVERAL };
    if (family) parts.push(await release(ports, { ...asker, question, family, select: patientOnly }));
  }
  const end = rows.length === count ? rows.at(-1)?.patient : undefined;
  return { released: combine(parts), next: end && places.out(end) };
}

/** The patient whom a resource is about. */
export const patientOf = async (ports: ReleasePorts, type: string, id: string): Promise<string | undefined> =>
  type === 'Patient' ? id : holderOf(ports.db, type, id);

/** Milliseconds before which a search by BSN does not say that it found nothing: longer than a load and a judgement of a file take. */
const NOTHING_FOUND_AFTER = 40;

/** The patient with this BSN, if anything of it may be shown to the asker; an unknown number gives the same empty answer, no sooner. */
export async function familyByBsn(ports: ReleasePorts, asker: Asker, bsn: string): Promise<Released> {
  const enough = setTimeout(NOTHING_FOUND_AFTER);
  const released = await searchByBsn(ports, asker, bsn);
  if (released.resources.length === 0) await enough;
  return released;
}

async function searchByBsn(ports: ReleasePorts, asker: Asker, bsn: string): Promise<Released> {
  const mayHold = ports.policy().views.policies.get(asker.question.discipline)?.bsn === true;
  const patient = mayHold ? await findPatient(ports.db, ports.vault, bsn) : undefined;
  const family = patient ? await loadFamily(ports.db, ports.vault, patient, ports.now()) : undefined;
  if (family) return release(ports, { ...asker, family, select: patientOnly });
  // A search that finds nobody is on the log too: that is how probing is seen.
  await record(
    ports.db,
    [{ kind: 'refusal', actor: asker.actor, requestId: asker.requestId, details: [['code', 'not-found']] }],
    ports.now(),
  );
  return combine([]);
}
