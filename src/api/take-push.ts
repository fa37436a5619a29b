import type { Request, Response } from 'express';
import { accept } from '../exchange/accept.ts';
import type { AcceptPorts } from '../exchange/push.ts';
import { refuse } from '../fhir/problems.ts';
import { bytesOf } from './body.ts';
import { actorOf, callerOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import { sendRefusal } from './respond.ts';

/** Takes a push of a source that the caller may speak for, and answers with a receipt. */
export async function takePush(ports: ApiPorts, source: string, request: Request, response: Response): Promise<void> {
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
}
