import type { Resource } from '@medplum/fhirtypes';
import { isId, type Pairwise } from '../store/pairwise.ts';

/**
 * The ids of a released resource as one organisation sees them. A reference to something that is not released is left out whole: a
 * dangling reference would tell that the thing exists. Builds a new value; the input is not touched.
 */
export function externalise<T extends Resource>(resource: T, ids: Pairwise, released: ReadonlySet<string>): T {
  return { ...(rewrite(resource, ids, released) as T), ...(resource.id && { id: outId(resource.id, ids) }) };
}

/** The ids of an incoming resource as the gateway knows them: the way back of `externalise`. Foreign references stay as they are. */
export function internalise<T>(value: T, ids: Pairwise): T {
  if (Array.isArray(value)) return value.map((one) => internalise(one, ids)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) {
    out[key] = key === 'reference' && typeof one === 'string' ? inReference(one, ids) : internalise(one, ids);
  }
  return out as T;
}

/** `Type/id` of an organisation's own as the gateway knows it; undefined when the id is none of ours. */
export function inReference(reference: string, ids: Pairwise): string {
  const [type, id] = splitReference(reference);
  const inner = id === undefined ? undefined : ids.in(id);
  return inner ? `${type}/${inner}` : reference;
}

const outId = (id: string, ids: Pairwise): string => (isId(id) ? ids.out(id) : id);

function rewrite(value: unknown, ids: Pairwise, released: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) {
    const list = value.map((one) => rewrite(one, ids, released)).filter((one) => one !== undefined);
    return list.length > 0 ? list : undefined;
  }
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  let kept = false;
  for (const [key, one] of Object.entries(value)) {
    const next =
      key === 'reference' && typeof one === 'string' ? outReference(one, ids, released) : rewrite(one, ids, released);
    if (next === undefined) continue;
    out[key] = next;
    kept = true;
  }
  return kept ? out : undefined;
}

function outReference(reference: string, ids: Pairwise, released: ReadonlySet<string>): string | undefined {
  const [type, id] = splitReference(reference);
  if (id === undefined || !isId(id)) return reference.startsWith('urn:') ? undefined : reference;
  return released.has(`${type}/${id}`) ? `${type}/${ids.out(id)}` : undefined;
}

function splitReference(reference: string): [string, string | undefined] {
  const slash = reference.indexOf('/');
  return slash < 0 ? [reference, undefined] : [reference.slice(0, slash), reference.slice(slash + 1)];
}
