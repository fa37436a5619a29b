import type { Definitions, ElementInfo } from '../definitions.ts';
import type { Json } from '../path/node.ts';

/** The resources that references inside one Bundle or resource can name: fullUrl or `#id` → type. */
export type Targets = Map<string, string>;

/** Lists what a Bundle's entries, or a resource's contained resources, can be referred to by. */
export function collectTargets(resource: Json, into: Targets): void {
  if (resource.resourceType === 'Bundle' && Array.isArray(resource.entry)) {
    for (const entry of resource.entry as Json[]) {
      const type = (entry?.resource as Json | undefined)?.resourceType;
      if (typeof entry?.fullUrl === 'string' && typeof type === 'string') into.set(entry.fullUrl, type);
    }
  }
  if (Array.isArray(resource.contained)) {
    for (const each of resource.contained as Json[]) {
      if (typeof each?.id === 'string' && typeof each.resourceType === 'string')
        into.set(`#${each.id}`, each.resourceType);
    }
  }
}

/** What is wrong with a Reference: its form, or the type of what it names. */
export function referenceFault(
  value: Json,
  element: ElementInfo,
  targets: Targets,
  definitions: Definitions,
): string | undefined {
  const { reference, type } = value;
  if (reference !== undefined && (typeof reference !== 'string' || !FORM.test(reference))) {
    return 'expected a reference as Type/id, an absolute url, urn:uuid:, urn:oid: or #id';
  }
  if (typeof reference === 'string' && reference.length > 1 && reference.startsWith('#') && !targets.has(reference)) {
    return 'expected a contained resource with this id (rule ref-1)';
  }
  const named = typeof reference === 'string' ? (targets.get(reference) ?? typeIn(reference)) : undefined;
  const said = typeof type === 'string' ? type : undefined;
  if (named && said && named !== said) return 'expected Reference.type to be the type that the reference names';
  const actual = named ?? said;
  if (actual === undefined || element.targets.length === 0) return undefined;
  if (element.targets.includes('Resource') || element.targets.includes('Any')) return undefined;
  if (element.targets.includes(actual)) return undefined;
  // A type that is not known here may be a profile's own; one that is known must be among the targets.
  const isKnown = definitions.type(actual) !== undefined || /^[A-Z][A-Za-z]+$/.test(actual);
  return isKnown ? `expected a reference to ${element.targets.join(', ')}` : undefined;
}

const FORM =
  /^(#.*|urn:uuid:[0-9a-fA-F-]{36}|urn:oid:[0-9.]+|urn:[a-z0-9-]+:\S+|[a-z][a-z0-9+.-]*:\/\/\S+|[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}(\/_history\/[A-Za-z0-9\-.]{1,64})?|[A-Z][A-Za-z]+\?\S+)$/;

/** The type in `Type/id` or in an absolute url that ends so. */
function typeIn(reference: string): string | undefined {
  return /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/.exec(reference)?.[1];
}
