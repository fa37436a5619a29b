import { Router } from 'express';
import { accept } from '../exchange/accept.ts';
import type { Accepted, AcceptPorts } from '../exchange/push.ts';
import { findReceipt } from '../exchange/receipt.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import { decodeHl7 } from '../sources/hl7v2/decode.ts';
import { encodeMessage } from '../sources/hl7v2/encode.ts';
import { isId } from '../store/pairwise.ts';
import { acknowledgement, batchAnswer, codeOf } from './acknowledge.ts';
import { bytesOf, rawBody } from './body.ts';
import { actorOf, callerOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import { sendRefusal } from './respond.ts';

/** The push door: `POST /exchange/{source}` takes a record in the source's own format, `GET /exchange/{id}` tells what became of it. */
export function exchangeRoutes(ports: ApiPorts): Router {
  const router = Router();

  router.post('/:source', rawBody, async (request, response) => {
    const source = String(request.params.source);
    if (!ports.sources.has(source)) return sendRefusal(response, refuse('source-unknown'));
    if (!callerOf(response).sources.includes(source)) return sendRefusal(response, refuse('not-allowed'));
    if (ports.queueAway()) return sendRefusal(response, refuse('store-away'));
    const contentType = request.headers['content-type'] ?? '';
    const actor = actorOf(request, response);
    const take = async (bytes: Uint8Array, messageId?: string): Promise<Accepted | Refusal> => {
      const result = await accept(ports as AcceptPorts, { source, contentType, bytes, messageId, actor });
      response.locals.recorded = true;
      if (!result.ok) return result;
      ports.enqueue(result.deliveries);
      ports.log.info({
        event: 'exchange-accepted',
        exchange: result.receipt.id,
        source,
        sender: callerOf(response).organisation,
        count: result.deliveries.length,
      });
      return result;
    };
    const batch =
      isHl7(contentType) && (await batchAnswer(bytesOf(request.body), acknowledged(take, ports.now), ports.now));
    if (batch) return void response.status(200).type('application/hl7-v2').send(encodeMessage(batch));
    const result = await take(bytesOf(request.body), request.get('idempotency-key'));
    if (!result.ok) return sendRefusal(response, result);
    response.status(202).location(`/exchange/${result.receipt.id}`).json(result.receipt);
  });

  router.get('/:id', async (request, response) => {
    const id = String(request.params.id);
    const receipt = isId(id) ? await findReceipt(ports.db, id, callerOf(response).organisation) : undefined;
    if (!receipt) return sendRefusal(response, refuse('not-found'));
    response.json(receipt);
  });
  return router;
}

const isHl7 = (contentType: string): boolean => /^application\/hl7-v2\s*(?:;|$)/i.test(contentType);

/** One message of a batch and its acknowledgement, as over MLLP. */
const acknowledged =
  (take: (bytes: Uint8Array) => Promise<Accepted | Refusal>, now: () => Date) =>
  async (message: Uint8Array): Promise<string> => {
    const decoded = decodeHl7(message);
    const result = await take(message);
    const [code, issues] = result.ok ? (['AA', []] as const) : ([codeOf(result), result.issues] as const);
    return acknowledgement(decoded.envelope, code, issues, now(), decoded.ok ? decoded.warnings : []);
  };
