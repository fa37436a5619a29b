import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import express from 'express';

/** The other parties' FHIR endpoints, on a port of their own: each inbox takes transactions of updates by id and stores what it gets. */
export interface Inboxes {
  readonly port: number;
  /** What an inbox holds, by `Type/id`. */
  held(receiver: string): ReadonlyMap<string, Resource>;
  stop(): Promise<void>;
}

/** Opens the inboxes at `http://127.0.0.1:<port>/<receiver>`. A line in `demo/received/<receiver>.ndjson` is written before the answer, so a confirmed delivery is never lost. */
export async function openInboxes(dataDir: string, receivers: readonly string[]): Promise<Inboxes> {
  const folder = join(dataDir, 'demo', 'received');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const held = new Map<string, Map<string, Resource>>();
  for (const receiver of receivers) held.set(receiver, await readBack(join(folder, `${receiver}.ndjson`)));

  const app = express().disable('x-powered-by');
  app.post('/:receiver', express.json({ type: 'application/fhir+json', limit: '10mb' }), async (request, response) => {
    const receiver = String(request.params.receiver);
    const inbox = held.get(receiver);
    const bundle = request.body as Bundle;
    if (!inbox || bundle?.type !== 'transaction') return void response.sendStatus(inbox ? 422 : 404);
    await appendFile(join(folder, `${receiver}.ndjson`), `${JSON.stringify(bundle)}\n`, { mode: 0o600 });
    keep(inbox, bundle);
    const entry = (bundle.entry ?? []).map((one) => ({ response: { status: '200', location: one.request?.url } }));
    response
      .type('application/fhir+json')
      .send(JSON.stringify({ resourceType: 'Bundle', type: 'transaction-response', entry }));
  });
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    held: (receiver) => held.get(receiver) ?? new Map(),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function keep(inbox: Map<string, Resource>, bundle: Bundle): void {
  for (const { resource } of bundle.entry ?? [])
    if (resource) inbox.set(`${resource.resourceType}/${resource.id}`, resource);
}

async function readBack(file: string): Promise<Map<string, Resource>> {
  const inbox = new Map<string, Resource>();
  const text = await readFile(file, 'utf8').catch(() => '');
  for (const line of text.split('\n').filter(Boolean)) keep(inbox, JSON.parse(line) as Bundle);
  return inbox;
}
