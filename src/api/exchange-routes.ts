import { Router } from 'express';
import { lineageOf } from '../exchange/lineage-of.ts';
import { findReceipt } from '../exchange/receipt.ts';
import { refuse } from '../fhir/problems.ts';
import { isId } from '../store/pairwise.ts';
import { rawBody } from './body.ts';
import { actorOf, callerOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import { sendRefusal } from './respond.ts';
import { takePush } from './take-push.ts';

/** The push door: `POST /exchange/{source}` takes a record in the source's own format, `GET /exchange/{id}` tells what became of it, `/lineage` below it how. */
export function exchangeRoutes(ports: ApiPorts): Router {
  const router = Router();

  router.post('/:source', rawBody, async (request, response) => {
    const source = String(request.params.source);
    if (!ports.sources.has(source)) return sendRefusal(response, refuse('source-unknown'));
    // Hospitals speak several versions of FHIR at this door, and one read as another is a wrong record.
    if (isUnversionedFhir(request.headers['content-type'] ?? ''))
      return sendRefusal(response, refuse('content-type-unknown', 'Content-Type', 'a fhirVersion, such as 4.0'));
    await takePush(ports, source, request, response);
  });

  router.get('/:id', async (request, response) => {
    const id = String(request.params.id);
    const receipt = isId(id) ? await findReceipt(ports.db, id, callerOf(response).organisation) : undefined;
    if (!receipt) return sendRefusal(response, refuse('not-found'));
    response.json(receipt);
  });

  router.get('/:id/lineage', async (request, response) => {
    const id = String(request.params.id);
    const lineage = isId(id) ? await lineageOf(ports, id, actorOf(request, response)) : undefined;
    if (!lineage) return sendRefusal(response, refuse('not-found'));
    response.type('application/fhir+json').send(JSON.stringify(lineage));
  });
  return router;
}

const isUnversionedFhir = (contentType: string): boolean =>
  /^application\/fhir\+json\b/i.test(contentType) && !/;\s*fhirVersion\s*=/i.test(contentType);
