import type { Resource } from '@medplum/fhirtypes';

/** A resource of an incoming Bundle on its way in. */
export interface Entry {
  readonly resource: Resource;
  /** Where it stands in the message. */
  readonly path: string;
  /**
   * What it is at its source: an absolute url, `Type/id` or `Type?identifier=system|value` name the same thing in the next message too; a `urn:uuid:` only in this
   * one.
   */
  readonly key: string;
  /** All by which the other entries may refer to it. */
  readonly names: readonly string[];
  /** Contained resources are named only inside their own resource, by `#id`: the key of that resource. */
  readonly within: string;
}

/** `Type?identifier=system|value`: FHIR's way to name a thing by its business identifier. */
export const BY_IDENTIFIER = /^([A-Z][A-Za-z]+)\?identifier=([^|&]+)\|([^&]+)$/;

/** Whether a resource has the business identifier that a search names. */
export function isNamedBy(resource: Resource, search: string): boolean {
  const [, type, system, value] = BY_IDENTIFIER.exec(search) ?? [];
  if (type !== resource.resourceType || system === undefined || value === undefined) return false;
  const own = (resource as { identifier?: unknown }).identifier;
  return (Array.isArray(own) ? own : [own]).some(
    (one: { system?: string; value?: string } | undefined) =>
      one?.system === decoded(system) && one?.value === decoded(value),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
