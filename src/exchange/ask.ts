import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { findPatient, holderOf } from '../store/records.ts';
import { type Asker, inVain, pull } from './pull.ts';
import { type Family, loadFamily } from './relatives.ts';
import { combine, type Released, type ReleasePorts, type ReleaseRequest, release } from './release.ts';

const SEVERAL = 2;

/** Patients on one page of a caseload, at most. */
export const PAGE = 50;
/** Families that are looked at for one page, at most: among so many there is nearly always a page of them to show. */
const LOOKED_AT = 500;

type Select = NonNullable<ReleaseRequest['select']>;

const patientOnly: Select = (resources) => ({
  resources: resources.filter((one) => one.resourceType === 'Patient'),
});

/** Which patients of an organisation's caseload are looked at, in which order, and what of each is wanted. */
export interface CaseloadRequest {
  readonly count: number;
  /** The `next` of the page before. */
  readonly after: string | undefined;
  /** Only families of which something changed after this instant: a resource, a consent, a relation. */
  readonly since?: Date;
  readonly select: (family: Family) => Select;
}

/**
 * The families that an asker's organisation has a treatment relation with, each released by itself, until `count` of them had something to show. Those without leave no trace: no shorter page and
 * no place in the list.
 */
export async function eachOfCaseload(
  ports: ReleasePorts,
  asker: Asker,
  { count, after, since, select }: CaseloadRequest,
): Promise<{ released: Released; next: string | undefined }> {
  // The place in the list is no patient id: somebody else's next place would tell who else is here.
  const places = ports.vault.ids(`caseload/${asker.question.organisation}`);
  let at = after === undefined ? undefined : places.in(after);
  let end = at;
  const parts: Released[] = [];
  // A caseload is a search over several patients, whatever it finds: break-glass is not for that.
  const question = { ...asker.question, patientCount: SEVERAL };
  for (let looked = 0; looked < LOOKED_AT; ) {
    const rows = await relationsAfter(ports, asker, at, count, since);
    for (const { patient } of rows) {
      at = patient;
      looked += 1;
      const family = await loadFamily(ports.db, ports.vault, patient, ports.now());
      if (!family) continue;
      // A full page has a next one only where there is something on it: the family after the last is judged, and nothing of it leaves.
      const isFull = parts.length === count;
      const chosen = isFull ? onlyWhether(select(family)) : select(family);
      const part = await release(ports, { ...asker, question, family, select: chosen });
      if (isFull && part.page?.matches) return { released: combine(parts), next: end && places.out(end) };
      if (part.resources.length === 0) continue;
      parts.push(part);
      end = patient;
    }
    if (rows.length < count) return { released: combine(parts), next: undefined };
  }
  return { released: combine(parts), next: at && places.out(at) };
}

/** A choice that takes nothing and says how much there would be. */
const onlyWhether =
  (select: Select): Select =>
  (all) => ({ resources: [], page: { matches: select(all).resources.length } });

function relationsAfter(
  ports: ReleasePorts,
  asker: Asker,
  last: string | undefined,
  limit: number,
  since: Date | undefined,
): Promise<{ patient: string }[]> {
  const now = ports.now();
  return ports.db
    .selectFrom('treatment_relation as r')
    .select('r.patient')
    .where('r.organisation', '=', asker.question.organisation)
    .where('r.since', '<=', now)
    .where((either) => either.or([either('r.until', 'is', null), either('r.until', '>', now)]))
    .$if(last !== undefined, (query) => query.where('r.patient', '>', last ?? ''))
    .$if(since !== undefined, (query) =>
      query.where(({ or, exists, selectFrom, eb }) =>
        or([
          eb('r.since', '>', since as Date),
          exists(
            selectFrom('resource as c')
              .select('c.id')
              .whereRef('c.patient', '=', 'r.patient')
              .where('c.current', '=', true)
              .where('c.recorded_at', '>', since as Date),
          ),
          exists(
            selectFrom('consent as c')
              .select('c.id')
              .whereRef('c.patient', '=', 'r.patient')
              .where('c.current', '=', true)
              .where('c.recorded_at', '>', since as Date),
          ),
        ]),
      ),
    )
    .orderBy('r.patient')
    .limit(limit)
    .execute();
}

/** The patients an asker's organisation has a treatment relation with, as far as they may be shown. */
export const caseload = (
  ports: ReleasePorts,
  asker: Asker,
  { count, after }: Pick<CaseloadRequest, 'count' | 'after'>,
) => eachOfCaseload(ports, asker, { count, after, select: () => patientOnly });

/** The patient whom a resource is about. An id that is none of ours is looked for as well: so that both take the same. */
export const patientOf = async (
  ports: ReleasePorts,
  type: string,
  id: string | undefined,
): Promise<string | undefined> => (type === 'Patient' ? id : holderOf(ports.db, type, id ?? randomUUID()));

/** Milliseconds before which a search by BSN does not say that it found nothing: longer than a load and a judgement of a file take. */
const NOTHING_FOUND_AFTER = 40;

/** The patient with this BSN, if anything of it may be shown to the asker; an unknown number gives the same empty answer, no sooner. */
export async function familyByBsn(ports: ReleasePorts, asker: Asker, bsn: string): Promise<Released> {
  const enough = setTimeout(NOTHING_FOUND_AFTER);
  const mayHold = ports.policy().views.policies.get(asker.question.discipline)?.bsn === true;
  const patient = await findPatient(ports.db, ports.vault, bsn);
  const released = await (mayHold ? pull(ports, asker, patient, patientOnly) : inVain(ports, asker));
  if (released.resources.length === 0) await enough;
  return released;
}
