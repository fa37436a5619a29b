import type { Resource } from '@medplum/fhirtypes';
import { isId, type Pairwise } from '../store/pairwise.ts';

/** One release's way of writing ids: as one organisation sees them, with references only to what is released. */
export interface Outward {
  /** The resource with that organisation's ids. Builds a new value; the input is not touched. */
  write<T extends Resource>(resource: T): T;
}

/**
 * The ids of released resources as one organisation sees them. A reference to something that is not released is left out whole: a dangling reference would
 * tell that the thing exists. `released` is asked for every reference (`Type/id`).
 */
export function outward(ids: Pairwise, released: (reference: string) => boolean): Outward {
  // The patient, the encounter and the authors stand in nearly every resource.
  const known = new Map<string, string | undefined>();
  function reference(text: string): string | undefined {
    if (known.has(text)) return known.get(text);
    const out = outReference(text, ids, released);
    known.set(text, out);
    return out;
  }
  return {
    write: <T extends Resource>(resource: T): T => ({
      ...(rewrite(resource, reference) as T),
      ...(resource.id && { id: isId(resource.id) ? ids.out(resource.id) : resource.id }),
    }),
  };
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
  const [type, id, version] = splitReference(reference);
  const inner = id === undefined ? undefined : ids.in(id);
  return inner ? `${type}/${inner}${version}` : reference;
}

/** Only what changes is built anew: most of a resource holds no reference. */
function rewrite(value: unknown, reference: (text: string) => string | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value)
    ? rewriteList(value, reference)
    : rewriteObject(value as Record<string, unknown>, reference);
}

function rewriteList(list: readonly unknown[], reference: (text: string) => string | undefined): unknown {
  let out: unknown[] | undefined;
  for (const [at, one] of list.entries()) {
    const rewritten = rewrite(one, reference);
    const next = losesTarget(one, rewritten) ? undefined : rewritten;
    if (next === one && !out) continue;
    out ??= list.slice(0, at);
    if (next !== undefined) out.push(next);
  }
  return (out ?? list).length > 0 ? (out ?? list) : undefined;
}

/**
 * Whether an entry of a list pointed to something that does not go out: a diagnosis of an encounter without its condition says that there is one, and is no valid FHIR. Where the name of a professional is left it
 * still says something.
 */
function losesTarget(before: unknown, after: unknown): boolean {
  if (typeof before !== 'object' || before === null || before === after || Array.isArray(before)) return false;
  const rest = (after ?? {}) as Record<string, unknown>;
  return Object.entries(before).some(
    ([key, one]) => typeof (one as { reference?: unknown } | null)?.reference === 'string' && rest[key] === undefined,
  );
}

function rewriteObject(value: Record<string, unknown>, reference: (text: string) => string | undefined): unknown {
  let out: Record<string, unknown> | undefined;
  let isEmpty = true;
  for (const key in value) {
    const one = value[key];
    const isReference = key === 'reference' && typeof one === 'string';
    const next = isReference ? reference(one) : typeof one === 'object' ? rewrite(one, reference) : one;
    if (next !== undefined) isEmpty = false;
    if (next === one) continue;
    out ??= { ...value };
    if (next === undefined) delete out[key];
    else out[key] = next;
  }
  if (out && typeof value.reference === 'string' && !('reference' in out)) return withoutType(out);
  return isEmpty ? undefined : (out ?? value);
}

/** What is left of a Reference that lost its target: the name of a professional, where the view let it through; never what kind of thing it pointed to. */
function withoutType({ type: _type, ...rest }: Record<string, unknown>): Record<string, unknown> | undefined {
  return Object.keys(rest).length > 0 ? rest : undefined;
}

function outReference(text: string, ids: Pairwise, released: (reference: string) => boolean): string | undefined {
  const [type, id, version] = splitReference(text);
  if (id === undefined || !isId(id)) return text.startsWith('urn:') ? undefined : text;
  return released(`${type}/${id}`) ? `${type}/${ids.out(id)}${version}` : undefined;
}

/** Type, id and version part (`/_history/2`) of a relative reference; other texts have no id. */
function splitReference(reference: string): [string, string | undefined, string] {
  const [, type = '', id, version = ''] = /^([A-Za-z]+)\/([^/]+)(\/_history\/[^/]+)?$/.exec(reference) ?? [];
  return [type, id, version];
}
