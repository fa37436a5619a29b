import type { Bundle, Consent, OperationOutcome, Task } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, birthday } from '../src/consent/calendar.ts';
import { dutchDay } from '../src/consent/dutch-date.ts';
import { consentFor } from '../src/demo/families.ts';
import { eraseEnded } from '../src/exchange/erase.ts';
import { type Network, openNetwork } from './support/network.ts';
import { showResult } from './support/results.ts';
import { adt, bsns, consult, type Story, type StoryFamily, storyBundle, storyOn } from './support/story.ts';

// The life of a consent, told as what people do and what the gateway then does, on real parts. Everybody is invented.

const today = () => dutchDay(Date.now());
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const bsn = bsns(999_910_000);
const OWN = ['jgz', 'ziekenhuis'];
let network: Network;
let story: Story;
let number = 0;
const message = () => `LEVEN-${++number}`;
const code = (body: unknown): string => (body as OperationOutcome).issue?.[0]?.details?.coding?.[0]?.code ?? '';

beforeAll(async () => {
  network = await openNetwork();
  story = storyOn(network);
});
afterAll(() => network?.close());

/** A baby with a mother who has custody and consented for JGZ and hospital. */
const baby = (more: Partial<StoryFamily> = {}): StoryFamily => ({
  bsn: bsn(),
  birthDate: addDays(today(), -100),
  given: `Kind${number++}`,
  parents: [{ given: 'Jasmijn', custody: 'yes' }],
  team: OWN,
  consentFor: OWN,
  ...more,
});
const noticesTo = (inbox: string, patient: string): Task[] =>
  story
    .held(inbox)
    .filter((one): one is Task => one.resourceType === 'Task')
    .filter((one) => one.for?.reference === patient);
const noticeCode = (task: Task | undefined) => task?.code?.coding?.[0]?.code;
const copies = (task: Task | undefined) => (task?.input ?? []).map((one) => one.valueReference?.reference ?? '').sort();
const away = (receiver: string, address: string) =>
  network.gateway.ports.db.updateTable('receiver').set({ address }).where('id', '=', receiver).execute();
const addressOf = async (receiver: string) =>
  (
    await network.gateway.ports.db
      .selectFrom('receiver')
      .select('address')
      .where('id', '=', receiver)
      .executeTakeFirstOrThrow()
  ).address;
const refresh = () => network.gateway.refreshDirectory();

describe('a mother withdraws her consent', () => {
  it('what waits is stopped before she has hung up; who holds copies is told which, without a word of content', async (test) => {
    const family = baby();
    const { patient, consent, own } = await story.enter(family);
    expect((await story.push(consult(family, message()))).status).toBe(202);
    await network.settled();
    const before = story.held('kdplus-inbox').filter((one) => JSON.stringify(one).includes(patient));
    expect(before.length).toBeGreaterThan(1);

    const address = await addressOf('kdplus-inbox');
    await away('kdplus-inbox', 'http://127.0.0.1:1/away');
    await refresh();
    expect((await story.push(consult(family, message()))).status).toBe(202);
    const waiting = (await story.deliveries(own)).filter((one) => one.state !== 'delivered');
    expect(waiting).toHaveLength(1);

    expect((await story.change(consent, (one) => ({ ...one, status: 'inactive' }))).status).toBe(200);
    const stopped = (await story.deliveries(own)).find((one) => one.id === waiting[0]?.id);
    // A worker that has it in its hands at that moment decides anew by itself.
    await expect
      .poll(async () => (await story.deliveries(own)).find((one) => one.id === stopped?.id)?.state)
      .toBe('withheld');

    await away('kdplus-inbox', address);
    await refresh();
    await network.settled();
    const [notice, ...more] = noticesTo('kdplus-inbox', patient);
    expect([noticeCode(notice), more]).toEqual(['consent-withdrawn', []]);
    // Every copy that arrived, and those of the attempt that failed: they may have.
    expect(before.length).toBeGreaterThan(1);
    for (const copy of before) expect(copies(notice)).toContain(`${copy.resourceType}/${copy.id}`);
    expect(JSON.stringify(notice)).not.toMatch(/5\.1|Verhaalstra|99991/);
    expect(await story.kinds(own)).toContain('notice');
    expect((await story.nurse(patient)).status).toBe(404);
    showResult(test, { what: 'A withdrawal: waiting deliveries stopped, holders told', passed: 2, of: 2 });
  });

  it('an objection to one category tells of the copies of that category and of no other', async () => {
    const family = baby();
    const { patient, consent } = await story.enter(family);
    const medication = { medication: [{ name: 'ferrofumaraat', atc: 'B03AA02', status: 'active' }] };
    expect((await story.push(consult(family, message(), medication))).status).toBe(202);
    await network.settled();
    const kinds = (type: string) =>
      story.held('kdplus-inbox').filter((one) => one.resourceType === type && JSON.stringify(one).includes(patient));
    expect(kinds('MedicationStatement').length).toBe(1);
    const refused = await story.change(consent, (one) => ({
      ...one,
      provision: {
        type: 'permit',
        ...one.provision,
        provision: [
          {
            type: 'deny',
            securityLabel: [{ system: 'http://gezinspoort.nl/fhir/CodeSystem/data-category', code: 'cat-medication' }],
          },
        ],
      },
    }));
    expect(refused.status).toBe(200);
    await network.settled();
    const [notice] = noticesTo('kdplus-inbox', patient);
    expect(copies(notice)).toEqual([`MedicationStatement/${kinds('MedicationStatement')[0]?.id}`]);
    expect((await story.nurse(patient)).types).not.toContain('MedicationStatement');
    expect((await story.nurse(patient)).types).toContain('Observation');
  });
});

describe('a child is born', () => {
  it('the mother’s consent in pregnancy opens her record and not that of the child; the parents’ consent opens the child’s and not hers', async () => {
    const mother: StoryFamily = { ...baby(), birthDate: '1996-02-11', given: 'Fenna', parents: [], poli: 'mamaplus' };
    const hers = await story.enter(mother);
    expect((await story.push(consult(mother, message()))).status).toBe(202);
    expect((await story.nurse(hers.patient)).types).toContain('Observation');

    const born = baby({
      birthDate: today(),
      parents: [{ given: 'Fenna', custody: 'yes', is: hers.patient }],
      consentFor: undefined,
    });
    const child = await story.enter(born);
    // A message about the child now lands in the child's own record, and there is no consent for that one.
    expect(code((await story.push(consult(born, message()))).body)).toBe('no-consent');
    expect((await story.nurse(child.patient)).status).toBe(404);
    const due = (await network.doors.send('kdplus', 'GET', '/fhir/$consents-due')).body as Bundle<Task>;
    expect(due.entry?.map((one) => [one.resource?.for?.reference, noticeCode(one.resource)])).toContainEqual([
      child.patient,
      'birth-without-consent',
    ]);

    await story.enter({ ...born, consentFor: OWN });
    expect((await story.push(consult(born, message()))).status).toBe(202);
    expect((await story.nurse(child.patient)).types).toContain('Observation');
    // She ends her own: the child's stays as it was.
    await story.change(hers.consent, (one) => ({ ...one, status: 'inactive' }));
    expect((await story.nurse(hers.patient)).status).toBe(404);
    expect((await story.nurse(child.patient)).types).toContain('Observation');
  });
});

describe('a birthday changes who has a say, on the day of the Dutch calendar', () => {
  it.each([
    ['is eleven until midnight', 12, 1, 200, []],
    ['is twelve today and has not been asked', 12, 0, 404, ['CHILD_COCONSENT_MISSING']],
    ['is sixteen tomorrow, and twelve was never asked', 16, 1, 404, ['CHILD_COCONSENT_MISSING']],
    ['is sixteen today: the parents’ consent counts no more', 16, 0, 404, ['AGE16_OWN_CONSENT_REQUIRED']],
  ])('a child that %s', async (_who, age, inDays, status, reasons) => {
    const born = birthdayOf(age, inDays);
    const { patient, own } = await story.enter(baby({ birthDate: born }));
    expect((await story.nurse(patient)).status).toBe(status);
    if (reasons.length > 0) expect(await story.lastReasons(own)).toEqual(reasons);
  });

  /** Somebody who has this birthday so many days from now. */
  function birthdayOf(age: number, inDays: number): string {
    const day = addDays(today(), inDays);
    const born = `${Number(day.slice(0, 4)) - age}${day.slice(4)}`;
    expect(birthday(born, age)).toBe(day);
    return born;
  }

  it('the recorder sees in time whose birthday comes and whose consent ends, by id and day; nobody else does', async () => {
    const child = await story.enter(baby({ birthDate: birthdayOf(12, 30) }));
    const late = await story.enter(baby({ birthDate: birthdayOf(12, 61) }));
    const ending = await story.enter(baby());
    const ends = addDays(today(), 20);
    await story.change(ending.consent, (one) => ({
      ...one,
      provision: { type: 'permit', ...one.provision, period: { end: ends } },
    }));
    const answer = await network.doors.send('kdplus', 'GET', '/fhir/$consents-due?days=60');
    const due = ((answer.body as Bundle<Task>).entry ?? []).map(({ resource }) => [
      resource?.for?.reference,
      noticeCode(resource),
      resource?.restriction?.period?.end,
    ]);
    expect(due).toContainEqual([child.patient, 'turns-12', addDays(today(), 30)]);
    expect(due).toContainEqual([ending.patient, 'consent-ends', ends]);
    expect(due.map(([patient]) => patient)).not.toContain(late.patient);
    expect(JSON.stringify(answer.body)).not.toMatch(/Verhaalstra|99991/);
    expect((await network.doors.send('hix', 'GET', '/fhir/$consents-due')).status).toBe(403);
  });
});

describe('a child dies', () => {
  it('the death is kept although nobody may get it, what waits is stopped, and nothing is shared any more', async () => {
    const family = baby();
    const { patient, own } = await story.enter(family);
    expect((await story.push(consult(family, message()))).status).toBe(202);
    await network.settled();
    expect((await story.nurse(patient)).status).toBe(200);
    // PID-29 and PID-30: the day of death, and that the patient has died.
    const died = adt(family, message(), { pid: `${'|'.repeat(21)}${today().replaceAll('-', '')}|Y` });
    expect(await network.doors.mllp(died)).toEqual({ code: 'AA', reasons: [] });
    expect((await story.nurse(patient)).status).toBe(404);
    expect(await story.lastReasons(own)).toEqual(['PATIENT_DECEASED']);
    await network.settled();
    expect(noticeCode(noticesTo('kdplus-inbox', patient)[0])).toBe('sharing-ended');
  });
});

describe('custody changes', () => {
  it('a father who gains custody has a say from that moment: until he consents nothing is shared, and receivers are told', async () => {
    const family = baby({
      parents: [
        { given: 'Jasmijn', custody: 'yes' },
        { given: 'Ruben', custody: 'no' },
      ],
    });
    const { patient, own } = await story.enter(family);
    expect((await story.push(consult(family, message()))).status).toBe(202);
    await network.settled();
    expect((await story.nurse(patient)).status).toBe(200);
    const both = family.parents.map((one) => ({ ...one, custody: 'yes' as const }));
    await story.enter({ ...family, parents: both, consentFor: undefined });
    expect((await story.nurse(patient)).status).toBe(404);
    expect(await story.lastReasons(own)).toEqual(['CUSTODIAN_CONSENT_MISSING']);
    await network.settled();
    expect(noticeCode(noticesTo('kdplus-inbox', patient)[0])).toBe('sharing-ended');
    await story.enter({ ...family, parents: both });
    expect((await story.nurse(patient)).status).toBe(200);
  });

  it('custody is a record with a ground, a day, its history and who said it, and each change is on the log', async () => {
    const family = baby();
    const { own } = await story.enter(family);
    const { db } = network.gateway.ports;
    const events = await db
      .selectFrom('audit')
      .select('event')
      .where('patient', '=', own)
      .where('kind', '=', 'family')
      .execute();
    expect(events[0]?.event).toContain(`{"type":"custody","valueString":"yes stated ${today()}"}`);
    expect(events[0]?.event).toContain('{"type":"relation-began","valueString":"ziekenhuis"}');
    await story.enter({ ...family, parents: [{ given: 'Jasmijn', custody: 'no' }], consentFor: undefined });
    const versions = await db
      .selectFrom('resource')
      .select(['version', 'author'])
      .where('patient', '=', own)
      .where('type', '=', 'RelatedPerson')
      .orderBy('version')
      .execute();
    expect(versions).toEqual([
      { version: 1, author: 'jgz' },
      { version: 2, author: 'jgz' },
    ]);
  });
});

describe('a family moves to another municipality', () => {
  it('the old JGZ has no access from then on, the new one none until the family consents for it, and whoever is with the family can still end the old consent', async () => {
    const family = baby({ team: ['jgz', 'ziekenhuis', 'huisarts'] });
    const { patient, consent, own } = await story.enter(family);
    expect((await story.push(consult(family, message()))).status).toBe(202);
    const { addClient } = await import('./support/client.ts');
    const there = await addClient(network, 'jgz-elders', {
      organisation: 'jgz-elders',
      roles: ['consent-recorder'],
      disciplines: ['youth-nurse'],
    });
    const { vault } = network.gateway.ports;
    const theirs = vault.ids('jgz-elders').out(own);
    const nurse = () =>
      there.send('jgz-elders', 'GET', `/fhir/Patient/${theirs}/$everything`, undefined, {
        iua: { subject_role: 'youth-nurse', purpose_of_use: 'TREAT' },
      });
    const bundle = storyBundle({ ...family, consentFor: undefined }, minutesAgo(1));
    const team = bundle.entry?.find((one) => one.resource?.resourceType === 'CareTeam')?.resource;
    Object.assign(team ?? {}, {
      participant: [
        { member: { reference: 'Organization/jgz' }, period: { end: addDays(today(), -1) } },
        { member: { reference: 'Organization/jgz-elders' } },
        { member: { reference: 'Organization/ziekenhuis' } },
      ],
    });
    expect((await network.doors.send('kdplus', 'POST', '/fhir', bundle)).status).toBe(200);
    expect((await story.nurse(patient)).status).toBe(404);
    expect(await story.lastReasons(own)).toEqual(['NO_TREATMENT_RELATION']);
    expect((await nurse()).status).toBe(404);
    expect(await story.lastReasons(own)).toEqual(['RECIPIENT_NOT_COVERED']);

    // The transfer is a consent of its own: who agreed, when, kept by the new organisation.
    const found = await there.send('jgz-elders', 'GET', `/fhir/Consent?patient=${theirs}`);
    const old = (found.body as Bundle<Consent>).entry?.[0]?.resource as Consent;
    const moved = consentFor(
      { reference: `Patient/${theirs}` },
      old.performer as { reference: string }[],
      ['jgz-elders'],
      minutesAgo(1),
    );
    expect((await there.send('jgz-elders', 'POST', '/fhir/Consent', moved)).status).toBe(201);
    expect((await nurse()).status).toBe(200);
    const etag = { headers: { 'if-match': `W/"${old.meta?.versionId}"` } };
    const rewritten = await there.send('jgz-elders', 'PUT', `/fhir/Consent/${old.id}`, old, etag);
    expect([rewritten.status, code(rewritten.body)]).toEqual([403, 'not-allowed']);
    const ended = await there.send(
      'jgz-elders',
      'PUT',
      `/fhir/Consent/${old.id}`,
      { ...old, status: 'inactive' },
      etag,
    );
    expect(ended.status).toBe(200);
    const relations = await network.gateway.ports.db
      .selectFrom('treatment_relation')
      .select(['organisation', 'source', 'ended_by'])
      .where('patient', '=', own)
      .orderBy('organisation')
      .execute();
    expect(relations).toEqual([
      { organisation: 'huisarts', source: 'jgz', ended_by: 'jgz' },
      { organisation: 'jgz', source: 'jgz', ended_by: 'jgz' },
      { organisation: 'jgz-elders', source: 'jgz', ended_by: null },
      { organisation: 'ziekenhuis', source: 'jgz', ended_by: null },
    ]);
    expect(consent).toMatch(/^Consent\//);
    await there.close();
  });
});

describe('copies go when their term has ended', () => {
  const later = async (days: number): Promise<string[]> => {
    const { db, vault, policy } = network.gateway.ports;
    const now = () => new Date(Date.now() + days * 86_400_000);
    const erased: string[] = [];
    for (let round = 0; round < 5; round += 1) erased.push(...(await eraseEnded({ db, vault, policy, now })));
    return erased;
  };
  const rows = async (own: string) => {
    const { db } = network.gateway.ports;
    const count = async (table: 'resource' | 'consent' | 'patient_number' | 'consent_paper') =>
      (await db.selectFrom(table).select('patient').where('patient', '=', own).execute()).length;
    const patient = await db.selectFrom('patient').selectAll().where('id', '=', own).executeTakeFirstOrThrow();
    const raw = await db
      .selectFrom('exchange')
      .select('raw')
      .where('patient', '=', own)
      .where('raw', 'is not', null)
      .execute();
    return {
      kept: [
        await count('resource'),
        await count('consent'),
        await count('patient_number'),
        await count('consent_paper'),
        raw.length,
      ],
      key: patient.wrapped_key !== null,
      bsn: patient.bsn_index !== null,
    };
  };

  it('ninety days after the family left the IGP everything is gone, the key first; the log still tells that, and the family can come again', async () => {
    const family = baby();
    const { own } = await story.enter(family);
    expect((await story.push(consult(family, message()))).status).toBe(202);
    await network.settled();
    await story.enter({ ...family, episode: 'finished', consentFor: undefined });
    const staying = await story.enter(baby());

    expect(await later(89)).not.toContain(own);
    expect((await rows(own)).key).toBe(true);
    const erased = await later(91);
    expect(erased).toContain(own);
    expect(erased).not.toContain(staying.own);
    expect(await rows(own)).toEqual({ kept: [0, 0, 0, 0, 0], key: false, bsn: false });
    expect(await rows(staying.own)).toMatchObject({ key: true, bsn: true });
    expect((await story.kinds(own)).at(-1)).toBe('erasure');
    const again = await story.enter(family);
    expect(again.own).not.toBe(own);
    await later(0);
  });

  it('so too ninety days after the last consent ended', async () => {
    const family = baby();
    const { own, consent } = await story.enter(family);
    await story.change(consent, (one) => ({ ...one, status: 'inactive' }));
    expect(await later(180)).toContain(own);
    expect(await rows(own)).toMatchObject({ key: false });
  });
});

describe('a fact is corrected after it was shared', () => {
  it('who may still have it gets the correction; who may not is told that its copy is wrong', async () => {
    const family = baby({ team: [...OWN, 'huisarts'], consentFor: [...OWN, 'huisarts'] });
    const { patient, own } = await story.enter(family);
    const medication = (dosage: string) => ({
      medication: [{ name: 'ferrofumaraat', atc: 'B03AA02', status: 'active', dosage }],
    });
    const first = message();
    expect((await story.push(consult(family, first, medication('2 maal daags')))).status).toBe(202);
    await network.settled();
    const { vault } = network.gateway.ports;
    const gps = `Patient/${vault.ids('huisarts').out(own)}`;
    expect(story.held('huisarts-inbox').some((one) => JSON.stringify(one).includes(gps))).toBe(true);
    // The GP is no longer with the family.
    await story.enter({ ...family, team: OWN, consentFor: undefined });
    await network.settled();
    const told = noticesTo('huisarts-inbox', gps).length;
    const corrected = { ...JSON.parse(consult(family, first, medication('1 maal daags'))), messageId: message() };
    expect((await story.push(JSON.stringify(corrected))).status).toBe(202);
    await network.settled();
    const notices = noticesTo('huisarts-inbox', gps);
    expect(notices.map(noticeCode).slice(told)).toEqual(['corrected']);
    expect(noticesTo('kdplus-inbox', patient).map(noticeCode)).toEqual([]);
    expect(copies(notices.at(-1)).length).toBeGreaterThan(0);
    expect(JSON.stringify(notices.at(-1))).not.toMatch(/daags|Verhaalstra/);
  });
});

describe('break-glass', () => {
  const reviews = async (): Promise<Task[]> =>
    (((await story.officer('GET', '/fhir/$reviews')).body as Bundle<Task>).entry ?? []).flatMap(
      (one) => one.resource ?? [],
    );
  const said = (task: Task | undefined, name: string) =>
    task?.input?.find((one) => one.type.text === name)?.valueString;

  it('opens one child for sixty minutes, for a reason; the privacy officer sees it and closes it with a judgement', async (test) => {
    const family = baby();
    const { patient, consent, own } = await story.enter(family);
    expect((await story.push(consult(family, message()))).status).toBe(202);
    await story.change(consent, (one) => ({ ...one, status: 'inactive' }));
    expect((await story.hospital(own, 'paediatrician')).status).toBe(404);
    expect((await story.hospital(own, 'paediatrician', 'BTG')).status).toBe(404);
    const reason = 'Bewusteloos binnengebracht, moeder onbereikbaar';
    expect((await story.hospital(own, 'paediatrician', 'BTG', reason)).status).toBe(200);
    expect((await story.hospital(own, 'paediatrician', 'BTG', reason)).status).toBe(200);

    const mine = (await reviews()).filter((one) => one.for?.reference === patient);
    expect(mine).toHaveLength(1);
    const [task] = mine;
    expect([said(task, 'reason'), said(task, 'discipline'), said(task, 'person')]).toEqual([
      reason,
      'paediatrician',
      'medewerker-17',
    ]);
    const { start = '', end = '' } = task?.executionPeriod ?? {};
    expect((Date.parse(end) - Date.parse(start)) / 60_000).toBe(60);

    // The hour has passed: the same reason opens nothing, a new one does and is a case of its own.
    const { db } = network.gateway.ports;
    await db
      .updateTable('review')
      .set({ until: new Date(Date.now() - 1_000) })
      .where('patient', '=', own)
      .execute();
    expect((await story.hospital(own, 'paediatrician', 'BTG', reason)).status).toBe(404);
    expect((await story.hospital(own, 'paediatrician', 'BTG', 'Opnieuw insult, nog niemand bereikt')).status).toBe(200);
    expect((await reviews()).filter((one) => one.for?.reference === patient)).toHaveLength(2);

    const close = (parameters: object[]) =>
      story.officer('POST', `/fhir/$reviews/${task?.id}/$close`, { resourceType: 'Parameters', parameter: parameters });
    const outcome = { name: 'outcome', valueCode: 'justified' };
    const why = { name: 'why', valueString: 'Levensgevaar, gegevens nodig voor behandeling' };
    expect(code((await close([outcome, why])).body)).toBe('review-incomplete');
    expect(
      code((await close([{ name: 'outcome', valueCode: 'fine' }, why, { name: 'informed', valueDate: today() }])).body),
    ).toBe('review-incomplete');
    const closed = await close([outcome, why, { name: 'informed', valueDate: today() }]);
    expect([closed.status, (closed.body as Task).status]).toEqual([200, 'completed']);
    expect(code((await close([outcome, why, { name: 'informed', valueDate: today() }])).body)).toBe('review-closed');
    expect((await reviews()).filter((one) => one.for?.reference === patient)).toHaveLength(1);
    expect((await story.kinds(own)).filter((one) => one === 'break-glass' || one === 'review')).toEqual([
      'break-glass',
      'break-glass',
      'review',
    ]);
    // The reason is nowhere in clear.
    const rows = await db.selectFrom('audit').select('event').where('patient', '=', own).execute();
    expect(JSON.stringify(rows) + network.log.join()).not.toContain('Bewusteloos');
    showResult(test, { what: 'Break-glass: a clock, a notice, a review that is closed once', passed: 3, of: 3 });
  });

  it('is not for a search over several patients, nor for who is not entitled; then nobody has anything to review', async () => {
    const { own, patient } = await story.enter(baby({ consentFor: undefined }));
    const list = await network.doors.send('hix', 'GET', '/fhir/Patient', undefined, {
      iua: { subject_role: 'paediatrician', purpose_of_use: 'BTG', btg_reason: 'Wie is dit kind' },
    });
    expect(((list.body as Bundle).entry ?? []).map((one) => one.resource?.id)).not.toContain(
      network.gateway.ports.vault.ids('ziekenhuis').out(own),
    );
    expect((await story.hospital(own, 'medical-social-work', 'BTG', 'Zorgen om dit kind')).status).toBe(404);
    expect((await reviews()).filter((one) => one.for?.reference === patient)).toEqual([]);
  });
});

describe('two records may be of one person', () => {
  it('nothing is released of either until a privacy officer has looked; found to be one, an objection in either counts', async () => {
    const first = baby();
    const second = baby({ birthDate: first.birthDate });
    const [one, two] = [await story.enter(first), await story.enter(second)];
    for (const each of [first, second]) expect((await story.push(consult(each, message()))).status).toBe(202);
    await network.settled();
    expect((await story.nurse(one.patient)).status).toBe(200);
    const merge = adt(first, message(), { segments: [`MRG|7${second.bsn.slice(3)}^^^HIX^PI`] });
    expect((await network.doors.mllp(merge)).reasons).toContain('merge-conflict');
    for (const { patient } of [one, two]) expect((await story.nurse(patient)).status).toBe(404);

    // What the hospital sends meanwhile is kept and waits.
    expect((await story.push(consult(first, message()))).status).toBe(202);
    const open = ((await story.officer('GET', '/fhir/$reviews')).body as Bundle<Task>).entry ?? [];
    const task = open.map((each) => each.resource).find((each) => each?.for?.reference === one.patient);
    expect(task?.code?.coding?.[0]?.code).toBe('merge');
    await story.change(two.consent, (each) => each);
    const father = await story.change(two.consent, (each) => ({ ...each, status: 'rejected' }));
    expect(father.status).toBe(200);
    const closed = await story.officer('POST', `/fhir/$reviews/${task?.id}/$close`, {
      resourceType: 'Parameters',
      parameter: [
        { name: 'outcome', valueCode: 'one-person' },
        { name: 'why', valueString: 'Dubbel ingeschreven, zelfde geboorteakte' },
      ],
    });
    expect(closed.status).toBe(200);
    // The refusal that stood in the second record counts in the one that is left.
    expect((await story.nurse(one.patient)).status).toBe(404);
    expect(await story.lastReasons(one.own)).toContain('CUSTODIAN_OBJECTION');
    expect((await story.nurse(two.patient)).status).toBe(404);
    await network.settled();
  });
});
