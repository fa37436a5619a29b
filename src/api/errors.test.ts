import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OperationOutcome } from '@medplum/fhirtypes';
import express from 'express';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../log.ts';
import { errorHandler } from './errors.ts';

const SECRET = 'Proefkind 999903147';
const lines: string[] = [];
let thrown: unknown;
let server: Server;
let base: string;

beforeAll(async () => {
  const app = express();
  app.get('/thrown', () => {
    throw thrown;
  });
  app.get('/rejected', async () => Promise.reject(thrown));
  app.get('/late', (_request, response) => {
    response.status(200).write('half');
    throw thrown;
  });
  app.use(errorHandler(createLog('info', { write: (line) => lines.push(line) })));
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => void lines.splice(0));
afterAll(() => void server.close());

const coded = (code: string) => Object.assign(new Error(SECRET), { code });
const withStatus = (status: number) => Object.assign(new Error(SECRET), { status });

describe('what was thrown becomes a problem of the catalogue', () => {
  it.each<[string, unknown, number, string, boolean]>([
    ['the store is away', coded('ECONNREFUSED'), 503, 'store-away', true],
    ['the store is being stopped', coded('57P01'), 503, 'store-away', true],
    ['a wrong statement', coded('42P01'), 500, 'internal', true],
    ['a mistake of ours', new TypeError(SECRET), 500, 'internal', true],
    ['something that is no error', SECRET, 500, 'internal', true],
    ['an object', { message: SECRET }, 500, 'internal', true],
    ['a body that is too large', withStatus(413), 413, 'too-large', false],
    ['a body in a wrong coding', withStatus(415), 415, 'content-type-unknown', false],
    ['too many requests', withStatus(429), 429, 'throttled', false],
  ])('%s', async (_name, error, status, code, isLogged) => {
    for (const path of ['thrown', 'rejected']) {
      thrown = error;
      const response = await fetch(`${base}/${path}`);
      const text = await response.text();
      expect(response.status).toBe(status);
      expect((JSON.parse(text) as OperationOutcome).issue[0]?.details?.coding?.[0]?.code).toBe(code);
      expect(text).not.toContain('Proefkind');
    }
    expect(lines).toHaveLength(isLogged ? 2 : 0);
    expect(lines.join()).not.toContain('Proefkind');
  });

  it('advises when to come back only where that helps', async () => {
    thrown = coded('ECONNREFUSED');
    expect((await fetch(`${base}/thrown`)).headers.get('retry-after')).toBe('5');
    thrown = withStatus(413);
    expect((await fetch(`${base}/thrown`)).headers.get('retry-after')).toBeNull();
  });

  it('an answer that had begun is broken off, not finished with something else', async () => {
    thrown = new Error(SECRET);
    await expect(fetch(`${base}/late`).then((response) => response.text())).rejects.toThrow();
    expect(lines.join()).not.toContain('Proefkind');
  });
});
