import type { Extension, Resource } from '@medplum/fhirtypes';
import { EXTENSIONS } from '../fhir/extensions.ts';
import type { StoredResource } from '../store/records.ts';
import { focusOf, SPEAKS_OF, speakingOf } from './label-about.ts';

/** Marks that decide about a resource beside its category and labels. */
const MARKS: ReadonlySet<string> = new Set([SPEAKS_OF, EXTENSIONS.aboutWhole, EXTENSIONS.protectedAddress]);

/**
 * An older version as it is judged today: with the category, the labels and the marks of the current one (X06), beside its own marks. What has been learnt about a fact since counts for
 * everything that was ever said of it. Pure.
 */
export function asNow(old: StoredResource, current: StoredResource): StoredResource {
  const own = (old.resource as { extension?: Extension[] }).extension ?? [];
  const learnt = ((current.resource as { extension?: Extension[] }).extension ?? []).filter((one) =>
    MARKS.has(one.url),
  );
  const marked = [...own, ...learnt];
  const resource = {
    ...old.resource,
    ...(marked.length > 0 && { extension: marked }),
    meta: { ...old.resource.meta, security: current.resource.meta?.security },
  } as Resource;
  return {
    ...old,
    category: current.category,
    labels: current.labels,
    resource: speakingOf(resource, focusOf(current.resource)),
  };
}

/** Whether a resource says of itself that it should never have been there: then what it said before is not shown either. */
export function isErroneous(resource: Resource): boolean {
  const { status, verificationStatus } = resource as {
    status?: unknown;
    verificationStatus?: { coding?: { code?: string }[] };
  };
  return (
    status === 'entered-in-error' ||
    (verificationStatus?.coding?.some((one) => one.code === 'entered-in-error') ?? false)
  );
}
