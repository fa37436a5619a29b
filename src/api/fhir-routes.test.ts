import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { Bundle, Observation, OperationOutcome, Patient, Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addClient } from '../../tests/support/client.ts';
import { type Network, openNetwork } from '../../tests/support/network.ts';
import type { Answer } from '../demo/doors.ts';
import { FAMILIES, type Family, familyBundle } from '../demo/families.ts';
import { find } from '../demo/play.ts';

const [, luuk] = FAMILIES as [Family, Family];
const NURSE = { subject_role: 'youth-nurse', purpose_of_use: 'TREAT' };
let network: Network;
let patient: string;

beforeAll(async () => {
  network = await openNetwork();
  const signedAt = new Date(Date.now() - 60_000).toISOString();
  expect((await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(luuk, signedAt))).status).toBe(200);
  const consult = await readFile('mappings/hix/samples/luuk-consult.json', 'utf8');
  const pushed = await network.doors.send('hix', 'POST', '/exchange/hix', consult, { contentType: 'application/json' });
  expect(pushed.status).toBe(202);
  patient = (await find(network.doors, 'kdplus', 'youth-nurse', luuk)) ?? '';
  expect(patient).not.toBe('');
});
afterAll(() => network?.close());

const get = (path: string, iua = NURSE, client = 'kdplus') =>
  network.doors.send(client, 'GET', path, undefined, { iua });
const resources = (answer: Answer): Resource[] =>
  ((answer.body as Bundle).entry ?? []).flatMap((one) => one.resource ?? []);
const codeOf = (answer: Answer): string =>
  (answer.body as OperationOutcome).issue?.[0]?.details?.coding?.[0]?.code ?? '';
const releases = async (): Promise<number> =>
  (
    await network.gateway.ports.db
      .selectFrom('audit')
      .select('seq')
      .where('kind', 'in', ['decision', 'release'])
      .execute()
  ).length;

describe('GET /fhir/{Type}/{id}', () => {
  it('gives the one resource as the searches give it', async () => {
    const [found] = resources(await get(`/fhir/Observation?patient=${patient}`));
    expect(await get(`/fhir/Observation/${found?.id}`)).toMatchObject({ status: 200, body: found as object });
    expect((await get(`/fhir/Patient/${patient}`)).status).toBe(200);
  });
  it('is 404 under another type, for an id of another organisation, and for one nobody has', async () => {
    const [found] = resources(await get(`/fhir/Observation?patient=${patient}`));
    for (const path of [`Condition/${found?.id}`, `Observation/${randomUUID()}`, 'Observation/x', `Consent/${patient}`])
      expect([path, (await get(`/fhir/${path}`)).status]).toEqual([path, 404]);
    const paediatrician = { subject_role: 'paediatrician', purpose_of_use: 'TREAT' };
    expect((await get(`/fhir/Observation/${found?.id}`, paediatrician, 'hix')).status).toBe(404);
  });
  it('is 404 for a resource that the discipline may not see', async () => {
    const social = { subject_role: 'social-domain', purpose_of_use: 'TREAT' };
    const [mine] = resources(await get('/fhir/Patient', social, 'wijkteam'));
    const inside = network.gateway.ports.vault.ids('wijkteam');
    const hidden = await network.gateway.ports.db
      .selectFrom('resource')
      .select('id')
      .where('type', '=', 'Observation')
      .where('category', '=', 'development')
      .executeTakeFirstOrThrow();
    expect(mine?.resourceType).toBe('Patient');
    expect((await get(`/fhir/Observation/${inside.out(hidden.id)}`, social, 'wijkteam')).status).toBe(404);
  });
});

describe('GET /fhir/{Type}?patient=', () => {
  it('gives that type only, with links and ids of the asker', async () => {
    const answer = await get(`/fhir/Observation?patient=${patient}`);
    const found = resources(answer) as Observation[];
    expect(answer.status).toBe(200);
    expect(found.length).toBeGreaterThan(2);
    expect(new Set(found.map((one) => one.resourceType))).toEqual(new Set(['Observation']));
    expect(found.every((one) => one.subject?.reference === `Patient/${patient}`)).toBe(true);
    expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: found.length });
    expect((answer.body as Bundle).entry?.[0]?.fullUrl).toBe(`${network.base}/fhir/Observation/${found[0]?.id}`);
  });
  it('takes patient=Patient/id as well', async () => {
    expect(resources(await get(`/fhir/Observation?patient=Patient/${patient}`)).length).toBeGreaterThan(2);
  });
  it('finds by a search parameter what is there, and nothing else', async () => {
    const all = resources(await get(`/fhir/Observation?patient=${patient}`)) as Observation[];
    const code = all[0]?.code?.coding?.[0]?.code ?? '';
    const found = resources(await get(`/fhir/Observation?patient=${patient}&code=${code}`)) as Observation[];
    expect(found.length).toBeGreaterThan(0);
    expect(found.map((one) => one.id)).toEqual(
      all.filter((one) => one.code?.coding?.some((each) => each.code === code)).map((one) => one.id),
    );
    expect(resources(await get(`/fhir/Observation?patient=${patient}&code=0000-0`))).toEqual([]);
    expect(resources(await get(`/fhir/Observation?patient=${patient}&_id=${all[1]?.id}`)).map((one) => one.id)).toEqual(
      [all[1]?.id],
    );
  });
  it('nothing hidden can be probed: a search sees only what the asker may see', async () => {
    const volunteer = { subject_role: 'volunteer', purpose_of_use: 'TREAT' };
    const theirs = resources(await get('/fhir/Patient', volunteer, 'buurtgezin'))[0]?.id;
    expect(resources(await get(`/fhir/Patient?_count=1`, volunteer, 'buurtgezin'))).toHaveLength(1);
    const answer = await get(`/fhir/Observation?patient=${theirs}&code=29463-7`, volunteer, 'buurtgezin');
    expect(answer).toMatchObject({ status: 200, body: { total: 0 } });
    expect((await get(`/fhir/Patient?birthdate=2024-07-09`, volunteer, 'buurtgezin')).status).toBe(400);
  });
  it.each([
    ['no patient', '/fhir/Observation'],
    ['two patients', '/fhir/Observation?patient=a&patient=b'],
    ['an unknown parameter', '/fhir/Observation?patient=PATIENT&foo=bar'],
    ['a parameter of another type', '/fhir/Observation?patient=PATIENT&gender=male'],
    ['a modifier', '/fhir/Observation?patient=PATIENT&code:below=1'],
    ['an include of everything', '/fhir/Observation?patient=PATIENT&_include=*'],
    ['a type that does not exist', '/fhir/Nonsense?patient=PATIENT'],
  ])('%s is refused', async (_name, path) => {
    const answer = await get(path.replace('PATIENT', patient));
    expect([answer.status, codeOf(answer)]).toEqual([400, 'search-unsupported']);
  });
  it('a text that is no UTF-8 is refused, not a failure of ours', async () => {
    for (const path of [
      `/fhir/Observation?patient=%ff`,
      '/fhir/Patient?_after=%c3%28',
      '/fhir/Patient/%ff',
      '/fhir/%e0%a4%a?patient=x',
    ])
      expect((await get(path)).status).toBeLessThan(500);
  });
});

describe('GET /fhir/Patient/{id} and $everything', () => {
  it('reads one with its version as ETag', async () => {
    const answer = await get(`/fhir/Patient/${patient}`);
    expect(answer).toMatchObject({ status: 200, body: { resourceType: 'Patient', id: patient } });
    expect(answer.etag).toBe(`W/"${(answer.body as Patient).meta?.versionId}"`);
  });
  it('$everything has no dangling reference and names no id of the inside', async () => {
    const found = resources(await get(`/fhir/Patient/${patient}/$everything`));
    const there = new Set(found.map((one) => `${one.resourceType}/${one.id}`));
    const inner = await network.gateway.ports.db.selectFrom('resource').select('id').execute();
    const text = JSON.stringify(found);
    for (const [, reference] of text.matchAll(/"reference":"(\w+\/[0-9a-f-]{36})"/g))
      expect(there).toContain(reference);
    for (const { id } of inner) expect(text).not.toContain(id);
  });
  it('_since gives what changed after that instant', async () => {
    const everything = resources(await get(`/fhir/Patient/${patient}/$everything`));
    const instants = everything.map((one) => Date.parse(one.meta?.lastUpdated ?? '')).sort((a, b) => a - b);
    expect(instants.every(Number.isFinite)).toBe(true);
    const between = new Date(((instants[0] ?? 0) + (instants.at(-1) ?? 0)) / 2);
    const later = resources(await get(`/fhir/Patient/${patient}/$everything?_since=${between.toISOString()}`));
    expect(later.length).toBeGreaterThan(0);
    expect(later.length).toBeLessThan(everything.length);
    expect(later.every((one) => Date.parse(one.meta?.lastUpdated ?? '') > between.getTime())).toBe(true);
  });
  it('_since in the future gives 404, like nothing at all', async () => {
    expect((await get(`/fhir/Patient/${patient}/$everything?_since=2099-01-01T00:00:00Z`)).status).toBe(404);
  });
  it.each([
    '_since=yesterday',
    '_since=',
    'since=2026-01-01',
    '_type=Claim',
    '_count=0',
    'start=2026-01-01',
    '_since=2026-01-01&_since=2027-01-01',
  ])('$everything?%s is refused', async (query) =>
    expect((await get(`/fhir/Patient/${patient}/$everything?${query}`)).status).toBe(400),
  );
  it('the id that another organisation uses for the same child is nobody', async () => {
    const theirs = await find(network.doors, 'huisarts', 'gp', luuk);
    expect(theirs).toBeDefined();
    expect((await get(`/fhir/Patient/${theirs}`)).status).toBe(404);
    expect((await get(`/fhir/Patient/${theirs}/$everything`)).status).toBe(404);
  });
});

describe('scopes', () => {
  it('a token with fewer scopes than needed is refused, by type and by interaction', async () => {
    const doors = await addClient(network, 'narrow', {
      organisation: 'jgz',
      scopes: ['system/Observation.s', 'system/Patient.r'],
      disciplines: ['youth-nurse'],
    });
    const status = async (path: string) => (await doors.send('narrow', 'GET', path, undefined, { iua: NURSE })).status;
    expect(await status(`/fhir/Observation?patient=${patient}`)).toBe(200);
    expect(await status(`/fhir/Patient/${patient}`)).toBe(200);
    expect(await status(`/fhir/Condition?patient=${patient}`)).toBe(403);
    expect(await status('/fhir/Patient')).toBe(403);
    expect(await status(`/fhir/Patient/${patient}/$everything`)).toBe(403);
    await doors.close();
  });
  it('a discipline or scope that was taken away does not work on until the token expires', async () => {
    const doors = await addClient(network, 'shrinking', { organisation: 'jgz', disciplines: ['youth-nurse'] });
    const token = await doors.token('shrinking', NURSE);
    const status = async () =>
      (await fetch(`${network.base}/fhir/Patient/${patient}`, { headers: { authorization: `Bearer ${token}` } }))
        .status;
    expect(await status()).toBe(200);
    await network.gateway.ports.db
      .updateTable('client')
      .set({ disciplines: [] })
      .where('id', '=', 'shrinking')
      .execute();
    await network.gateway.refreshDirectory();
    expect(await status()).toBe(401);
    await doors.close();
  });
});

describe('what is looked at is on the log, what is refused leaves no look', () => {
  it('one decision and one release per pull; none for a refused request', async () => {
    const before = await releases();
    await get(`/fhir/Patient/${patient}`);
    expect(await releases()).toBe(before + 2);
    await get(`/fhir/Observation?patient=${patient}&foo=bar`);
    expect(await releases()).toBe(before + 2);
  });
  it('looking for nobody is a decision too, and costs one', async () => {
    const before = await releases();
    await get(`/fhir/Patient/${randomUUID()}`);
    expect(await releases()).toBe(before + 1);
  });
  it('HEAD is a look like GET and has no body', async () => {
    const before = await releases();
    const token = await network.doors.token('kdplus', NURSE);
    const response = await fetch(`${network.base}/fhir/Patient/${patient}`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${token}` },
    });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(await releases()).toBe(before + 2);
  });
});

describe('no trace', () => {
  it('a search on a patient nobody knows and on one without anything to release answer alike', async () => {
    const doors = await addClient(network, 'strangers', { organisation: 'strangers', disciplines: ['gp'] });
    const iua = { subject_role: 'gp', purpose_of_use: 'TREAT' };
    const inner = await network.gateway.ports.db.selectFrom('patient').select('id').executeTakeFirstOrThrow();
    const known = network.gateway.ports.vault.ids('strangers').out(inner.id);
    for (const path of ['/fhir/Observation?patient=ID', '/fhir/Patient/ID', '/fhir/Patient/ID/$everything']) {
      const answers = await Promise.all(
        [known, randomUUID(), 'garbage'].map((id) =>
          doors.send('strangers', 'GET', path.replace('ID', id), undefined, { iua }),
        ),
      );
      const bodies = answers.map((one, at) => [
        one.status,
        JSON.stringify(one.body).replaceAll([known, 'x', 'garbage'][at] ?? '', ''),
      ]);
      expect([path, bodies[1]?.[0]]).toEqual([path, bodies[0]?.[0]]);
      expect([path, bodies[2]]).toEqual([path, bodies[0]]);
    }
    await doors.close();
  });
});

describe('other methods and odd requests', () => {
  const token = () => network.doors.token('kdplus', NURSE);
  const status = async (method: string, path: string, withToken = true) =>
    (
      await fetch(`${network.base}${path}`, {
        method,
        headers: withToken ? { authorization: `Bearer ${await token()}` } : {},
      })
    ).status;

  it.each([
    ['DELETE', '/fhir/Patient/PATIENT', 404],
    ['PUT', '/fhir/Patient/PATIENT', 404],
    ['PATCH', '/fhir/Patient/PATIENT', 404],
    ['POST', '/fhir/Observation', 404],
    ['DELETE', '/fhir/Consent/PATIENT', 404],
    ['PUT', '/exchange/hix', 404],
    ['POST', '/healthz', 404],
    ['GET', '/fhir', 404],
    ['GET', '/nowhere', 404],
  ])('%s %s is %i', async (method, path, expected) => {
    expect(await status(method, path.replace('PATIENT', patient))).toBe(expected);
  });
  it.each(['GET', 'HEAD', 'OPTIONS', 'DELETE', 'POST'])('%s without a token tells nothing', async (method) => {
    expect(await status(method, `/fhir/Patient/${patient}`, false)).toBe(401);
  });
  it('headers without end are refused', async () => {
    const answer = await new Promise<number>((resolve, reject) => {
      const sent = request(
        `${network.base}/fhir/Patient`,
        { headers: { 'x-long': 'x'.repeat(64 * 1024) } },
        (response) => resolve(response.statusCode ?? 0),
      );
      sent.on('error', reject);
      sent.end();
    });
    expect(answer).toBe(431);
  });
  it('a request id that could be a number of somebody is not taken over', async () => {
    const answers = await Promise.all(
      ['7d3c9a60-1c2b-4f7e-9a10-2b6f0c1d2e3f', 'Yonathan_2026-05-04', 'a-999903147-b', 'x', 'a b c d e f g h'].map(
        async (id) =>
          (await fetch(`${network.base}/healthz`, { headers: { 'x-request-id': id } })).headers.get('x-request-id'),
      ),
    );
    expect(answers[0]).toBe('7d3c9a60-1c2b-4f7e-9a10-2b6f0c1d2e3f');
    for (const one of answers.slice(1)) expect(one).toMatch(/^[0-9a-f-]{36}$/);
  });
  it('a BSN in any URL is refused, and never written down', async () => {
    for (const path of [
      '/fhir/Patient/999903238',
      '/fhir/Patient?identifier=999903238',
      `/fhir/Consent?patient=999903238`,
      '/fhir/AuditEvent?patient=999903238',
      '/fhir/Observation?patient=x&code=%39%39%39903238',
      '/fhir/999903238?patient=x',
    ]) {
      const answer = await get(path);
      expect([path, answer.status]).toEqual([path, 400]);
      expect(JSON.stringify(answer.body)).not.toContain('999903238');
    }
    expect(network.log.join()).not.toContain('999903238');
    expect(await (await fetch(`${network.base}/metrics`)).text()).not.toContain('999903238');
  });
});

describe('a caseload of more than fifty', () => {
  it('comes in pages that hold every patient once, and only those that may be shown', async () => {
    const doors = await addClient(network, 'large', {
      organisation: 'large-hospital',
      disciplines: ['paediatrician'],
      roles: ['consent-recorder'],
    });
    const signedAt = new Date(Date.now() - 60_000).toISOString();
    const bsns = validBsns(120);
    for (const bsn of bsns) {
      const family = {
        ...luuk,
        bsn,
        organisations: ['large-hospital'],
        patient: { ...luuk.patient, identifier: [{ ...luuk.patient.identifier?.[0], value: bsn }] },
      };
      const answer = await doors.send('large', 'POST', '/fhir', familyBundle(family, signedAt));
      expect(answer.status).toBe(200);
    }
    const iua = { subject_role: 'paediatrician', purpose_of_use: 'TREAT' };
    const sizes: number[] = [];
    const ids: string[] = [];
    let path: string | undefined = '/fhir/Patient';
    while (path) {
      const answer = await doors.send('large', 'GET', path, undefined, { iua });
      const found = resources(answer);
      sizes.push(found.length);
      ids.push(...found.map((one) => one.id ?? ''));
      const next = (answer.body as Bundle).link?.find((one) => one.relation === 'next')?.url;
      path = next?.replace(network.base, '');
    }
    expect(sizes).toEqual([50, 50, 20]);
    expect(new Set(ids).size).toBe(120);
    const first = await doors.send('large', 'GET', '/fhir/Patient?_count=7', undefined, { iua });
    expect(resources(first)).toHaveLength(7);
    const second =
      (first.body as Bundle).link?.find((one) => one.relation === 'next')?.url?.replace(network.base, '') ?? '';
    const after = resources(await doors.send('large', 'GET', second, undefined, { iua }));
    expect([...resources(first), ...after].map((one) => one.id)).toEqual(ids.slice(0, 14));
    // Where the next page starts is no id of a patient: the last one on a page may be one who may not be shown.
    expect(ids).not.toContain(new URL(second, network.base).searchParams.get('_after'));
    expect((await doors.send('large', 'GET', '/fhir/Patient?_after=garbage', undefined, { iua })).status).toBe(400);
    expect((await doors.send('large', 'GET', '/fhir/Patient?_count=many', undefined, { iua })).status).toBe(400);
    await doors.close();
  }, 60_000);
});

/** Numbers of the test range that pass the 11-test. */
function validBsns(count: number): string[] {
  const found: string[] = [];
  for (let number = 999_910_000; found.length < count; number += 1) {
    const sum = [9, 8, 7, 6, 5, 4, 3, 2, -1].reduce(
      (total, weight, at) => total + weight * Number(String(number)[at]),
      0,
    );
    if (sum % 11 === 0) found.push(String(number));
  }
  return found;
}
