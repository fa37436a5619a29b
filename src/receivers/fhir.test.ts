import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openReceiver, type TestReceiver } from '../../tests/support/receiver.ts';
import { sendFhir } from './fhir.ts';

const DELIVERY = '7f1c4a52-0000-4000-8000-000000000001';
const RESOURCES = [
  { resourceType: 'Patient' as const, id: 'p' },
  { resourceType: 'Basic' as const, id: 'b', code: { text: 'x' } },
];

let receiver: TestReceiver;
beforeAll(async () => {
  receiver = await openReceiver();
});
beforeEach(() => void receiver.got.splice(0));
afterAll(() => receiver.close());
const send = (address = receiver.address) => sendFhir(address, DELIVERY, RESOURCES);

describe('what a receiver gets', () => {
  it('one transaction of updates by id, with the delivery as its name', async () => {
    expect(await send()).toEqual({ ok: true, receipt: { status: 200 } });
    expect(receiver.got).toHaveLength(1);
    expect(receiver.got[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json', 'idempotency-key': DELIVERY, 'x-request-id': DELIVERY },
      bundle: {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          { resource: RESOURCES[0], request: { method: 'PUT', url: 'Patient/p' } },
          { resource: RESOURCES[1], request: { method: 'PUT', url: 'Basic/b' } },
        ],
      },
    });
  });
});

describe('what its answer means', () => {
  it.each([200, 201, 202, 204])('%i: delivered', async (status) => {
    receiver.next(status);
    expect(await send()).toEqual({ ok: true, receipt: { status } });
  });
  it.each([400, 405, 406, 410, 412, 413, 415, 422])('%i: it will never take this', async (status) => {
    receiver.next(status);
    expect(await send()).toEqual({ ok: false, failure: 'permanent', code: `http-${status}` });
  });
  it.each([401, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504])('%i: later perhaps', async (status) => {
    receiver.next(status);
    expect(await send()).toEqual({ ok: false, failure: 'transient', code: `http-${status}` });
  });
});

describe('what can go wrong on the way', () => {
  it.each([301, 302, 303, 307, 308])(
    'a redirect (%i) is not followed: it could lead the data elsewhere',
    async (status) => {
      const elsewhere = await openReceiver();
      receiver.next((response) => response.writeHead(status, { location: elsewhere.address }).end());
      expect(await send()).toMatchObject({ ok: false, failure: 'transient' });
      expect(elsewhere.got).toEqual([]);
      await elsewhere.close();
    },
  );

  it('nobody listens, the name is unknown, the connection breaks: later', async () => {
    const away = await openReceiver();
    await away.close();
    expect(await send(away.address)).toEqual({ ok: false, failure: 'transient', code: 'unreachable' });
    expect(await send('http://nowhere.invalid/fhir')).toEqual({ ok: false, failure: 'transient', code: 'unreachable' });
    receiver.next('drop');
    expect(await send()).toEqual({ ok: false, failure: 'transient', code: 'unreachable' });
  });

  it('an address that is none is no reason to throw', async () => {
    expect(await send('not a url')).toMatchObject({ ok: false });
  });

  it('a receiver that never answers is left after ten seconds', async () => {
    receiver.next('hang');
    const since = performance.now();
    expect(await send()).toEqual({ ok: false, failure: 'transient', code: 'timeout' });
    expect(performance.now() - since).toBeLessThan(12_000);
  });

  it('an answer that never ends holds nobody up', async () => {
    receiver.next((response) => void response.writeHead(200).write('x'));
    const since = performance.now();
    expect(await send()).toEqual({ ok: true, receipt: { status: 200 } });
    expect(performance.now() - since).toBeLessThan(5_000);
  });
});
