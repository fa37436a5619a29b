import type { Bundle, Resource } from '@medplum/fhirtypes';

/**
 * A Bundle in which every reference to one of its resources is the fullUrl of that entry, so that a map can follow it by comparing two texts. Entries without
 * one get `Type/id`, which is what released resources refer by. The input is not touched.
 */
export function linked(bundle: Bundle): Bundle {
  const entries = (bundle.entry ?? []).filter((one) => one.resource !== undefined);
  const urls = new Map<string, string>();
  const entry = entries.map((one) => {
    const own = ownReference(one.resource as Resource);
    const fullUrl = one.fullUrl ?? own;
    if (own !== undefined && fullUrl !== undefined) urls.set(own, fullUrl);
    return fullUrl === undefined ? one : { ...one, fullUrl };
  });
  return { ...bundle, entry: entry.map((one) => ({ ...one, resource: relinked(one.resource, urls) as Resource })) };
}

const ownReference = ({ resourceType, id }: Resource): string | undefined =>
  id === undefined ? undefined : `${resourceType}/${id}`;

function relinked(value: unknown, urls: ReadonlyMap<string, string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => relinked(one, urls));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === 'reference' && typeof one === 'string'
        ? (urls.get(one.split('/_history/')[0] ?? '') ?? one)
        : relinked(one, urls),
    ]),
  );
}
