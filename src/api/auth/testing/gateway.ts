import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Router } from 'express';
import { authenticate } from '../authenticate.ts';
import type { TokenLimits } from '../rate-limits.ts';
import { allows } from '../scopes.ts';
import { createTokenEndpoint } from '../token-endpoint.ts';
import type { AuthStore } from '../types.ts';

/** Values that must never come back in an answer. */
export const SENTINELS = ['uzi-900042', 'Sanne Sentinel', 'kind reageert niet'] as const;

export interface TestGateway {
  url: string;
  tokenUrl: string;
  /** The gateway's clock; a test moves it. */
  clock: { at: Date };
  close(): Promise<void>;
}

/** A real HTTP server on a free port with the routes under test and `GET /fhir/whoami`, which answers with the caller. */
export async function startGateway(store: AuthStore, limits?: TokenLimits): Promise<TestGateway> {
  const app = express();
  const routes: Router[] = [];
  app.use((req, res, next) => (routes[0] ? routes[0](req, res, next) : next()));
  const storeAway: ErrorRequestHandler = (_error, _req, res, _next) => {
    res.status(503).json({ resourceType: 'OperationOutcome' });
  };
  app.use(storeAway);
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const clock = { at: new Date() };
  const context = { store, publicUrl: url, now: () => clock.at };
  const router = express.Router();
  router.use(createTokenEndpoint({ ...context, limits }));
  router.get('/fhir/whoami', authenticate(context), (_req, res) => {
    const { caller } = res.locals;
    res.json({ caller, maySearchConsent: allows(caller, 'Consent', 's') });
  });
  routes.push(router);

  return {
    url,
    tokenUrl: `${url}/oauth/token`,
    clock,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
