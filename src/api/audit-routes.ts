import { Router } from 'express';
import { readLog } from '../exchange/read-log.ts';
import { refuse } from '../fhir/problems.ts';
import { allows } from './auth/scopes.ts';
import { actorOf, callerOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import { sendBundle, sendRefusal } from './respond.ts';

/** The log door, for clients with the role `privacy-officer`: the events about one patient. Looking is itself an event. */
export function auditRoutes(ports: ApiPorts): Router {
  const router = Router();
  router.get('/AuditEvent', async (request, response) => {
    const caller = callerOf(response);
    if (!caller.roles.includes('privacy-officer') || !allows(caller, 'AuditEvent', 's'))
      return sendRefusal(response, refuse('not-allowed'));
    const patient = String(request.query.patient ?? '').replace(/^Patient\//, '');
    const released = await readLog(ports, patient, actorOf(request, response));
    if (!released) return sendRefusal(response, refuse('not-found'));
    sendBundle(response, released, `${ports.publicUrl}/fhir/AuditEvent`);
  });
  return router;
}
