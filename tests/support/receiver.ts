import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bundle } from '@medplum/fhirtypes';

/** One request as a receiver got it. */
export interface Got {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly bundle: Bundle;
  /** The status it was answered with, where it was. */
  answered?: number;
}

/** What the receiver does with the next request: a status, or something worse. Default 200. */
export type Behaviour = number | 'hang' | 'drop' | ((response: ServerResponse, got: Got) => void);

/** A real HTTP endpoint that keeps what it got and behaves as it is told. */
export interface TestReceiver {
  readonly address: string;
  readonly got: Got[];
  /** Behaviours of the next requests, in order. */
  next(...behaviours: Behaviour[]): void;
  /** From now on it behaves well. */
  recover(): void;
  close(): Promise<void>;
}

/** Opens a receiver on a free port. */
export async function openReceiver(): Promise<TestReceiver> {
  const got: Got[] = [];
  const coming: Behaviour[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const one: Got = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      bundle: text === '' ? ({} as Bundle) : (JSON.parse(text) as Bundle),
    };
    got.push(one);
    const behaviour = coming.shift() ?? 200;
    if (behaviour === 'hang') return;
    if (behaviour === 'drop') return void request.socket.destroy();
    if (typeof behaviour === 'function') return behaviour(response, one);
    one.answered = behaviour;
    response
      .writeHead(behaviour, { 'content-type': 'application/fhir+json' })
      .end('{"resourceType":"OperationOutcome"}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`,
    got,
    next: (...behaviours) => void coming.push(...behaviours),
    recover: () => void coming.splice(0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
