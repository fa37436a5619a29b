import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAMILIES, type Family, familyBundle } from '../src/demo/families.ts';
import { type Network, openNetwork } from './support/network.ts';

const [, luuk] = FAMILIES as [Family, Family];
let network: Network;
let text: string;
beforeAll(async () => {
  network = await openNetwork();
  text = await readFile('mappings/kdplus/samples/luuk-transfer.xml', 'utf8');
  const signedAt = new Date(Date.now() - 60_000).toISOString();
  expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(luuk, signedAt))).status).toBe(200);
});
afterAll(() => network?.close());

const push = (body: string) =>
  network.doors.send('kdplus', 'POST', '/exchange/kdplus', body, { contentType: 'application/xml' });
const exchanges = async () => (await network.gateway.ports.counts()).exchanges;

it('a JGZ dossier transfer is taken in once, by its own number, whatever its spaces and prefixes', async () => {
  const first = await push(text);
  expect(first.status).toBe(202);
  // A receipt tells how far the deliveries are: it stands still when they have come to an end.
  await network.settled();
  const settled = await push(text);
  expect(settled).toMatchObject({ status: 202, body: { id: (first.body as { id: string }).id } });
  expect(await push(text.replace(/\n\s*/g, '\n'))).toEqual(settled);
  expect(
    await push(text.replace(/<(\/?)id\b/g, '<$1v:id').replace('xmlns=', 'xmlns:v="urn:hl7-org:v3" xmlns=')),
  ).toEqual(settled);
  expect(await exchanges()).toBe(1);
  expect((await push(text.replace('drie keer', 'vier keer'))).status).toBe(409);
});

it.each([
  [
    'of another organisation',
    ['extension="90000456"/>\n        <name>', 'extension="90000457"/>\n        <name>'],
    403,
  ],
  ['with a document type', ['<REPC', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><REPC'], 400],
  ['with an element that BDS does not have', ['code="322"', 'code="32299"'], 400],
  [
    'with a code that BDS does not have',
    ['code="02" codeSystem="2.16.840.1.113883.2.4.4.40.448"', 'code="77" codeSystem="2.16.840.1.113883.2.4.4.40.448"'],
    422,
  ],
])('one %s is refused and keeps nothing', async (_what, [from = '', to = ''], status) => {
  const before = await exchanges();
  const changed = text.replace(from, to).replace('DOB-2026-000744', 'DOB-2026-000745');
  expect(changed).toContain(to);
  expect((await push(changed)).status).toBe(status);
  expect(await exchanges()).toBe(before);
});
