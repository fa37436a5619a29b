import { randomUUID } from 'node:crypto';
import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import { BY_IDENTIFIER, type Entry } from './entry.ts';
import { asSearch } from './entry-faults.ts';

/**
 * The resources of a Bundle with their names. Contained resources become entries of their own: each is labelled, decided on and shown by itself, as if
 * it had come so.
 */
export function entriesOf(bundle: Bundle): Entry[] {
  return (bundle.entry ?? []).flatMap((one, index) =>
    one.resource ? withContained(toEntry(one, one.resource, `Bundle.entry[${index}].resource`)) : [],
  );
}

function toEntry({ fullUrl, request }: BundleEntry, resource: Resource, path: string): Entry {
  const type = resource.resourceType;
  const own = resource.id === undefined ? undefined : `${type}/${resource.id}`;
  const search = request?.ifNoneExist === undefined ? request?.url : asSearch(type, request.ifNoneExist);
  const byIdentifier = search !== undefined && BY_IDENTIFIER.test(search) ? search : undefined;
  const byId = request?.method === 'PUT' ? own : undefined;
  const absolute = fullUrl !== undefined && /^https?:/.test(fullUrl) ? fullUrl : undefined;
  const key = byIdentifier ?? absolute ?? byId ?? fullUrl ?? `urn:uuid:${randomUUID()}`;
  const names = [key, fullUrl, own, byIdentifier].filter((one) => one !== undefined);
  return { resource, path, key, names: [...new Set(names)], within: key };
}

function withContained(entry: Entry): Entry[] {
  const { contained, ...resource } = entry.resource as Resource & { contained?: Resource[] };
  if (!contained) return [entry];
  const inner = contained.map((one, index): Entry => {
    const key = `${entry.key}#${one.id}`;
    const path = `${entry.path}.contained[${index}]`;
    return { resource: one, path, key, names: [key], within: entry.key };
  });
  return [{ ...entry, resource: resource as Resource }, ...inner];
}
