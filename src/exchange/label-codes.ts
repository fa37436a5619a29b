import type { Coding, Resource } from '@medplum/fhirtypes';
import { canonicalSystem } from './code-systems.ts';

/** Elements that say what a resource is, as against why it was made or what came out. */
const OWN = ['code', 'type', 'category', 'vaccineCode', 'medicationCodeableConcept'] as const;

/** The codings that say what a resource is. */
export function ownCodings(resource: Resource): Coding[] {
  const source = resource as unknown as Record<string, unknown>;
  return OWN.flatMap((key) => collect(source[key], []));
}

/** Every coding in a resource, wherever it stands: reasons, values, components. What `meta` says about it is no content. */
export function allCodings(resource: Resource): Coding[] {
  const { meta: _, ...content } = resource;
  return collect(content, []);
}

/** A coding is whatever has a code, its system by the name that the rules use, with or without a system; units are none (their code stands beside a value). */
function collect(value: unknown, found: Coding[]): Coding[] {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found);
  } else if (typeof value === 'object' && value !== null) {
    const { system, code, value: quantity } = value as Record<string, unknown>;
    const named =
      typeof system === 'string' ? { system: canonicalSystem(system) } : system === undefined ? {} : undefined;
    if (named && typeof code === 'string' && quantity === undefined) found.push({ ...named, code });
    for (const key in value) collect((value as Record<string, unknown>)[key], found);
  }
  return found;
}
