import { Router } from 'express';

/** What the status page shows: whether parts answer and how much passed, in counts only. */
export interface StatusPorts {
  ready(): Promise<boolean>;
  counts(): Promise<{ exchanges: number; deliveries: Record<string, number>; audit: number }>;
  readonly publicUrl: string;
}

/** The console's place. For now a plain page in Dutch and English: state and counts, no data of anybody. */
export function consoleRoutes(ports: StatusPorts): Router {
  const router = Router();
  router.get('/', async (_request, response) => {
    const ready = await ports.ready();
    const counts = ready ? await ports.counts() : { exchanges: 0, deliveries: {}, audit: 0 };
    response
      .status(ready ? 200 : 503)
      .type('html')
      .send(page(ports.publicUrl, ready, counts));
  });
  return router;
}

function page(base: string, ready: boolean, counts: Awaited<ReturnType<StatusPorts['counts']>>): string {
  const row = (name: string, value: string | number) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`;
  const deliveries = Object.entries(counts.deliveries).map(([state, count]) =>
    row(`Afleveringen · Deliveries: ${state}`, count),
  );
  return `<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Gezinspoort</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:3rem auto;max-width:44rem;padding:0 1rem;color:#1c2b33}
h1{font-size:1.6rem;margin:0}table{border-collapse:collapse;width:100%;margin:1.5rem 0}th,td{text-align:left;padding:.5rem .25rem;border-bottom:1px solid #d5dde1;font-weight:400}
td{text-align:right;font-variant-numeric:tabular-nums}.state{color:${ready ? '#0a6b3d' : '#a32020'}}code{background:#eef2f4;padding:.1rem .3rem}</style></head>
<body><h1>Gezinspoort</h1><p class="state">${ready ? 'De poort is open · The gateway is ready' : 'De poort is tijdelijk dicht · The gateway is away'}</p>
<table>${row('Uitwisselingen · Exchanges', counts.exchanges)}${deliveries.join('')}${row('Regels in het logboek · Audit entries', counts.audit)}</table>
<p>FHIR: <code>${base}/fhir</code> · <a href="/fhir/metadata">metadata</a> · <a href="/metrics">metrics</a> · <a href="/readyz">readyz</a></p></body></html>`;
}
