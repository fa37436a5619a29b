import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { OperationOutcome } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAMILIES, familyBundle } from '../src/demo/families.ts';
import { type Network, openNetwork } from './support/network.ts';

let network: Network;
let consult: Record<string, unknown>;
let token: string;

beforeAll(async () => {
  network = await openNetwork();
  consult = JSON.parse(await readFile('mappings/hix/samples/luuk-consult.json', 'utf8'));
  token = await network.doors.token('hix');
  const luuk = FAMILIES[1];
  if (luuk)
    await network.doors.send(
      'kdplus',
      'POST',
      '/fhir',
      familyBundle(luuk, new Date(Date.now() - 60_000).toISOString()),
    );
});
afterAll(() => network?.close());

interface Outcome {
  status: number;
  code: string | undefined;
  paths: string[];
  text: string;
  retryAfter: string | null;
}

async function post(path: string, body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Outcome> {
  const response = await fetch(`${network.base}${path}`, {
    method: 'POST',
    body: body as string,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
  });
  return outcomeOf(response);
}

async function outcomeOf(response: Response): Promise<Outcome> {
  const text = await response.text();
  const issues = response.status < 300 || text === '' ? [] : ((JSON.parse(text) as OperationOutcome).issue ?? []);
  return {
    status: response.status,
    code: issues[0]?.details?.coding?.[0]?.code,
    paths: issues.flatMap((one) => one.expression ?? []),
    text,
    retryAfter: response.headers.get('retry-after'),
  };
}

const push = (body: unknown) => post('/exchange/hix', typeof body === 'string' ? body : JSON.stringify(body));
const exchanges = async () => (await network.gateway.ports.counts()).exchanges;

describe('Bad JSON is refused with 400, keeps nothing and harms nothing', () => {
  it.each([
    ['not JSON', '{"messageId": '],
    ['nested deeper than 40', `${'['.repeat(41)}${']'.repeat(41)}`],
    ['nested a hundred thousand deep', '['.repeat(100_000)],
    ['duplicate keys', '{"messageId": "A", "messageId": "B"}'],
    ['__proto__', '{"messageId": "A", "__proto__": {"admin": true}}'],
    ['constructor', '{"constructor": {"prototype": {"admin": true}}}'],
  ])('%s', async (_name, body) => {
    const before = await exchanges();
    expect(await push(body)).toMatchObject({ status: 400, code: 'json-invalid' });
    expect(await exchanges()).toBe(before);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('wrong encoding', async () => {
    expect(await post('/exchange/hix', Buffer.from('{"messageId": "caf\xe9"}', 'latin1'))).toMatchObject({
      status: 400,
      code: 'json-invalid',
    });
  });

  it('compressed bodies', async () => {
    expect(await post('/exchange/hix', Buffer.from('x'), { 'content-encoding': 'gzip' })).toMatchObject({
      status: 415,
    });
  });
});

describe('Size, source and content type', () => {
  it('over 5 MB is 413', async () => {
    expect(await post('/exchange/hix', `{"messageId": "${'x'.repeat(5 * 1024 * 1024)}"}`)).toMatchObject({
      status: 413,
      code: 'too-large',
    });
  });
  it('an unknown source is 404', async () => {
    expect(await post('/exchange/epic', '{}')).toMatchObject({ status: 404, code: 'source-unknown' });
  });
  it('a source the client is not registered for is 403', async () => {
    expect(await post('/exchange/kdplus', '{}')).toMatchObject({ status: 403, code: 'not-allowed' });
  });
  it('a wrong content type is 415', async () => {
    expect(await post('/exchange/hix', '<x/>', { 'content-type': 'text/xml' })).toMatchObject({
      status: 415,
      code: 'content-type-unknown',
    });
  });
});

describe('Content that does not fit is 422 with every path', () => {
  it('schema errors, all of them', async () => {
    const { gender: _gender, ...patient } = consult.patient as Record<string, unknown>;
    const answer = await push({
      ...consult,
      messageId: 'BAD-1',
      patient: { ...patient, gender: 'x' },
      poli: 'nergens',
      unknown: 1,
    });
    expect(answer).toMatchObject({ status: 422, code: 'schema-invalid' });
    expect(answer.paths.length).toBeGreaterThanOrEqual(3);
    expect(answer.paths).toContain('/poli');
    expect(answer.text).not.toContain('nergens');
  });
  it('a unit that cannot be converted', async () => {
    const answer = await push({
      ...consult,
      messageId: 'BAD-2',
      measurements: [{ type: 'body-weight', value: 12, unit: 'stone' }],
    });
    expect(answer.status).toBe(422);
    expect(answer.paths[0]).toContain('measurements');
    expect(answer.text).not.toContain('stone');
  });
  it('a BSN that fails the 11-test, without repeating it', async () => {
    const answer = await push({
      ...consult,
      messageId: 'BAD-3',
      patient: { ...(consult.patient as object), bsn: '999903239' },
    });
    expect(answer).toMatchObject({ status: 422, code: 'bsn-invalid' });
    expect(answer.text).not.toContain('999903239');
  });
  it('a birth date that does not go with the BSN', async () => {
    expect(
      await push({
        ...consult,
        messageId: 'BAD-4',
        patient: { ...(consult.patient as object), birthDate: '2024-07-10' },
      }),
    ).toMatchObject({ status: 422, code: 'identity-conflict' });
  });
  it('a sender that is not the one who sends', async () => {
    expect(await push({ ...consult, messageId: 'BAD-5', ura: '90000456' })).toMatchObject({
      status: 403,
      code: 'sender-mismatch',
    });
  });
});

describe('Message ids', () => {
  it('the same id with other content is 409, with the same content the same receipt', async () => {
    const first = await push({ ...consult, messageId: 'TWICE-1' });
    expect(first.status).toBe(202);
    expect((await push({ ...consult, messageId: 'TWICE-1' })).text).toContain(JSON.parse(first.text).id);
    expect(await push({ ...consult, messageId: 'TWICE-1', reason: 'Iets anders.' })).toMatchObject({
      status: 409,
      code: 'message-conflict',
    });
  });
  it('twenty times the same message at once is one exchange', async () => {
    const before = await exchanges();
    const answers = await Promise.all(Array.from({ length: 20 }, () => push({ ...consult, messageId: 'RACE-1' })));
    expect(new Set(answers.map((one) => JSON.parse(one.text).id)).size).toBe(1);
    expect(answers.every((one) => one.status === 202)).toBe(true);
    expect(await exchanges()).toBe(before + 1);
  });
});

describe('Who may come in', () => {
  const ask = async (authorization?: string) =>
    outcomeOf(await fetch(`${network.base}/fhir/Patient`, { headers: authorization ? { authorization } : {} }));

  it('no token, a foreign one, garbage: 401', async () => {
    expect(await ask()).toMatchObject({ status: 401, code: 'token-missing' });
    expect(await ask('Bearer abc')).toMatchObject({ status: 401, code: 'token-invalid' });
    const [header, payload] = token.split('.');
    expect(await ask(`Bearer ${header}.${payload}.AAAA`)).toMatchObject({ status: 401, code: 'token-invalid' });
  });
  it('a token without discipline or purpose: 403', async () => {
    expect(await ask(`Bearer ${token}`)).toMatchObject({ status: 403, code: 'asker-incomplete' });
  });
  it('a discipline the client is not registered for gets no token', async () => {
    await expect(
      network.doors.token('buurtgezin', { subject_role: 'paediatrician', purpose_of_use: 'TREAT' }),
    ).rejects.toThrow('access_denied');
  });
  it('a hospital may not record consent, nor read the log', async () => {
    expect((await network.doors.send('hix', 'POST', '/fhir/Consent', {})).status).toBe(403);
    expect((await network.doors.send('hix', 'GET', '/fhir/AuditEvent?patient=x')).status).toBe(403);
  });
});

describe('Pulls leave no trace', () => {
  const nurse = { iua: { subject_role: 'youth-nurse', purpose_of_use: 'TREAT' } };
  it('an unknown patient and one of another organisation answer alike: 404', async () => {
    const unknown = await network.doors.send(
      'kdplus',
      'GET',
      '/fhir/Patient/6f9619ff-8b86-4011-b42d-00c04fc964ff/$everything',
      undefined,
      nurse,
    );
    const garbage = await network.doors.send('kdplus', 'GET', '/fhir/Patient/abc/$everything', undefined, nurse);
    expect(unknown).toMatchObject({ status: 404 });
    expect(garbage.body).toEqual(unknown.body);
  });
  it('an unknown BSN gives an empty searchset', async () => {
    const form = 'identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990019';
    const answer = await network.doors.send('kdplus', 'POST', '/fhir/Patient/_search', form, {
      ...nurse,
      contentType: 'application/x-www-form-urlencoded',
    });
    expect(answer).toMatchObject({ status: 200, body: { total: 0 } });
  });
  it('a BSN in a URL is refused and not repeated', async () => {
    for (const path of [
      '/fhir/Patient?identifier=999903238',
      '/fhir/Observation?patient=999903238',
      '/fhir/Patient/999903238',
    ]) {
      const answer = await network.doors.send('kdplus', 'GET', path, undefined, nurse);
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.body)).not.toContain('999903238');
    }
    expect(network.log.join('\n')).not.toContain('999903238');
  });
  it('a search parameter that is not understood is refused, not ignored', async () => {
    expect(
      (
        await network.doors.send(
          'kdplus',
          'GET',
          '/fhir/Observation?patient=x&_has:Condition:subject:code=x',
          undefined,
          nurse,
        )
      ).status,
    ).toBe(400);
  });
});

describe('HL7 v2', () => {
  const hl7 = (text: string) => network.doors.mllp(Buffer.from(text.replaceAll('\n', '\r'), 'latin1'));

  it('an unknown type is AR with the reason in ERR', async () => {
    expect(
      await hl7(
        'MSH|^~\\&|HIX|VERZINSTAD|GEZINSPOORT|IGP|20260820113000||ADT^A60|X-1|P|2.5|||||NLD|8859/1\nPID|1||1^^^HIX^PI',
      ),
    ).toEqual({ code: 'AR', reasons: ['message-type-unknown'] });
  });
  it('a message without MSH is AR', async () => {
    expect(await hl7('PID|1||1^^^HIX^PI')).toMatchObject({ code: 'AR', reasons: ['hl7-invalid'] });
  });
  it('a sender that is not on the list is AR', async () => {
    expect(
      await hl7('MSH|^~\\&|EPIC|ELDERS|GEZINSPOORT|IGP|20260820113000||ORU^R01|X-2|P|2.5\nPID|1||1^^^HIX^PI'),
    ).toEqual({ code: 'AR', reasons: ['not-allowed'] });
  });
  it('more than 5 MB before the end of the frame closes the connection', async () => {
    const closed = await new Promise<string>((resolve) => {
      const socket = connect(network.gateway.mllpPort, '127.0.0.1', () => {
        socket.write(Buffer.from([0x0b]));
        const chunk = Buffer.alloc(1024 * 1024, 'A');
        for (let index = 0; index < 7; index += 1) socket.write(chunk);
      });
      socket.on('error', () => resolve('closed'));
      socket.on('close', () => resolve('closed'));
      socket.on('data', (data) => resolve(data.toString()));
    });
    expect(closed).toBe('closed');
  });
  it('and the gateway still takes the next message', async () => {
    expect((await push({ ...consult, messageId: 'AFTER-1' })).status).toBe(202);
  });
});
