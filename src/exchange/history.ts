import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { earlierVersions, type StoredResource } from '../store/records.ts';
import { type Asker, inVain } from './pull.ts';
import { type Family, loadFamily } from './relatives.ts';
import { combine, type Released, type ReleasePorts, type ReleaseRequest, release } from './release.ts';
import { asNow, isErroneous } from './versions.ts';

/** Which versions of which resource (ids of the inside): one by its number, or those before and after a point, so many at most. */
export interface HistoryRequest {
  readonly patient: string | undefined;
  readonly type: string;
  readonly id: string;
  readonly version?: number;
  /** Only versions that came after this instant, in milliseconds. */
  readonly since?: number;
  /** Only versions before this number. */
  readonly before?: number;
  readonly count?: number;
}

/**
 * Versions of one resource, newest first. Today's category, labels and marks govern all of them: where the current version is withheld, or was entered in error, no older one is shown.
 * `next` is the number before which the next page begins.
 */
export async function releaseVersions(
  ports: ReleasePorts,
  asker: Asker,
  asked: HistoryRequest,
): Promise<{ released: Released; next?: number }> {
  const patient = asked.patient ?? randomUUID();
  const family = await loadFamily(ports.db, ports.vault, patient, ports.now());
  const key = family?.file.dataKey ?? createSecretKey(randomBytes(32));
  const older = await earlierVersions(ports.db, { patient, dataKey: key }, asked.type, asked.id);
  const current = family?.file.resources.find((one) => one.type === asked.type && one.id === asked.id);
  if (!family || !current) return { released: await inVain(ports, asker) };
  const wanted = (one: StoredResource): boolean =>
    (asked.version === undefined || one.version === asked.version) &&
    (asked.before === undefined || one.version < asked.before) &&
    (asked.since === undefined || Date.parse(one.resource.meta?.lastUpdated ?? '') > asked.since);
  const first = await releaseOne(ports, asker, family, current, wanted(current));
  const parts = first.resources.length > 0 ? [first] : [];
  // Whether the current version may be seen, also where it is not asked for.
  if (first.page?.matches === 0 || isErroneous(current.resource)) return { released: combine(parts) };
  for (const old of older.filter(wanted)) {
    if (parts.length === asked.count) return { released: combine(parts), next: old.version + 1 };
    const part = await releaseOne(ports, asker, family, asNow(old, current), true);
    if (part.resources.length > 0) parts.push(part);
  }
  return { released: combine(parts) };
}

/** One version in the place of the current one, judged with the whole family around it, so that its references fare as in any other read. */
function releaseOne(
  ports: ReleasePorts,
  asker: Asker,
  family: Family,
  version: StoredResource,
  leaves: boolean,
): Promise<Released> {
  const others = family.file.resources.filter((one) => one.type !== version.type || one.id !== version.id);
  const outside = ports.vault.ids(asker.question.organisation).out(version.id);
  const select: ReleaseRequest['select'] = (all) => {
    const found = all.filter((one) => one.resourceType === version.type && one.id === outside);
    return { resources: leaves ? found : [], page: { matches: found.length } };
  };
  return release(ports, { ...asker, family, resources: [...others, version], select });
}
