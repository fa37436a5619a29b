import { Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import { takeNotification } from '../exchange/follow-mitz.ts';
import { bytesOf, rawBody } from './body.ts';
import type { ApiPorts } from './ports.ts';

/** Notifications of Mitz. Its subscription's address is a secret between Mitz and the gateway; a wrong one, or anything that is no notification, is answered as nothing there. */
export function mitzRoutes(ports: ApiPorts): Router {
  const router = Router();
  const limit = rateLimit({ windowMs: 60_000, limit: 6_000, standardHeaders: false, legacyHeaders: false });
  router.post('/mitz/notification/:token', limit, rawBody, async (request, response) => {
    const taken = await takeNotification(ports, String(request.params.token), bytesOf(request.body));
    response.sendStatus(taken ? 200 : 404);
  });
  return router;
}
