import { Router } from 'express';
import { accept } from '../exchange/accept.ts';
import { lineageOf } from '../exchange/lineage-of.ts';
import type { AcceptPorts } from '../exchange/push.ts';
import { findReceipt } from '../exchange/receipt.ts';
import { refuse } from '../fhir/problems.ts';
import { isId } from '../store/pairwise.ts';
import { bytesOf, rawBody } from './body.ts';
import { actorOf, callerOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import { sendRefusal } from './respond.ts';

/** The push door: `POST /exchange/{source}` takes a record in the source's own format, `GET /exchange/{id}` tells what became of it, `/lineage` below it how. */
export function exchangeRoutes(ports: ApiPorts): Router {
  const router = Router();

  router.post('/:source', rawBody, async (request, response) => {
    const source = String(request.params.source);
    if (!ports.sources.has(source)) return sendRefusal(response, refuse('source-unknown'));
    if (!callerOf(response).sources.includes(source)) return sendRefusal(response, refuse('not-allowed'));
    if (ports.queueAway()) return sendRefusal(response, refuse('store-away'));
    const result = await accept(ports as AcceptPorts, {
      source,
      contentType: request.headers['content-type'] ?? '',
      bytes: bytesOf(request.body),
      messageId: request.get('idempotency-key'),
      actor: actorOf(request, response),
    });
    response.locals.recorded = true;
    if (!result.ok) return sendRefusal(response, result);
    ports.enqueue(result.deliveries);
    ports.log.info({
      event: 'exchange-accepted',
      exchange: result.receipt.id,
      source,
      sender: callerOf(response).organisation,
      count: result.deliveries.length,
    });
    response.status(202).location(`/exchange/${result.receipt.id}`).json(result.receipt);
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
