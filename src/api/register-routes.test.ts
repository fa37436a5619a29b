import { randomUUID } from 'node:crypto';
import type { Bundle, Consent, OperationOutcome } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addClient } from '../../tests/support/client.ts';
import { type Network, openNetwork } from '../../tests/support/network.ts';
import type { Answer, Doors } from '../demo/doors.ts';
import { consentFor, FAMILIES, type Family, familyBundle } from '../demo/families.ts';

const [yonathan, , laila] = FAMILIES as [Family, Family, Family];
const NURSE = { iua: { subject_role: 'youth-nurse', purpose_of_use: 'TREAT' } };
const signedAt = () => new Date(Date.now() - 60_000).toISOString();
let network: Network;
let patient: string;
let other: Doors;

beforeAll(async () => {
  network = await openNetwork();
  other = await addClient(network, 'hospital-recorder', {
    organisation: 'huisarts',
    roles: ['consent-recorder'],
    disciplines: ['gp'],
  });
  // Laila's care team has no GP: the second recorder's organisation has no treatment relation with her.
  const entered = await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(laila, undefined));
  patient = (entered.body as Bundle).entry?.[0]?.response?.location ?? '';
  expect(patient).toMatch(/^Patient\//);
});
afterAll(async () => {
  await other?.close();
  await network?.close();
});

const consent = (subject = patient): Consent =>
  consentFor({ reference: subject }, [{ reference: subject }], laila.organisations, signedAt());
const create = (body: unknown = consent()) => network.doors.send('kdplus', 'POST', '/fhir/Consent', body);
const put = (id: string, body: unknown, ifMatch?: string, doors = network.doors, client = 'kdplus') =>
  doors.send(client, 'PUT', `/fhir/Consent/${id}`, body, {
    headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
  });
const codeOf = (answer: Answer): string =>
  (answer.body as OperationOutcome).issue?.[0]?.details?.coding?.[0]?.code ?? '';
const idOf = (answer: Answer): string => (answer.body as Consent).id ?? '';
const withdrawn = (answer: Answer): Consent => ({ ...(answer.body as Consent), status: 'inactive' });
const canPull = async () => (await network.doors.send('kdplus', 'GET', `/fhir/${patient}`, undefined, NURSE)).status;

describe('a consent', () => {
  it('is registered with an id, a version and an ETag, and counts at once; withdrawn it counts no more', async () => {
    expect(await canPull()).toBe(404);
    const created = await create();
    expect(created).toMatchObject({
      status: 201,
      etag: 'W/"1"',
      body: { resourceType: 'Consent', status: 'active', patient: { reference: patient } },
    });
    expect(await canPull()).toBe(200);
    const updated = await put(idOf(created), withdrawn(created), 'W/"1"');
    expect(updated).toMatchObject({ status: 200, etag: 'W/"2"', body: { id: idOf(created), status: 'inactive' } });
    expect(await canPull()).toBe(404);
  });

  it('is found by the recorder, in the recorder’s ids', async () => {
    const created = await create();
    const found = await network.doors.send('kdplus', 'GET', `/fhir/Consent?patient=${patient}`);
    const mine = ((found.body as Bundle<Consent>).entry ?? [])
      .map((one) => one.resource)
      .find((one) => one?.id === idOf(created));
    expect(mine).toMatchObject({ patient: { reference: patient }, meta: { versionId: '1' } });
    const { db } = network.gateway.ports;
    const inner = await db.selectFrom('consent').select('id').execute();
    for (const { id } of inner) expect(JSON.stringify(found.body)).not.toContain(id);
  });

  it('every change and every look is on the log', async () => {
    const count = async () =>
      (
        await network.gateway.ports.db
          .selectFrom('audit')
          .select('seq')
          .where('kind', 'in', ['consent', 'release'])
          .execute()
      ).length;
    const before = await count();
    const created = await create();
    await put(idOf(created), withdrawn(created), 'W/"1"');
    await network.doors.send('kdplus', 'GET', `/fhir/Consent?patient=${patient}`);
    expect(await count()).toBe(before + 5);
  });
});

describe('If-Match', () => {
  it.each<[string, string | undefined, number, string]>([
    ['none', undefined, 428, 'if-match-missing'],
    ['any', '*', 428, 'if-match-missing'],
    ['a strong one', '"1"', 428, 'if-match-missing'],
    ['several', 'W/"1", W/"2"', 428, 'if-match-missing'],
    ['no number', 'W/"x"', 428, 'if-match-missing'],
    ['too old', 'W/"0"', 412, 'version-conflict'],
    ['from the future', 'W/"2"', 412, 'version-conflict'],
  ])('%s', async (_name, ifMatch, status, code) => {
    const created = await create();
    const answer = await put(idOf(created), withdrawn(created), ifMatch);
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  });

  it('of ten changes of the same version at once one succeeds', async () => {
    const created = await create();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => put(idOf(created), withdrawn(created), 'W/"1"')),
    );
    expect(answers.map((one) => one.status).sort()).toEqual([200, ...Array(9).fill(412)]);
  });
});

describe('a recorder of another organisation', () => {
  it('without a treatment relation finds no patient and no consent, by whatever id', async () => {
    const created = await create();
    const inner = network.gateway.ports.vault.ids('jgz').in(idOf(created)) ?? '';
    const theirs = network.gateway.ports.vault.ids('huisarts').out(inner);
    const innerPatient = network.gateway.ports.vault.ids('jgz').in(patient.slice(8)) ?? '';
    const theirPatient = `Patient/${network.gateway.ports.vault.ids('huisarts').out(innerPatient)}`;
    const answers = [
      await put(idOf(created), withdrawn(created), 'W/"1"', other, 'hospital-recorder'),
      await put(
        theirs,
        { ...withdrawn(created), patient: { reference: theirPatient } },
        'W/"1"',
        other,
        'hospital-recorder',
      ),
      await other.send('hospital-recorder', 'POST', '/fhir/Consent', consent(theirPatient)),
      await other.send('hospital-recorder', 'GET', `/fhir/Consent?patient=${theirPatient}`),
      await other.send('hospital-recorder', 'GET', `/fhir/Consent?patient=${randomUUID()}`),
    ];
    expect(answers.map((one) => [one.status, codeOf(one)])).toEqual(Array(5).fill([404, 'not-found']));
  });

  it('an id of the inside opens nothing', async () => {
    const rows = await network.gateway.ports.db.selectFrom('patient').select('id').execute();
    for (const { id } of rows)
      expect((await network.doors.send('kdplus', 'GET', `/fhir/Consent?patient=${id}`)).status).toBe(404);
  });
});

describe('who may record', () => {
  it.each(['hix', 'huisarts', 'buurtgezin', 'jgz-privacy'])('%s may not', async (client) => {
    for (const [method, path, body] of [
      ['POST', '/fhir', familyBundle(yonathan, undefined)],
      ['POST', '/fhir/Consent', consent()],
      ['PUT', `/fhir/Consent/${randomUUID()}`, consent()],
      ['GET', `/fhir/Consent?patient=${patient}`, undefined],
    ] as const) {
      const answer = await network.doors.send(client, method, path, body, { headers: { 'if-match': 'W/"1"' } });
      expect([method, path, answer.status]).toEqual([method, path, 403]);
    }
  });

  it('a recorder with narrower scopes may do what they say', async () => {
    const doors = await addClient(network, 'reader', {
      organisation: 'jgz',
      roles: ['consent-recorder'],
      scopes: ['system/Consent.s'],
    });
    expect((await doors.send('reader', 'GET', `/fhir/Consent?patient=${patient}`)).status).toBe(200);
    expect((await doors.send('reader', 'POST', '/fhir/Consent', consent())).status).toBe(403);
    expect((await doors.send('reader', 'POST', '/fhir', familyBundle(yonathan, undefined))).status).toBe(403);
    await doors.close();
  });
});

describe('what is refused', () => {
  it.each<[string, unknown, string | undefined, number, string]>([
    ['another content type', '<Consent/>', 'application/fhir+xml', 415, 'content-type-unknown'],
    ['no JSON', '{', undefined, 400, 'json-invalid'],
    ['duplicate keys', '{"resourceType":"Consent","resourceType":"Consent"}', undefined, 400, 'json-invalid'],
    ['null', 'null', undefined, 422, 'fhir-invalid'],
    ['a list', '[]', undefined, 422, 'fhir-invalid'],
    ['another resource', { resourceType: 'Patient' }, undefined, 422, 'fhir-invalid'],
    [
      'a consent without who agreed',
      { ...consentFor({ reference: 'Patient/x' }, [], [], '2026-01-01'), performer: undefined },
      undefined,
      422,
      'fhir-invalid',
    ],
    [
      'a patient that is nobody',
      consentFor({ reference: `Patient/${randomUUID()}` }, [{ reference: 'Patient/x' }], ['jgz'], '2026-01-01'),
      undefined,
      404,
      'not-found',
    ],
    [
      'a patient by another reference',
      consentFor({ reference: 'https://x/Patient/1' }, [{ reference: 'Patient/x' }], ['jgz'], '2026-01-01'),
      undefined,
      422,
      'consent-not-understood',
    ],
  ])('%s', async (_name, body, contentType, status, code) => {
    const answer = await network.doors.send(
      'kdplus',
      'POST',
      '/fhir/Consent',
      body,
      contentType ? { contentType } : {},
    );
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  });

  it('a consent cannot move to another patient', async () => {
    const created = await create();
    const entered = await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(yonathan, signedAt()));
    const elsewhere = (entered.body as Bundle).entry?.[0]?.response?.location ?? '';
    const answer = await put(idOf(created), { ...withdrawn(created), patient: { reference: elsewhere } }, 'W/"1"');
    expect([answer.status, codeOf(answer)]).toEqual([404, 'not-found']);
  });
});

describe('entering a family', () => {
  const resources = async () => (await network.gateway.ports.db.selectFrom('resource').select('id').execute()).length;
  it('the same Bundle again changes nothing and gives the same places', async () => {
    const bundle = familyBundle(yonathan, '2026-10-01T09:00:00+02:00');
    const first = await network.doors.send('kdplus', 'POST', '/fhir', bundle);
    const before = await resources();
    const again = await network.doors.send('kdplus', 'POST', '/fhir', bundle);
    expect(again).toMatchObject({ status: 200, body: first.body as object });
    expect(await resources()).toBe(before);
  });

  it('is all or nothing: one entry that cannot be leaves none', async () => {
    const before = await resources();
    const bundle = familyBundle(
      {
        ...yonathan,
        bsn: '999990019',
        patient: { ...yonathan.patient, identifier: [{ ...yonathan.patient.identifier?.[0], value: '999990019' }] },
      },
      undefined,
    );
    const broken = {
      ...bundle,
      entry: [
        ...(bundle.entry ?? []),
        { resource: { resourceType: 'Observation', status: 'final', code: { text: 'x' } } },
      ],
    };
    expect((await network.doors.send('kdplus', 'POST', '/fhir', broken)).status).toBe(422);
    expect(await resources()).toBe(before);
  });

  it('the birth date must go with the BSN', async () => {
    const mistyped = { ...yonathan, patient: { ...yonathan.patient, birthDate: '2026-05-05' } };
    const answer = await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(mistyped, undefined));
    expect([answer.status, codeOf(answer)]).toEqual([422, 'identity-conflict']);
  });

  it('an update by id reaches only what is of that kind in that family', async () => {
    const places = async (family: Family, at: string | undefined) => {
      const answer = await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(family, at));
      return ((answer.body as Bundle).entry ?? []).map((one) => one.response?.location ?? '');
    };
    const mine = await places(yonathan, '2026-10-01T09:00:00+02:00');
    const theirs = await places(laila, '2026-10-01T09:00:00+02:00');
    const mother = mine.find((one) => one.startsWith('RelatedPerson/')) ?? '';
    const put = async (url: string, change: object = {}) => {
      const bundle = familyBundle(yonathan, undefined);
      const entry = bundle.entry?.map((one, at) =>
        at === 1 ? { ...one, resource: { ...one.resource, ...change }, request: { method: 'PUT', url } } : one,
      );
      return network.doors.send('kdplus', 'POST', '/fhir', { ...bundle, entry });
    };
    const others = [
      mine[0],
      theirs[0],
      theirs.find((one) => one.startsWith('Consent/')),
      `RelatedPerson/${mine[0]?.slice(8)}`,
    ];
    for (const url of [...others, `RelatedPerson/${randomUUID()}`, 'RelatedPerson/x', 'RelatedPerson', '']) {
      const answer = await put(url ?? '');
      expect([url, answer.status, codeOf(answer)]).toEqual([url, 404, 'not-found']);
      expect((answer.body as OperationOutcome).issue?.[0]?.expression).toEqual(['Bundle.entry[1].request.url']);
    }
    expect(await put(mother, { birthDate: '1990-01-01' })).toMatchObject({ status: 200 });
    const { db, vault } = network.gateway.ports;
    const rows = await db
      .selectFrom('resource')
      .select(['version', 'current'])
      .where('id', '=', vault.ids('jgz').in(mother.slice(14)) ?? '')
      .orderBy('version')
      .execute();
    expect(rows).toEqual([
      { version: 1, current: false },
      { version: 2, current: true },
    ]);
  });

  it('ten at once are one family', async () => {
    const bsn = '999911120';
    const family = {
      ...yonathan,
      patient: { ...yonathan.patient, identifier: [{ ...yonathan.patient.identifier?.[0], value: bsn }] },
    };
    const bundle = familyBundle(family, '2026-10-01T09:00:00+02:00');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => network.doors.send('kdplus', 'POST', '/fhir', bundle)),
    );
    expect(answers.map((one) => one.status)).toEqual(Array(10).fill(200));
    expect(new Set(answers.map((one) => (one.body as Bundle).entry?.[0]?.response?.location)).size).toBe(1);
  });
});
