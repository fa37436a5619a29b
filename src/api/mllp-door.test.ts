import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Network, openNetwork } from '../../tests/support/network.ts';
import { FAMILIES, type Family, familyBundle } from '../demo/families.ts';
import type { Directory } from '../store/directory.ts';
import { allowsPeer } from './mllp-door.ts';

const [yonathan] = FAMILIES as [Family];
const oru = await readFile('mappings/hix/samples/yonathan-oru.hl7', 'latin1');
let network: Network;
const sockets: Socket[] = [];

beforeAll(async () => {
  network = await openNetwork();
  const signedAt = new Date(Date.now() - 60_000).toISOString();
  expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(yonathan, signedAt))).status).toBe(200);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(() => network?.close());

/** A bare connection: sends bytes, and tells what has come back so far as separate messages. */
async function dial() {
  const socket = connect(network.gateway.mllpPort, '127.0.0.1');
  sockets.push(socket);
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  return {
    send: (...messages: string[]) =>
      void socket.write(Buffer.from(messages.map((one) => `\x0b${one}\x1c\r`).join(''), 'latin1')),
    answers: () => received.split('\x1c\r').slice(0, -1),
  };
}
const field = (message: string, segment: string, at: number): string =>
  (message.split('\r').find((one) => one.replace('\x0b', '').startsWith(segment)) ?? '').split('|')[at] ?? '';
const acks = (messages: string[]) => messages.map((one) => `${field(one, 'MSA', 1)} ${field(one, 'MSA', 2)}`);
const numbered = (id: string, text = oru) => text.replace('HIX-ORU-0004711', id);
const exchanges = async () => (await network.gateway.ports.counts()).exchanges;
const entered = async (id: string) =>
  (await network.gateway.ports.db.selectFrom('exchange').select('id').where('message_id', '=', id).execute()).length;

describe('the HL7 v2 door', () => {
  it('acknowledges only what is committed, with the sender’s own control id', async () => {
    const { send, answers } = await dial();
    send(numbered('C-1'));
    await expect.poll(() => acks(answers())).toEqual(['AA C-1']);
    expect(await entered('C-1')).toBe(1);
  });

  it.each([
    ['a birth date that is not there', /\|20\d{6}\|M\|/, '||M|', 'PID^1^7', 'identity-missing'],
    ['a BSN that fails the 11-test', /9999\d{5}/, '123456789', 'PID^1^3', 'bsn-invalid'],
    [
      'grams sent as kilograms',
      /(OBX\|1\|NM\|29463-7[^|]*\|[^|]*\|)[^|]*\|[^|]*/,
      '$13940|kg^kilogram^UCUM',
      'OBX^1',
      'mapping-failed',
    ],
    [
      'a unit that cannot be converted',
      /(OBX\|1\|NM\|29463-7[^|]*\|[^|]*\|)[^|]*\|[^|]*/,
      '$13.9|[lb_av]^pond^UCUM',
      'OBX^1^6',
      'mapping-failed',
    ],
  ])('%s is refused at its place in the message', async (_name, what, instead, place, code) => {
    const { send, answers } = await dial();
    expect(oru).toMatch(what);
    send(numbered('E-1').replace(what, instead));
    await expect.poll(() => acks(answers())).toEqual(['AR E-1']);
    const [answer = ''] = answers();
    expect([field(answer, 'ERR', 2), field(answer, 'ERR', 5)]).toEqual([place, `${code}^^GEZINSPOORT`]);
  });

  it('two messages in one packet are two, answered in their order', async () => {
    const { send, answers } = await dial();
    send(numbered('P-1'), numbered('P-2'), numbered('P-3').replace('ORU^R01^ORU_R01', 'ADT^A99'));
    await expect.poll(() => acks(answers())).toEqual(['AA P-1', 'AA P-2', 'AR P-3']);
  });

  it('a batch is answered by a batch: each message accepted or refused by itself', async () => {
    const { send, answers } = await dial();
    const wrong = numbered('B-2').replace('ORU^R01^ORU_R01', 'ADT^A99');
    const head = 'BHS|^~\\&|HIX|VERZINSTAD|GEZINSPOORT|IGP|20260820||||BATCH-7\r';
    send(`FHS|^~\\&|HIX\r${head}${numbered('B-1')}\r${wrong}\r${numbered('B-3')}\rBTS|3\rFTS|1\r`);
    await expect.poll(() => answers().length, { timeout: 10_000 }).toBe(1);
    const lines = (answers()[0] ?? '').replace('\x0b', '').split('\r');
    expect(lines.map((line) => line.slice(0, 3)).filter((name) => name !== 'ERR' && name !== '')).toEqual([
      'FHS',
      'BHS',
      'MSH',
      'MSA',
      'MSH',
      'MSA',
      'MSH',
      'MSA',
      'BTS',
      'FTS',
    ]);
    expect(lines.filter((line) => line.startsWith('MSA')).map((line) => line.slice(0, 10))).toEqual([
      'MSA|AA|B-1',
      'MSA|AR|B-2',
      'MSA|AA|B-3',
    ]);
    expect(lines.find((line) => line.startsWith('BHS'))?.split('|')[11]).toBe('BATCH-7');
    expect([await entered('B-1'), await entered('B-2'), await entered('B-3')]).toEqual([1, 0, 1]);
  });

  it('of a batch that does not hold what it counts nothing is taken in', async () => {
    const { send, answers } = await dial();
    send(`BHS|^~\\&|HIX\r${numbered('B-9')}\rBTS|2\r`);
    await expect.poll(() => answers().length, { timeout: 10_000 }).toBe(1);
    expect([field(answers()[0] ?? '', 'MSA', 1), field(answers()[0] ?? '', 'ERR', 2)]).toEqual(['AR', 'BTS^1^1']);
    expect(await entered('B-9')).toBe(0);
  });

  it('accepts a message without MSH-18 as 8859/1, and says so', async () => {
    const { send, answers } = await dial();
    send(numbered('W-1').replace('|8859/1|', '||'));
    await expect.poll(() => acks(answers())).toEqual(['AA W-1']);
    const [answer = ''] = answers();
    expect([field(answer, 'ERR', 2), field(answer, 'ERR', 4), field(answer, 'ERR', 5)]).toEqual([
      'MSH^1^18',
      'W',
      'hl7-charset-assumed^^GEZINSPOORT',
    ]);
  });

  it('the same message again is acknowledged again and kept once; other content under its id is refused', async () => {
    const { send, answers } = await dial();
    send(numbered('S-1'), numbered('S-1'), numbered('S-1').replace('Bedachte Laan', 'Andere Laan'));
    await expect.poll(() => acks(answers())).toEqual(['AA S-1', 'AA S-1', 'AR S-1']);
    expect(await entered('S-1')).toBe(1);
  });

  it('never acknowledges an acknowledgement', async () => {
    const before = await exchanges();
    const { send, answers } = await dial();
    const [head = ''] = numbered('K-1').replace('ORU^R01^ORU_R01', 'ACK^R01^ACK').split('\rPID');
    send(`${head}\rMSA|AA|X\r`, numbered('K-2'));
    await expect.poll(() => acks(answers())).toEqual(['AA K-2']);
    expect(await exchanges()).toBe(before + 1);
  });

  it.each([
    ['a character set that is not known', (text: string) => text.replace('|8859/1|', '|KOI8-R|')],
    [
      'bytes that are no UTF-8 where UTF-8 is declared',
      (text: string) => text.replace('|8859/1|', '|UNICODE UTF-8|').replace('Bedachte Laan', 'Bedacht\xe9 Laan'),
    ],
  ])('%s is refused for good, not guessed', async (_name, spoil) => {
    const { send, answers } = await dial();
    send(spoil(numbered('U-1')));
    await expect.poll(() => acks(answers())).toEqual(['AR U-1']);
    expect(await entered('U-1')).toBe(0);
  });

  it('text in its declared character set arrives as it was written', async () => {
    const { send, answers } = await dial();
    send(numbered('L-1').replaceAll('Bedachte', 'Bedacht\xe9'));
    await expect.poll(() => acks(answers())).toEqual(['AA L-1']);
  });

  it('an address that is right and a name that is not: refused, with the reason and without the content', async () => {
    const { send, answers } = await dial();
    send(numbered('N-1').replace('|HIX|', '|OTHER|'));
    await expect.poll(() => acks(answers())).toEqual(['AR N-1']);
    expect(answers()[0]).toContain('not-allowed');
    expect(answers()[0]).not.toContain('Yonathan');
    expect(answers()[0]).not.toContain('999903147');
  });

  it('what nobody consented to is AR with its code', async () => {
    const { send, answers } = await dial();
    send(numbered('Z-1').replaceAll('999903147', '999903032'));
    await expect.poll(() => acks(answers())).toEqual(['AR Z-1']);
    expect(answers()[0]).toContain('no-consent');
    expect(answers()[0]).not.toContain('999903032');
  });

  it('counts its answers, by code only', async () => {
    const metrics = await (await fetch(`${network.base}/metrics`)).text();
    expect(metrics).toMatch(/gezinspoort_mllp_messages_total\{code="AA"\} [1-9]/);
    expect(metrics).toMatch(/gezinspoort_mllp_messages_total\{code="AR"\} [1-9]/);
  });
});

describe('allowsPeer', () => {
  const directory = (addresses: string[] | undefined): Directory =>
    ({ clients: new Map([['hix', { mllp: addresses && { addresses } }]]) }) as unknown as Directory;
  it('addresses on the list, also as IPv4 within IPv6', () => {
    expect(allowsPeer(directory(['10.0.0.1']), '10.0.0.1')).toBe(true);
    expect(allowsPeer(directory(['10.0.0.1']), '::ffff:10.0.0.1')).toBe(true);
    expect(allowsPeer(directory(['::1']), '::1')).toBe(true);
  });
  it('nobody else', () => {
    for (const address of ['10.0.0.2', '10.0.0.10', '', '::ffff:10.0.0.2'])
      expect(allowsPeer(directory(['10.0.0.1']), address)).toBe(false);
    expect(allowsPeer(directory(undefined), '10.0.0.1')).toBe(false);
  });
});
