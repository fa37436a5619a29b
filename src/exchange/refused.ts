import { randomUUID } from 'node:crypto';
import { record } from '../audit/log.ts';
import type { Refusal } from '../fhir/problems.ts';
import type { AcceptPorts, Push } from './push.ts';

/**
 * Puts a refused push on the log: who, which source, which codes; never what was in it. A refusal for want of consent also leaves a row in the ledger
 * (source, message id, reason), which does not use up the message id.
 */
export async function refused(
  ports: AcceptPorts,
  push: Push,
  refusal: Refusal & { messageId?: string },
): Promise<Refusal> {
  const { issues, messageId } = refusal;
  const now = ports.now();
  const consent = issues[0].code === 'no-consent' && messageId !== undefined;
  const reasons = issues[0].code === 'no-consent' ? (issues[0].expected ?? '').split(' ') : [];
  const id = randomUUID();
  await ports.db.transaction().execute(async (trx) => {
    if (consent) {
      await trx
        .insertInto('exchange')
        .values({
          id,
          sender: push.actor.organisation,
          source: push.source,
          message_id: messageId,
          digest: null,
          patient: null,
          state: 'refused',
          outcome: JSON.stringify({ messageId, reasons }),
          received_at: now,
          raw: null,
          raw_expires_at: null,
        })
        .execute();
    }
    const codes = [...new Set(issues.map((one) => one.code))];
    const details: [string, string][] = [
      ...codes.map((one): [string, string] => ['code', one]),
      ...reasons.map((one): [string, string] => ['reason', one]),
      ['source', push.source],
    ];
    await record(trx, [{ kind: 'refusal', actor: push.actor, exchange: consent ? id : undefined, details }], now);
  });
  return { ok: false, issues };
}
