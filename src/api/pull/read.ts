import type { Binary, DocumentReference, Resource } from '@medplum/fhirtypes';
import { patientOf } from '../../exchange/ask.ts';
import { releaseVersions } from '../../exchange/history.ts';
import { pull } from '../../exchange/pull.ts';
import { refuse } from '../../fhir/problems.ts';
import { unsupported } from '../../fhir/search/parse.ts';
import { type Subset, subsetOf } from '../../fhir/search/subset.ts';
import { spanOf } from '../../fhir/search/time.ts';
import { type Answer, historyBundle, single } from './answer.ts';
import { type Asking, askerOf, inside } from './asking.ts';
import { openPage, pageLink } from './page-link.ts';
import { shapeOf } from './shape.ts';

/** `GET /fhir/{type}/{id}`, with `_elements` or `_summary`. */
export async function read(asking: Asking): Promise<Answer> {
  const { type = '', id = '' } = asking.params;
  const shape = shapeOf(type, asking.query);
  if (!shape.ok) return shape;
  const found = await one(asking, type, id, (resource) => resource.resourceType === type && resource.id === id);
  return 'ok' in found ? found : single(subsetOf(found, shape.subset as Subset | undefined));
}

/**
 * `GET /fhir/Binary/{id}`: a document that came with a DocumentReference, whole. It has the id of the reference that carries it (`{id}.1` is its second document, and so on), so it
 * is decided as that is. With `Accept` of anything but FHIR its bytes are sent.
 */
export async function binary(asking: Asking): Promise<Answer> {
  const [id = '', place = '0'] = (asking.params.id ?? '').split('.');
  if (asking.query.length > 0) return unsupported(asking.query[0]?.[0], 'nothing');
  const scope = askerOf(asking, 'Binary', 'r');
  if (!scope.ok) return scope;
  const found = await one(
    asking,
    'DocumentReference',
    id,
    (resource) => resource.id === id && documentOf(resource, place) !== undefined,
  );
  if ('ok' in found) return found;
  const document = documentOf(found, place);
  if (!document) return refuse('not-found');
  const { contentType, data } = document;
  const resource: Binary = { resourceType: 'Binary', id: asking.params.id, meta: found.meta, contentType, data };
  const asFhir = asking.accept === '' || /\*\/\*|json/.test(asking.accept);
  const answered = single(resource);
  return asFhir || !answered.ok
    ? answered
    : { ...answered, raw: { type: fileType(contentType), body: Buffer.from(data, 'base64'), isFile: true } };
}

/** The document at a place of a released DocumentReference, where it left whole. */
function documentOf(resource: Resource, place: string): { contentType: string; data: string } | undefined {
  const { attachment } = (resource as DocumentReference).content?.[Number(place)] ?? {};
  return attachment?.data ? { contentType: attachment.contentType ?? OCTETS, data: attachment.data } : undefined;
}

const OCTETS = 'application/octet-stream';
const fileType = (type: string): string => (/^[a-z]+\/[a-z0-9.+-]{1,100}$/i.test(type) ? type : OCTETS);

/** The one resource that may leave, or why there is none. */
async function one(
  asking: Asking,
  type: string,
  id: string,
  isIt: (resource: Resource) => boolean,
): Promise<Resource | Extract<Answer, { ok: false }>> {
  const scope = askerOf(asking, type, 'r');
  if (!scope.ok) return scope;
  const patient = await patientOf(asking.ports, type, inside(asking, id));
  const select = (all: readonly Resource[]) => ({ resources: all.filter(isIt).slice(0, 1) });
  const { resources } = await pull(asking.ports, await scope.asker(), patient, select);
  return resources[0] ?? refuse('not-found');
}

/** `GET /fhir/{type}/{id}/_history/{version}`: today's category and labels decide about every version. */
export async function vread(asking: Asking): Promise<Answer> {
  const { type = '', id = '', version = '' } = asking.params;
  const shape = shapeOf(type, asking.query);
  if (!shape.ok) return shape;
  const scope = askerOf(asking, type, 'r');
  if (!scope.ok) return scope;
  const own = inside(asking, id);
  const { released } = await releaseVersions(asking.ports, await scope.asker(), {
    patient: await patientOf(asking.ports, type, own),
    type,
    id: own ?? NOBODY,
    version: /^[1-9]\d{0,8}$/.test(version) ? Number(version) : 0,
  });
  const [found] = released.resources;
  return found ? single(subsetOf(found, shape.subset)) : refuse('not-found');
}

/** `GET /fhir/{type}/{id}/_history`, with `_since` and `_count`, in pages. */
export async function history(asking: Asking): Promise<Answer> {
  const { type = '', id = '' } = asking.params;
  const path = `${type}/${id}/_history`;
  const scope = askerOf(asking, type, 'r');
  if (!scope.ok) return scope;
  const [first] = asking.query;
  const page = first?.[0] === '_page' && asking.query.length === 1 ? openPage(asking, path, first[1]) : undefined;
  const query = page?.query ?? asking.query;
  const asked = new Map(query);
  const unknown = query.find(([name]) => name !== '_since' && name !== '_count');
  if (unknown || asked.size < query.length) return unsupported(unknown?.[0], 'one of _since, _count, each once');
  const count = asked.get('_count') ?? '20';
  const since = asked.get('_since');
  if (!/^[1-9]\d{0,2}$/.test(count)) return unsupported('_count', 'a number from 1 to 999');
  const span = since === undefined ? undefined : spanOf(since);
  if (since !== undefined && !span) return unsupported('_since', 'an instant, such as 2026-01-31T12:00:00Z');
  const own = inside(asking, id);
  const { released, next } = await releaseVersions(asking.ports, await scope.asker(), {
    patient: await patientOf(asking.ports, type, own),
    type,
    id: own ?? NOBODY,
    count: Number(count),
    since: span?.[1],
    before: page ? Number(page.after[0]) : undefined,
  });
  if (released.resources.length === 0) return refuse('not-found');
  const base = `${asking.ports.publicUrl}/fhir`;
  return historyBundle(base, released, {
    self: `${base}/${path}`,
    ...(next && { next: pageLink(asking, path, { query, after: [next] }) }),
  });
}

/** An id that no resource has. */
const NOBODY = '00000000-0000-0000-0000-000000000000';
