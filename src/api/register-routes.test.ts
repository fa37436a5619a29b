import { randomUUID } from 'node:crypto';
import type { Bundle, Consent, EpisodeOfCare, OperationOutcome, RelatedPerson } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addClient } from '../../tests/support/client.ts';
import { type Network, openNetwork } from '../../tests/support/network.ts';
import type { Answer, Doors } from '../demo/doors.ts';
import { consentFor, FAMILIES, type Family, familyBundle } from '../demo/families.ts';
import { poliOf } from '../exchange/family.ts';
import { EXTENSIONS, extension } from '../fhir/extensions.ts';
import { loadFile } from '../store/records.ts';

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
const poliCode = (episode: EpisodeOfCare) => episode.type?.[0]?.coding?.[0]?.code ?? '';
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
    const answer = await put(idOf(created), created.body, ifMatch);
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  });

  it('of ten changes of the same version at once one succeeds', async () => {
    const created = await create();
    const answers = await Promise.all(Array.from({ length: 10 }, () => put(idOf(created), created.body, 'W/"1"')));
    expect(answers.map((one) => one.status).sort()).toEqual([200, ...Array(9).fill(412)]);
  });
});

describe('a withdrawal', () => {
  it('wins over whatever came between: it is not refused for its version', async () => {
    const created = await create();
    expect((await put(idOf(created), created.body, 'W/"1"')).status).toBe(200);
    expect(await put(idOf(created), withdrawn(created), 'W/"1"')).toMatchObject({
      status: 200,
      etag: 'W/"3"',
      body: { status: 'inactive', meta: { versionId: '3' } },
    });
    const found = await network.doors.send('kdplus', 'GET', `/fhir/Consent?patient=${patient}`);
    const stands = ((found.body as Bundle<Consent>).entry ?? []).find((one) => one.resource?.id === idOf(created));
    expect(stands?.resource?.status).toBe('inactive');
  });

  it('does not win over a refusal that it has not seen: ending that would let more go', async () => {
    const created = await create();
    const refused = { ...(created.body as Consent), status: 'rejected' as const };
    expect((await put(idOf(created), refused, 'W/"1"')).status).toBe(200);
    const answer = await put(idOf(created), withdrawn(created), 'W/"1"');
    expect([answer.status, codeOf(answer)]).toEqual([412, 'version-conflict']);
    expect((await put(idOf(created), withdrawn(created), 'W/"2"')).status).toBe(200);
  });

  it.each(['inactive', 'rejected', 'entered-in-error'] as const)('%s is final', async (status) => {
    const created = await create();
    expect((await put(idOf(created), { ...(created.body as Consent), status }, 'W/"1"')).status).toBe(200);
    for (const again of ['active', 'proposed', 'draft']) {
      const answer = await put(idOf(created), { ...(created.body as Consent), status: again }, 'W/"2"');
      expect([again, answer.status, codeOf(answer)]).toEqual([again, 409, 'consent-ended']);
    }
    if (status === 'rejected') await put(idOf(created), withdrawn(created), 'W/"2"');
  });
});

describe('the custodian', () => {
  it('writes its own consents only, and nobody takes one over by naming itself', async () => {
    const theirs = (reference: string): Consent => ({ ...consent(), organization: [{ reference }] });
    const answer = await create(theirs('Organization/ziekenhuis'));
    expect([answer.status, codeOf(answer)]).toEqual([403, 'not-allowed']);
    const doors = await addClient(network, 'ziekenhuis-recorder', {
      organisation: 'ziekenhuis',
      roles: ['consent-recorder'],
    });
    const { vault } = network.gateway.ports;
    const created = await create();
    const outside = (id: string) => vault.ids('ziekenhuis').out(vault.ids('jgz').in(id) ?? '');
    const mine = { ...consent(`Patient/${outside(patient.slice(8))}`), status: 'inactive' };
    for (const reference of ['Organization/jgz', 'Organization/ziekenhuis']) {
      const body = { ...mine, organization: [{ reference }] };
      const taken = await put(outside(idOf(created)), body, 'W/"1"', doors, 'ziekenhuis-recorder');
      expect([reference, taken.status, codeOf(taken)]).toEqual([reference, 403, 'not-allowed']);
    }
    await put(idOf(created), withdrawn(created), 'W/"1"');
    await doors.close();
  });
});

describe('what the register shows', () => {
  it('is what was agreed, not the text, names, numbers or form that came with it', async () => {
    const performer = [{ reference: patient, display: 'Proefnaam', identifier: { value: '999903032' } }];
    const sourceAttachment = { title: 'Formulier', language: 'nl', contentType: 'text/plain', data: 'UHJvZWY=' };
    const created = await create({ ...consent(), identifier: [{ value: 'Proefnummer' }], performer, sourceAttachment });
    expect(created).toMatchObject({ status: 201, body: { sourceAttachment: { title: 'Formulier', language: 'nl' } } });
    const found = await network.doors.send('kdplus', 'GET', `/fhir/Consent?patient=${patient}`);
    for (const body of [created.body, found.body]) {
      expect(JSON.stringify(body)).not.toMatch(/Proef|999903032|UHJvZWY/);
    }
    await put(idOf(created), withdrawn(created), 'W/"1"');
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
    const looks = client === 'jgz-privacy' ? 200 : 403;
    for (const [method, path, body] of [
      ['POST', '/fhir', familyBundle(yonathan, undefined)],
      ['POST', '/fhir/Consent', consent()],
      ['PUT', `/fhir/Consent/${randomUUID()}`, consent()],
      ['GET', `/fhir/Consent?patient=${patient}`, undefined],
    ] as const) {
      const answer = await network.doors.send(client, method, path, body, { headers: { 'if-match': 'W/"1"' } });
      expect([method, path, answer.status]).toEqual([method, path, method === 'GET' ? looks : 403]);
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

  it('a known family is changed only by who has a relation and knows the birth date: one refusal for all, on the log', async () => {
    const mistyped = { ...yonathan, patient: { ...yonathan.patient, birthDate: '2026-05-05' } };
    const taken = { ...laila, organisations: ['huisarts'] };
    const { db } = network.gateway.ports;
    const refusals = () =>
      db.selectFrom('audit').select('event').where('kind', '=', 'refusal').where('patient', 'is not', null).execute();
    const relations = () => db.selectFrom('treatment_relation').selectAll().orderBy('patient').execute();
    const [before, related] = [await refusals(), await relations()];
    const answers = [
      await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(mistyped, undefined)),
      await other.send('hospital-recorder', 'POST', '/fhir', familyBundle(taken, undefined)),
    ];
    expect(answers.map((one) => [one.status, codeOf(one)])).toEqual(Array(2).fill([403, 'not-allowed']));
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(await relations()).toEqual(related);
    const logged = (await refusals()).slice(before.length);
    expect(logged.length).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify(logged)).not.toMatch(/9999|2026-05-0|Kwartelslag|Voorbeeld/);
  });

  it('without a birth date nobody is entered, known or not', async () => {
    for (const bsn of [yonathan.bsn, '999990019']) {
      const { birthDate: _unknown, ...person } = yonathan.patient;
      const family = { ...yonathan, patient: { ...person, identifier: [{ ...person.identifier?.[0], value: bsn }] } };
      const answer = await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(family, undefined));
      expect([answer.status, codeOf(answer)]).toEqual([422, 'fhir-invalid']);
      expect((answer.body as OperationOutcome).issue?.[0]?.expression).toEqual(['Patient.birthDate']);
    }
  });

  it('a care team speaks of the organisation that enters it', async () => {
    const without = { ...yonathan, organisations: ['ziekenhuis'] };
    const fresh = {
      ...without,
      patient: { ...yonathan.patient, identifier: [{ ...yonathan.patient.identifier?.[0], value: '999990019' }] },
    };
    for (const family of [without, fresh]) {
      const answer = await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(family, undefined));
      expect([answer.status, codeOf(answer)]).toEqual([422, 'fhir-invalid']);
      expect((answer.body as OperationOutcome).issue?.[0]?.expression).toEqual([
        'Bundle.entry[3].resource.participant',
      ]);
    }
  });

  it('every entry is about the Patient of the Bundle', async () => {
    const bundle = familyBundle(yonathan, signedAt());
    const elsewhere = { reference: patient };
    for (const [index, entry] of (bundle.entry ?? []).entries()) {
      if (index === 0) continue;
      const element = entry.resource?.resourceType === 'CareTeam' ? 'subject' : 'patient';
      const changed = bundle.entry?.map((one, at) =>
        at === index ? { ...one, resource: { ...one.resource, [element]: elsewhere } } : one,
      );
      const answer = await network.doors.send('kdplus', 'POST', '/fhir', { ...bundle, entry: changed });
      expect([answer.status, codeOf(answer)]).toEqual([422, 'fhir-invalid']);
      expect((answer.body as OperationOutcome).issue?.[0]?.expression).toEqual([
        `Bundle.entry[${index}].resource.${element}`,
      ]);
    }
  });

  it('a relative is the same person as a patient only for who treats that patient too', async () => {
    const linked = (reference: string) => {
      const bundle = familyBundle(yonathan, undefined);
      const [, mother] = bundle.entry ?? [];
      const extension = [{ url: EXTENSIONS.samePerson, valueReference: { reference } }];
      const entry = bundle.entry?.map((one) =>
        one === mother ? { ...one, resource: { ...one.resource, extension } } : one,
      );
      return network.doors.send('kdplus', 'POST', '/fhir', { ...bundle, entry });
    };
    const { db, vault } = network.gateway.ports;
    const stranger = randomUUID();
    await db
      .insertInto('patient')
      .values({ id: stranger, bsn_index: null, wrapped_key: null, erased_at: null })
      .execute();
    const outside = `Patient/${vault.ids('jgz').out(stranger)}`;
    for (const reference of [
      outside,
      `Patient/${randomUUID()}`,
      'Patient/x',
      `${patient}/_history/1`,
      familyBundle(yonathan, undefined).entry?.[0]?.fullUrl ?? '',
    ]) {
      const answer = await linked(reference);
      expect([answer.status, codeOf(answer)]).toEqual([422, 'fhir-invalid']);
      expect((answer.body as OperationOutcome).issue?.[0]?.expression).toEqual(['Bundle.entry[1].resource.extension']);
    }
    expect((await linked(patient)).status).toBe(200);
  });

  it('a withdrawn consent stays withdrawn when its Bundle comes again, whatever ids the Bundle uses', async () => {
    const identifier = [{ ...laila.patient.identifier?.[0], value: '999903238' }];
    const bundle = familyBundle({ ...laila, patient: { ...laila.patient, identifier } }, signedAt());
    const entered = await network.doors.send('kdplus', 'POST', '/fhir', bundle);
    const places = ((entered.body as Bundle).entry ?? []).map((one) => one.response?.location ?? '');
    const [adult = '', place = ''] = [places[0], places.at(-1)];
    const canPullAdult = async () =>
      (await network.doors.send('kdplus', 'GET', `/fhir/${adult}`, undefined, NURSE)).status;
    expect(await canPullAdult()).toBe(200);
    const ended = {
      ...bundle.entry?.at(-1)?.resource,
      patient: { reference: adult },
      performer: [{ reference: adult }],
      status: 'inactive',
    };
    expect((await put(place.slice(8), ended, 'W/"1"')).status).toBe(200);
    const renamed = JSON.parse(JSON.stringify(bundle).replaceAll('00000000-0000-4000', '11111111-1111-4111')) as Bundle;
    const numbered = {
      ...bundle,
      entry: bundle.entry?.map((one) => ({ ...one, resource: { ...one.resource, id: 'mine' } })),
    };
    for (const again of [bundle, renamed, numbered]) {
      const answer = await network.doors.send('kdplus', 'POST', '/fhir', again);
      expect([answer.status, ((answer.body as Bundle).entry ?? []).at(-1)?.response?.location]).toEqual([200, place]);
      expect(await canPullAdult()).toBe(404);
    }
    const update = bundle.entry?.map((one) =>
      one === bundle.entry?.at(-1) ? { ...one, request: { method: 'PUT', url: place } } : one,
    );
    const revived = await network.doors.send('kdplus', 'POST', '/fhir', { ...bundle, entry: update });
    expect([revived.status, codeOf(revived)]).toEqual([409, 'consent-ended']);
  });

  it('changed custody is a new version of the same relative, another poli ends the first', async () => {
    const { db, vault } = network.gateway.ports;
    await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(yonathan, undefined));
    const changed = {
      ...yonathan,
      poli: 'huil-slaap-eet',
      parents: yonathan.parents.map((one) => ({ ...one, custody: 'no' as const })),
    };
    const answer = await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(changed, undefined));
    const child = vault.ids('jgz').in((answer.body as Bundle).entry?.[0]?.response?.location?.slice(8) ?? '') ?? '';
    const file = await loadFile(db, vault, child, new Date());
    const custody = (file?.resources ?? [])
      .filter((one) => one.type === 'RelatedPerson')
      .map((one) => extension(one.resource as RelatedPerson, EXTENSIONS.custody)?.valueCode);
    expect(custody).toEqual(['no', 'no']);
    expect(file?.resources.filter((one) => one.type === 'CareTeam')).toHaveLength(1);
    const states = (file?.resources ?? []).flatMap((one) =>
      one.resource.resourceType === 'EpisodeOfCare' ? [[poliCode(one.resource), one.resource.status]] : [],
    );
    expect(states.sort()).toEqual([
      ['huil-slaap-eet', 'active'],
      ['nazorg-neonatologie', 'finished'],
    ]);
    await network.doors.send('kdplus', 'POST', '/fhir', familyBundle(yonathan, undefined));
    const back = await loadFile(db, vault, child, new Date());
    expect(back && poliOf(back)).toBe('nazorg-neonatologie');
  });

  it('the same relative twice in one Bundle is refused', async () => {
    const bundle = familyBundle(yonathan, undefined);
    const answer = await network.doors.send('kdplus', 'POST', '/fhir', {
      ...bundle,
      entry: [...(bundle.entry ?? []), bundle.entry?.[1]],
    });
    expect([answer.status, codeOf(answer)]).toEqual([422, 'fact-twice']);
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
    const { db, vault } = network.gateway.ports;
    const versions = () =>
      db
        .selectFrom('resource')
        .select(['version', 'current'])
        .where('id', '=', vault.ids('jgz').in(mother.slice(14)) ?? '')
        .orderBy('version')
        .execute();
    const before = await versions();
    expect(before.at(-1)?.current).toBe(true);
    expect(await put(mother, { birthDate: '1990-01-01' })).toMatchObject({ status: 200 });
    expect(await versions()).toEqual([
      ...before.map((one) => ({ ...one, current: false })),
      { version: before.length + 1, current: true },
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
