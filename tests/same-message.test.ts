import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAMILIES, type Family, familyBundle } from '../src/demo/families.ts';
import { type Network, openNetwork } from './support/network.ts';

const [, luuk] = FAMILIES as [Family, Family];
let network: Network;
beforeAll(async () => {
  network = await openNetwork();
  const signedAt = new Date(Date.now() - 60_000).toISOString();
  expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(luuk, signedAt))).status).toBe(200);
});
afterAll(() => network?.close());

const push = (text: string) =>
  network.doors.send('hix', 'POST', '/exchange/hix', text, { contentType: 'application/json' });

it('a record with other spaces and another order of members is the same message; one with another value is not', async () => {
  const text = await readFile('mappings/hix/samples/luuk-consult.json', 'utf8');
  const first = await push(text);
  expect(first.status).toBe(202);
  const turned = Object.fromEntries(Object.entries(JSON.parse(text) as object).reverse());
  expect(await push(JSON.stringify(turned))).toEqual(first);
  expect((await network.gateway.ports.counts()).exchanges).toBe(1);
  const changed = JSON.stringify({ ...turned, conclusions: 'Anders.' });
  expect((await push(changed)).status).toBe(409);
});
