import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import type { Response } from 'express';
import type { Released } from '../../exchange/release.ts';
import type { Refusal } from '../../fhir/problems.ts';
import { type Subset, subsetOf } from '../../fhir/search/subset.ts';
import { FHIR_JSON, sendRefusal } from '../respond.ts';

/** What a pull door answers: something that was released, or a refusal. */
export type Answer = Answered | Refusal;

export interface Answered {
  readonly ok: true;
  readonly resource: Resource;
  readonly etag?: string;
  /** Sent in place of the resource: the bytes of a document, or a page. */
  readonly raw?: { readonly type: string; readonly body: Buffer | string; readonly isFile: boolean };
}

export interface Links {
  readonly self: string;
  readonly next?: string;
}

/** Released resources as a searchset. `total` counts only what may leave. */
export function searchset(base: string, released: Released, links: Links, subset?: Subset): Answered {
  const { resources, page } = released;
  const matches = page?.matches ?? resources.length;
  const total = page ? page.total : resources.length;
  const entry = resources.map(
    (resource, index): BundleEntry => ({
      fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
      resource: subsetOf(resource, subset),
      search: { mode: index < matches ? 'match' : 'include' },
    }),
  );
  return bundle('searchset', entry, links, total);
}

/** Released versions of one resource as its history, newest first. */
export function historyBundle(base: string, released: Released, links: Links): Answered {
  const entry = released.resources.map((resource): BundleEntry => {
    const { resourceType, id, meta } = resource;
    const isFirst = meta?.versionId === '1';
    return {
      fullUrl: `${base}/${resourceType}/${id}`,
      resource,
      request: { method: isFirst ? 'POST' : 'PUT', url: isFirst ? resourceType : `${resourceType}/${id}` },
      response: { status: isFirst ? '201' : '200', etag: `W/"${meta?.versionId}"`, lastModified: meta?.lastUpdated },
    };
  });
  return bundle('history', entry, links, links.next ? undefined : entry.length);
}

function bundle(
  type: 'searchset' | 'history',
  entry: BundleEntry[],
  { self, next }: Links,
  total: number | undefined,
): Answered {
  const resource: Bundle = {
    resourceType: 'Bundle',
    type,
    ...(total !== undefined && { total }),
    link: [{ relation: 'self', url: self }, ...(next ? [{ relation: 'next', url: next }] : [])],
    ...(entry.length > 0 && { entry }),
  };
  return { ok: true, resource };
}

/** One released resource with its version as ETag. */
export const single = (resource: Resource): Answered => ({
  ok: true,
  resource,
  ...(resource.meta?.versionId && { etag: `W/"${resource.meta.versionId}"` }),
});

/** Writes an answer. A document is always offered as a file: nothing that a source sent is shown as a page of ours. */
export function sendAnswer(response: Response, answer: Answer): void {
  if (answer.ok) send(response, answer);
  else sendRefusal(response, answer);
}

function send(response: Response, { resource, etag, raw }: Answered): void {
  if (etag) response.set('etag', etag);
  if (raw?.isFile) response.set('content-disposition', 'attachment');
  response.type(raw?.type ?? FHIR_JSON).send(raw?.body ?? JSON.stringify(resource));
}
