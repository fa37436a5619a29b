import type { Json } from '../path/node.ts';

/** Finds what references name: contained resources of one resource, entries of the Bundle around it (FHIR R4, Bundle §resolving references). */
export type Resolve = (reference: string) => Json | undefined;

/** The resolver of the entries of a Bundle, or one that finds nothing. */
export function bundleResolver(root: Json): Resolve {
  const known = new Map<string, Json>();
  for (const entry of listOf(root.entry)) {
    const resource = entry.resource as Json | undefined;
    if (typeof resource !== 'object' || resource === null) continue;
    if (typeof resource.id === 'string') known.set(`${resource.resourceType}/${resource.id}`, resource);
    if (typeof entry.fullUrl === 'string') known.set(entry.fullUrl, resource);
  }
  return (reference) => known.get(reference) ?? known.get(reference.replace(/\/_history\/[^/]*$/, ''));
}

/** What a resource itself can name: what it contains first, then what `outer` finds. */
export function containedResolver(resource: Json, outer: Resolve): Resolve {
  const known = new Map(listOf(resource.contained).map((one) => [`#${one.id}`, one]));
  known.set('#', resource);
  return (reference) => known.get(reference) ?? outer(reference);
}

const listOf = (value: unknown): Json[] =>
  Array.isArray(value) ? value.filter((one): one is Json => typeof one === 'object' && one !== null) : [];
