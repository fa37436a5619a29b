import type { Found, Json } from './flatten.ts';

/** How the resources of a message are found by what refers to them. */
export interface Names {
  readonly source: string;
  /** `Type/id` and fullUrl → resource. */
  readonly known: ReadonlyMap<string, Found>;
  /** Per containing resource, `#id` → contained resource. */
  readonly contained: ReadonlyMap<Json, ReadonlyMap<string, Found>>;
  readonly addresses: ReadonlyMap<Found, string>;
  /** Documents that went into an attachment. */
  readonly used: Set<Found>;
}

/** Types of STU3 that R4 names otherwise. */
const RENAMED: Record<string, string> = { ProcedureRequest: 'ServiceRequest', ReferralRequest: 'ServiceRequest' };

/** The type that a resource of STU3 has in R4. */
export const typeInR4 = (type: string): string => RENAMED[type] ?? type;

/** Gives every resource its address in the exchange and lists what it can be referred to by. */
export function namesOf(all: readonly Found[], source: string): Names {
  const known = new Map<string, Found>();
  const contained = new Map<Json, Map<string, Found>>();
  const addresses = new Map<Found, string>();
  const taken = new Set<string>();
  for (const [index, found] of all.entries()) {
    const { resource, fullUrl, container } = found;
    const { resourceType, id } = resource;
    const base = `http://gezinspoort.nl/source/${source}/${typeInR4(resourceType as string)}`;
    const own = `${base}/${id}`;
    // Two types of STU3 can be one in R4, and contained ids count only in their container.
    const address = container || id === undefined || taken.has(own) ? `${base}/part-${index}` : own;
    taken.add(address);
    addresses.set(found, address);
    if (container) {
      const inside = contained.get(container) ?? new Map<string, Found>();
      contained.set(container, inside.set(`#${id}`, found));
    } else {
      if (id !== undefined) known.set(`${resourceType}/${id}`, found);
      if (fullUrl !== undefined) known.set(fullUrl, found);
    }
  }
  return { source, known, contained, addresses, used: new Set() };
}

export const addressOf = (found: Found, names: Names): string => names.addresses.get(found) as string;

/** The resource that a reference leads to. An absolute one leads to the entry with that fullUrl, or to one that has none and is named by the `Type/id` at its end. */
export function lookUp(reference: string, container: Json, names: Names): Found | undefined {
  if (reference.startsWith('#')) return names.contained.get(container)?.get(reference);
  const [plain = ''] = reference.split('/_history/');
  const found = names.known.get(plain) ?? names.known.get(plain.split('/').slice(-2).join('/'));
  const isElsewhere = plain.includes('://') && found?.fullUrl?.includes('://') && found.fullUrl !== plain;
  return isElsewhere ? undefined : found;
}
