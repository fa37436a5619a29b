import type { Bundle, Resource } from '@medplum/fhirtypes';
import type { Response } from 'express';
import type { Released } from '../exchange/release.ts';
import { toOutcome } from '../fhir/outcome.ts';
import { PROBLEMS, type Refusal } from '../fhir/problems.ts';

export const FHIR_JSON = 'application/fhir+json; charset=utf-8';

/** Seconds after which a sender may try a transient refusal again. */
const RETRY_AFTER = '5';

/** Answers with an OperationOutcome; status and retry advice come from the catalogue. */
export function sendRefusal(response: Response, refusal: Refusal): void {
  const problem = PROBLEMS[refusal.issues[0].code];
  response.locals.refusal = refusal;
  if (problem.retry === 'transient') response.set('retry-after', RETRY_AFTER);
  if (problem.status === 401) response.set('www-authenticate', 'Bearer');
  // What was expected belongs to the sender of a message; the reasons of a consent refusal stay coded.
  response
    .status(problem.status)
    .type(FHIR_JSON)
    .send(JSON.stringify(toOutcome(refusal.issues)));
}

/** Answers with released resources as a searchset. `total` counts only what is in it. */
export function sendBundle(response: Response, released: Released, self: string, next?: string): void {
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'searchset',
    total: released.resources.length,
    link: [{ relation: 'self', url: self }, ...(next ? [{ relation: 'next', url: next }] : [])],
    entry: released.resources.map((resource) => ({
      fullUrl: `${fhirBase(self)}/${resource.resourceType}/${resource.id}`,
      resource,
      search: { mode: 'match' as const },
    })),
  };
  if (bundle.entry?.length === 0) delete bundle.entry;
  response.type(FHIR_JSON).send(JSON.stringify(bundle));
}

/** Answers with one released resource and its version as ETag. */
export function sendResource(response: Response, released: Released, status = 200): void {
  const resource = released.resources[0] as Resource;
  if (resource.meta?.versionId) response.set('etag', `W/"${resource.meta.versionId}"`);
  response.status(status).type(FHIR_JSON).send(JSON.stringify(resource));
}

const fhirBase = (self: string): string => self.slice(0, self.indexOf('/fhir') + '/fhir'.length);
