import type { Parameters } from '@medplum/fhirtypes';
import { type Request, type Response, Router } from 'express';
import { dueTasks } from '../exchange/due-tasks.ts';
import { closeReview, readReviews } from '../exchange/reviews.ts';
import { parseJson } from '../fhir/json/strict-json.ts';
import { refuse } from '../fhir/problems.ts';
import { bytesOf, rawBody } from './body.ts';
import { actorOf, callerOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import { sendBundle, sendRefusal, sendResource } from './respond.ts';

/** The longest time ahead that is looked for birthdays and ends of consent. */
const MOST_DAYS = 366;

/**
 * What somebody has to look at: for privacy officers the reviews (break-glass, two records that may be one, a consent that came in and is not understood), which they close; for them and for recorders what
 * is due about consent.
 */
export function reviewRoutes(ports: ApiPorts): Router {
  const router = Router();

  router.get('/$reviews', async (request, response) => {
    if (!isOfficer(response)) return sendRefusal(response, refuse('not-allowed'));
    const { status = 'requested', ...more } = request.query;
    if ((status !== 'requested' && status !== 'completed') || Object.keys(more).length > 0)
      return sendRefusal(response, refuse('search-unsupported', 'status'));
    const released = await readReviews(ports, actorOf(request, response), status);
    sendBundle(response, released, `${ports.publicUrl}/fhir/$reviews`);
  });

  router.post('/$reviews/:id/$close', rawBody, async (request, response) => {
    if (!isOfficer(response)) return sendRefusal(response, refuse('not-allowed'));
    const parsed = parseJson(bytesOf(request.body));
    if (!parsed.ok) return sendRefusal(response, refuse('json-invalid'));
    const actor = actorOf(request, response);
    const closed = await closeReview(ports, String(request.params.id), parsed.value as Parameters, actor);
    if (!closed.ok) return sendRefusal(response, closed);
    sendResource(response, closed.released);
  });

  router.get('/$consents-due', async (request: Request, response: Response) => {
    if (!isOfficer(response) && !callerOf(response).roles.includes('consent-recorder'))
      return sendRefusal(response, refuse('not-allowed'));
    const { days = '60', ...more } = request.query;
    if (!/^\d{1,3}$/.test(String(days)) || Number(days) > MOST_DAYS || Object.keys(more).length > 0)
      return sendRefusal(response, refuse('search-unsupported', 'days'));
    const released = await dueTasks(ports, actorOf(request, response), Number(days));
    sendBundle(response, released, `${ports.publicUrl}/fhir/$consents-due`);
  });
  return router;
}

const isOfficer = (response: Response): boolean => callerOf(response).roles.includes('privacy-officer');
