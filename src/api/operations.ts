import { Router } from 'express';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { ApiPorts } from './ports.ts';

/** Counters of the doors. Labels are route patterns and codes only, never a path that was asked. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'gezinspoort_http_seconds',
    help: 'HTTP requests by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  });
  const messages = new Counter({
    name: 'gezinspoort_mllp_messages_total',
    help: 'HL7 v2 messages by acknowledgement code',
    labelNames: ['code'],
    registers: [registry],
  });
  return { registry, requests, messages };
}

export type Metrics = ReturnType<typeof createMetrics>;

/** `/healthz`: the process lives. `/readyz`: store and queue answer, so that a load balancer may send work. `/metrics`: Prometheus text. */
export function operationRoutes(ports: ApiPorts, metrics: Metrics): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  router.get('/readyz', async (_request, response) => {
    const ready = await ports.ready();
    response
      .status(ready ? 200 : 503)
      .set(ready ? {} : { 'retry-after': '5' })
      .json({ status: ready ? 'ready' : 'away' });
  });
  router.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  return router;
}
