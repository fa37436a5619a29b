import type { Request, Response } from 'express';
import type { AuditActor } from '../audit/event.ts';
import type { Caller } from './auth/types.ts';

/** The authenticated caller of a request; `authenticate` put it there. */
export const callerOf = (response: Response): Caller => response.locals.caller as Caller;

/** The caller as the audit log names it. */
export function actorOf(request: Request, response: Response): AuditActor {
  const { client, organisation, person, discipline, purpose } = callerOf(response);
  const { receipt } = response.locals;
  return { client, organisation, person, discipline, purpose, address: request.socket.remoteAddress, receipt };
}
