import canonicalize from 'canonicalize';
import { type Refusal, refuse } from '../../fhir/problems.ts';
import { type Found, flatten, type Json } from './flatten.ts';
import { addressOf, type Names, namesOf } from './names.ts';
import { resolve } from './resolve.ts';

/** A STU3 body made ready for the maps: its resources by type, each with the `fullUrl` that its entry will have and by which the others refer to it. */
export type Stu3Message = { readonly messageId?: string } & { readonly [type: string]: unknown };

/** Where each resource of a message stood in the body: `Observation[3]` is `/entry/7/resource`. */
const PLACES = new WeakMap<object, string>();

/**
 * Reads a STU3 body that fits the schema. References that lead to a resource of the message become its `fullUrl`, others become logical (type and id at the source); a document
 * that the message holds as Binary goes into the attachment that names it. What the exchange layer adds (profile and version in `meta`, generated narrative) is left.
 * A message is about one Patient: a reference to another is refused, and so is one resource that comes twice with different content.
 */
export function readStu3(body: unknown, source: string): { ok: true; message: Stu3Message } | Refusal {
  const all = flatten(body as Json);
  const distinct = withoutRepeats(all);
  if ('ok' in distinct) return distinct;
  const patients = distinct.filter(({ resource }) => resource.resourceType === 'Patient');
  const [patient] = patients;
  if (!patient) return refuse('identity-missing', '/', 'one Patient');
  if (patients[1]) return refuse('identity-missing', patients[1].at, 'one Patient');
  const names: Names = namesOf(distinct, source);
  const message: Record<string, unknown> = {};
  const messageId = idOf(body as Json);
  if (messageId !== undefined) message.messageId = messageId;
  for (const found of distinct) {
    const type = found.resource.resourceType as string;
    if (type === 'Binary') continue;
    const resolved = resolve(found, names, patient);
    if (!resolved.ok) return resolved;
    const resource = { ...resolved.resource, fullUrl: addressOf(found, names) };
    PLACES.set(resource, found.at);
    const same = (message[type] as Json[] | undefined) ?? [];
    same.push(resource);
    message[type] = same;
  }
  const unused = distinct.find((one) => one.resource.resourceType === 'Binary' && !names.used.has(one));
  if (unused) return refuse('mapping-failed', unused.at, 'a document that an attachment of this message names');
  return { ok: true, message: message as Stu3Message };
}

/** A path of the message that the maps saw (`Observation[3].code`) as the place in the body that was sent. */
export function sentAsStu3(message: Stu3Message, path: string): string | undefined {
  const [, type, index, rest = ''] = /^([A-Z][A-Za-z]+)\[(\d+)\](.*)$/.exec(path) ?? [];
  const resource = type === undefined ? undefined : (message[type] as object[] | undefined)?.[Number(index)];
  const at = resource && PLACES.get(resource);
  return at === undefined ? undefined : `${at}${rest.replaceAll(/\.|\[/g, '/').replaceAll(']', '')}`;
}

/** The id of the message: the Bundle's own, never that of a single resource, which is the same at each sending. */
function idOf({ resourceType, identifier, id }: Json): string | undefined {
  if (resourceType !== 'Bundle') return undefined;
  const value = (identifier as Json | undefined)?.value ?? id;
  return typeof value === 'string' ? value : undefined;
}

/** The same resource twice (two answers that both include a professional) counts once. */
function withoutRepeats(all: readonly Found[]): Found[] | Refusal {
  const known = new Map<string, Found>();
  const kept: Found[] = [];
  for (const found of all) {
    const { resourceType, id } = found.resource;
    const key = id === undefined || found.container ? undefined : `${resourceType}/${id}`;
    const before = key === undefined ? undefined : known.get(key);
    if (!before) {
      if (key !== undefined) known.set(key, found);
      kept.push(found);
    } else if (canonicalize(before.resource) !== canonicalize(found.resource)) return refuse('fact-twice', found.at);
  }
  return kept;
}
