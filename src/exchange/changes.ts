import type { Resource } from '@medplum/fhirtypes';
import { eachOfCaseload } from './ask.ts';
import type { Asker } from './pull.ts';
import type { Family } from './relatives.ts';
import type { Released, ReleasePorts } from './release.ts';

/** How far the next pull reaches back: a message that was being written while this one was answered would otherwise be in neither. Longer than any transaction lasts. */
const OVERLAP = 60_000;

/** Kinds that say who decides and what may be seen: after a change in one of them everything in the file is decided differently. */
const DECIDING: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson', 'EpisodeOfCare']);

export interface ChangesRequest {
  readonly since: Date | undefined;
  /** Families on one page, at most. */
  readonly count: number;
  readonly after: string | undefined;
}

/**
 * What changed in the families of the asker's organisation since an instant, each family released by itself. Where a consent, custody or the poli changed, all of the family's that may leave is given
 * again: what was not permitted before may be now. `upTo` is the instant to ask from next time.
 */
export async function changes(
  ports: ReleasePorts,
  asker: Asker,
  { since, count, after }: ChangesRequest,
): Promise<{ released: Released; next: string | undefined; upTo: Date }> {
  const upTo = new Date(ports.now().getTime() - OVERLAP);
  const select = (family: Family) => {
    const whole = since === undefined || isDecidedAnew(family, since);
    return (all: readonly Resource[]) => ({
      resources: whole ? all : all.filter((one) => isAfter(one, since)),
    });
  };
  return { ...(await eachOfCaseload(ports, asker, { count, after, since, select })), upTo };
}

const isDecidedAnew = ({ file, relatives }: Family, since: Date): boolean =>
  [...file.consents, ...relatives.flatMap((one) => one.consents)].some((one) => isAfter(one, since)) ||
  file.resources.some((one) => DECIDING.has(one.type) && isAfter(one.resource, since));

const isAfter = (one: Resource, since: Date): boolean => Date.parse(one.meta?.lastUpdated ?? '') > since.getTime();
