import { randomUUID } from 'node:crypto';
import compression from 'compression';
import express, { type Express, type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { consoleRoutes } from '../console/status-page.ts';
import { refuse } from '../fhir/problems.ts';
import { auditRefusals } from './audit-refusals.ts';
import { auditRoutes } from './audit-routes.ts';
import { authenticate } from './auth/authenticate.ts';
import { createTokenEndpoint } from './auth/token-endpoint.ts';
import type { AuthStore } from './auth/types.ts';
import { refuseBsnInUrl } from './bsn-in-url.ts';
import { capability } from './capability.ts';
import { errorHandler } from './errors.ts';
import { exchangeRoutes } from './exchange-routes.ts';
import { explainRoutes } from './explain-routes.ts';
import { batchRoute, fhirRoutes } from './fhir-routes.ts';
import { mitzRoutes } from './mitz-routes.ts';
import { type Metrics, operationRoutes } from './operations.ts';
import type { ApiPorts } from './ports.ts';
import { giveReceipt } from './receipt-header.ts';
import { registerRoutes } from './register-routes.ts';
import { sendRefusal } from './respond.ts';
import { reviewRoutes } from './review-routes.ts';

/** Requests one address may make a minute before it has to wait; a busy hospital pushes less than ten a second. */
const PER_MINUTE = 60_000;

/** The HTTP house: every door in one list. What is not on it is 404. */
export function createApp(ports: ApiPorts, store: AuthStore, metrics: Metrics): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use(requestId, measure(metrics), helmet(), compression());
  app.use(operationRoutes(ports, metrics));
  const context = { store, publicUrl: ports.publicUrl, now: ports.now };
  app.use(createTokenEndpoint(context));
  app.use(consoleRoutes(ports));
  app.use(mitzRoutes(ports));
  app.get(
    '/fhir/metadata',
    (_request, response) =>
      void response.type('application/fhir+json').send(JSON.stringify(capability(ports.publicUrl))),
  );
  const guard: RequestHandler[] = [
    rateLimit({
      windowMs: 60_000,
      limit: PER_MINUTE,
      standardHeaders: true,
      legacyHeaders: false,
      handler: (_request, response) => sendRefusal(response, refuse('throttled')),
    }),
    authenticate(context),
    auditRefusals(ports),
    refuseBsnInUrl,
  ];
  app.use('/exchange', guard, exchangeRoutes(ports));
  app.use(
    '/fhir',
    giveReceipt(ports),
    guard,
    batchRoute(ports),
    registerRoutes(ports),
    reviewRoutes(ports),
    auditRoutes(ports),
    explainRoutes(ports),
    fhirRoutes(ports),
  );
  app.use((_request, response) => sendRefusal(response, refuse('not-found')));
  app.use(errorHandler(ports.log));
  return app;
}

/** A UUID or a W3C trace id: forms that cannot carry a name or a number of a person. */
const REQUEST_ID = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})$/i;

/** An id for the request: the caller's own when it is of such a form, else a new one. It ties log lines, audit and answers together. */
const requestId: RequestHandler = (request, response, next) => {
  const given = request.get('x-request-id') ?? '';
  response.locals.requestId = REQUEST_ID.test(given) ? given : randomUUID();
  response.set('x-request-id', response.locals.requestId);
  next();
};

const measure =
  (metrics: Metrics): RequestHandler =>
  (request, response, next) => {
    const end = metrics.requests.startTimer();
    response.on('finish', () =>
      end({
        method: request.method,
        route: request.route ? `${request.baseUrl}${request.route.path}` : 'none',
        status: response.statusCode,
      }),
    );
    next();
  };
