import type { RequestHandler } from 'express';
import { record } from '../audit/log.ts';
import type { Refusal } from '../fhir/problems.ts';
import { errorCode } from '../log.ts';
import { actorOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';

/**
 * Puts every refusal of an authenticated caller on the log: who, at which door, which code; so that probing is seen. What the way in recorded itself
 * (`response.locals.recorded`) is not recorded twice. Nothing left with a refusal, so this may come after the answer.
 */
export function auditRefusals(ports: ApiPorts): RequestHandler {
  return (request, response, next) => {
    response.on('finish', () => {
      const refusal = response.locals.refusal as Refusal | undefined;
      if (!refusal || response.locals.recorded || refusal.issues[0].code === 'store-away') return;
      const details: [string, string][] = [
        ['code', refusal.issues[0].code],
        ['door', `${request.method} ${request.baseUrl}`],
      ];
      const fact = {
        kind: 'refusal' as const,
        actor: actorOf(request, response),
        requestId: response.locals.requestId,
        details,
      };
      record(ports.db, [fact], ports.now()).catch((error) =>
        ports.log.error({ event: 'audit-failed', code: errorCode(error) }),
      );
    });
    next();
  };
}
