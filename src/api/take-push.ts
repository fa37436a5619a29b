import type { Request, Response } from 'express';
import { accept } from '../exchange/accept.ts';
import type { Accepted, AcceptPorts, Push } from '../exchange/push.ts';
import { type Refusal, refuse } from '../fhir/problems.ts';
import { decodeHl7 } from '../sources/hl7v2/decode.ts';
import { encodeMessage } from '../sources/hl7v2/encode.ts';
import { acknowledgement, batchAnswer, codeOf } from './acknowledge.ts';
import { bytesOf } from './body.ts';
import { actorOf, callerOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import { sendRefusal } from './respond.ts';

/**
 * Takes a push of a source that the caller may speak for, and answers with a receipt; a batch of HL7 v2 messages is answered with a batch of acknowledgements,
 * one for each message.
 */
export async function takePush(ports: ApiPorts, source: string, request: Request, response: Response): Promise<void> {
  if (!callerOf(response).sources.includes(source)) return sendRefusal(response, refuse('not-allowed'));
  if (ports.queueAway()) return sendRefusal(response, refuse('store-away'));
  const contentType = request.headers['content-type'] ?? '';
  const bytes = bytesOf(request.body);
  const actor = actorOf(request, response);
  const take = async (push: Pick<Push, 'bytes' | 'messageId'>): Promise<Accepted | Refusal> => {
    const result = await accept(ports as AcceptPorts, { source, contentType, actor, ...push });
    response.locals.recorded = true;
    if (result.ok) taken(ports, source, actor.organisation, result);
    return result;
  };
  if (isHl7(contentType)) {
    const batch = await batchAnswer(bytes, (message) => acknowledge(take, message, ports.now()), ports.now);
    if (batch) return void response.status(200).type('application/hl7-v2').send(encodeMessage(batch));
  }
  const result = await take({ bytes, messageId: request.get('idempotency-key') });
  if (!result.ok) return sendRefusal(response, result);
  response.status(202).location(`/exchange/${result.receipt.id}`).json(result.receipt);
}

const isHl7 = (contentType: string): boolean => /^application\/hl7-v2\s*(?:;|$)/i.test(contentType);

function taken(ports: ApiPorts, source: string, sender: string, { receipt, deliveries }: Accepted): void {
  ports.enqueue(deliveries);
  ports.log.info({ event: 'exchange-accepted', exchange: receipt.id, source, sender, count: deliveries.length });
}

/** One message of a batch and its acknowledgement, as over MLLP. */
async function acknowledge(
  take: (push: Pick<Push, 'bytes'>) => Promise<Accepted | Refusal>,
  bytes: Uint8Array,
  now: Date,
): Promise<string> {
  const decoded = decodeHl7(bytes);
  const result = await take({ bytes });
  const [code, issues] = result.ok ? (['AA', []] as const) : ([codeOf(result), result.issues] as const);
  return acknowledgement(decoded.envelope, code, issues, now, decoded.ok ? decoded.warnings : []);
}
