import type { Binary, Patient, Resource } from '@medplum/fhirtypes';
import { BSN_SYSTEM } from '../../fhir/extensions.ts';
import type { Issue } from '../../fhir/problems.ts';
import { BY_IDENTIFIER, type Entry, isNamedBy } from './entry.ts';

/** The entries with every reference in one form, or each reference that names nothing in the message. */
export type Linked = { readonly entries: readonly Entry[]; readonly issues: readonly Issue[] };

/**
 * Resolves references inside a message (FHIR R4, Bundle §resolving references): absolute, `urn:`, relative to the entry's own address, contained, by business
 * identifier, and to the patient by BSN. Afterwards each names the `key` of its entry. One with a business identifier to something outside keeps that
 * identifier and loses the address, which means nothing here. A Binary moves into the attachment that refers to it. Pure.
 */
export function link(entries: readonly Entry[]): Linked {
  const issues: Issue[] = [];
  const find = finder(entries);
  const moved = new Set<Entry>();
  const patients = entries.filter((one) => one.resource.resourceType === 'Patient');
  const walk = (value: unknown, path: string, from: Entry): unknown => {
    if (Array.isArray(value)) return value.map((one, index) => walk(one, `${path}[${index}]`, from));
    if (typeof value !== 'object' || value === null) return value;
    const json = value as Record<string, unknown>;
    const binary = typeof json.url === 'string' ? find(json.url, from) : undefined;
    if (binary?.resource.resourceType === 'Binary') {
      // Each attachment would hold the content anew: a small message could fill the memory of whoever reads it.
      if (moved.has(binary))
        issues.push({ code: 'bundle-not-understood', path, expected: 'one attachment for each Binary' });
      moved.add(binary);
      return withData(json, binary.resource as Binary);
    }
    const out = Object.fromEntries(Object.entries(json).map(([key, one]) => [key, walk(one, `${path}.${key}`, from)]));
    if (typeof json.reference === 'string') return referTo(out, json.reference, path, from);
    const patient = patients.find((one) => isPatientWith(one.resource, json.identifier));
    // Only a Reference holds an identifier without anything that identifies itself.
    return patient && Object.keys(json).every((key) => LOGICAL.has(key)) ? { reference: patient.key } : out;
  };
  const referTo = (out: Record<string, unknown>, reference: string, path: string, from: Entry) => {
    const target = find(reference, from);
    if (target) return { ...out, reference: target.key };
    const { reference: _, ...rest } = out;
    if (rest.identifier === undefined)
      issues.push({ code: 'reference-unresolved', path, expected: 'a resource of this message, or an identifier' });
    return rest;
  };
  const linked = entries.map((one) => ({ ...one, resource: walk(one.resource, one.path, one) as Resource }));
  return { entries: linked.filter((_, index) => !moved.has(entries[index] as Entry)), issues };
}

const LOGICAL: ReadonlySet<string> = new Set(['identifier', 'type', 'display']);

/** Whether an identifier is the BSN of this Patient. */
function isPatientWith(resource: Resource, identifier: unknown): boolean {
  const { system, value } = (identifier ?? {}) as { system?: string; value?: string };
  if (resource.resourceType !== 'Patient' || system !== BSN_SYSTEM || value === undefined) return false;
  return ((resource as Patient).identifier ?? []).some((one) => one.system === BSN_SYSTEM && one.value === value);
}

/** Finds what a reference in an entry names. Two entries under one name: neither. */
function finder(entries: readonly Entry[]): (reference: string, from: Entry) => Entry | undefined {
  const byName = new Map<string, Entry | 'several'>();
  for (const one of entries)
    for (const name of one.names) byName.set(name, byName.has(name) && byName.get(name) !== one ? 'several' : one);
  const byIdentifier = new Map<string, readonly Entry[]>();
  const named = (name: string): Entry | undefined => {
    const found = byName.get(name);
    return found === 'several' ? undefined : found;
  };
  return (reference, from) => {
    if (reference === '#') return named(from.within);
    if (reference.startsWith('#')) return named(`${from.within}${reference}`);
    if (BY_IDENTIFIER.test(reference)) {
      const found = byIdentifier.get(reference) ?? entries.filter((one) => isNamedBy(one.resource, reference));
      byIdentifier.set(reference, found);
      return found.length === 1 ? found[0] : undefined;
    }
    const plain = reference.replace(/\/_history\/[^/]*$/, '');
    const base = /^(https?:.*\/)[A-Z][A-Za-z]+\/[^/]+$/.exec(from.within)?.[1];
    return (base === undefined ? undefined : named(`${base}${plain}`)) ?? named(plain);
  };
}

/** An attachment with the content of a Binary in place of its address. */
function withData(attachment: Record<string, unknown>, { contentType, data }: Binary): Record<string, unknown> {
  const { url: _, ...rest } = attachment;
  return { contentType, ...rest, ...(data !== undefined && { data }) };
}
