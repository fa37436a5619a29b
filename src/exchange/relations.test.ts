import { randomUUID } from 'node:crypto';
import type { CareTeam } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type TestStore } from '../../tests/support/store.ts';
import { createPatient, loadFile } from '../store/records.ts';
import { isRelated, membersOf, relate, speaksOf } from './relations.ts';

const KNOWN = new Set(['hospital', 'jgz', 'gp']);
const day = (number: number) => new Date(Date.UTC(2026, 10, number));
const team = (...organisations: string[]): CareTeam => ({
  resourceType: 'CareTeam',
  status: 'active',
  participant: organisations.map((one) => ({ member: { reference: `Organization/${one}` } })),
});

let store: TestStore;
beforeAll(async () => {
  store = await openStore();
  await store.organisations(...KNOWN);
});
afterAll(() => store.close());

async function family() {
  const patient = randomUUID();
  await createPatient(store.db, store.vault, patient, undefined);
  return {
    set: (careTeam: CareTeam, now: Date, source = 'hospital') =>
      relate(store.db, patient, careTeam, KNOWN, source, now),
    at: async (now: Date) => (await loadFile(store.db, store.vault, patient, now))?.relations,
  };
}

describe('the care team is the list of treatment relations', () => {
  it('its organisations have one from now on', async () => {
    const { set, at } = await family();
    await set(team('hospital', 'jgz'), day(2));
    expect(await at(day(1))).toEqual([]);
    expect(await at(day(2))).toEqual(['hospital', 'jgz']);
  });

  it('those that left it have none any more, from that moment', async () => {
    const { set, at } = await family();
    await set(team('hospital', 'jgz'), day(2));
    await set(team('jgz'), day(4));
    expect(await at(day(3))).toEqual(['hospital', 'jgz']);
    expect(await at(day(4))).toEqual(['jgz']);
  });

  it('one that left may come back', async () => {
    const { set, at } = await family();
    await set(team('hospital'), day(2));
    await set(team('jgz'), day(3));
    await set(team('jgz', 'hospital'), day(4), 'jgz');
    expect(await at(day(5))).toEqual(['hospital', 'jgz']);
  });

  it('an empty team ends them all', async () => {
    const { set, at } = await family();
    await set(team('hospital', 'gp'), day(2));
    await set(team(), day(3));
    expect(await at(day(3))).toEqual([]);
    await set({ resourceType: 'CareTeam', status: 'active' }, day(4));
    expect(await at(day(4))).toEqual([]);
  });

  it('the same team again changes nothing', async () => {
    const { set, at } = await family();
    await set(team('hospital'), day(2));
    await set(team('hospital', 'hospital'), day(3));
    expect(await at(day(2))).toEqual(['hospital']);
    expect(await at(day(9))).toEqual(['hospital']);
  });

  it('professionals count through their organisation; who is not registered does not count', async () => {
    const { set, at } = await family();
    await set(
      {
        resourceType: 'CareTeam',
        status: 'active',
        participant: [
          { member: { reference: 'Practitioner/x' }, onBehalfOf: { reference: 'Organization/gp' } },
          { member: { reference: 'Organization/unknown' } },
          { member: { reference: 'Practitioner/jgz' } },
          { member: { display: 'Organization/hospital' } },
          {},
        ],
      },
      day(2),
    );
    expect(await at(day(2))).toEqual(['gp']);
  });

  it('the team of one family says nothing about another', async () => {
    const [one, two] = [await family(), await family()];
    await two.set(team('jgz'), day(2));
    await one.set(team('hospital'), day(3));
    expect(await two.at(day(4))).toEqual(['jgz']);
  });

  it.each<CareTeam['status']>(['proposed', 'suspended', 'inactive', 'entered-in-error', undefined])(
    'one that is %s changes nothing',
    async (status) => {
      const { set, at } = await family();
      await set(team('hospital', 'gp'), day(2));
      await set({ ...team('jgz'), status }, day(3));
      expect(await at(day(4))).toEqual(['gp', 'hospital']);
    },
  );

  it('a participant whose period has ended, or not begun, does not count', async () => {
    const { set, at } = await family();
    await set(team('hospital', 'jgz', 'gp'), day(2));
    const [hospital, jgz, gp] = team('hospital', 'jgz', 'gp').participant ?? [];
    const participant = [
      { ...hospital, period: { start: '2026-10-01', end: '2026-11-30' } },
      { ...jgz, period: { end: '2026-11-04' } },
      { ...gp, period: { start: '2027' } },
    ];
    await set({ ...team(), participant }, day(5));
    expect(await at(day(6))).toEqual(['hospital']);
  });

  it('an organisation without a relation ends nobody else’s', async () => {
    const { set, at } = await family();
    await set(team('hospital', 'jgz'), day(2));
    await set(team('gp'), day(3), 'gp');
    expect(await at(day(4))).toEqual(['gp', 'hospital', 'jgz']);
  });
});

describe('what a team says', () => {
  it('of an organisation that has left it still speaks, but it is no member', () => {
    const [jgz] = team('jgz').participant ?? [];
    const left = { ...team('gp'), participant: [{ ...jgz, period: { end: '2026-11-01' } }] };
    expect(membersOf(left, day(5))).toEqual([]);
    expect([speaksOf(left, 'jgz'), speaksOf(left, 'gp')]).toEqual([true, false]);
  });
});

describe('isRelated', () => {
  it('from the beginning until the end, for this patient and organisation, and not once erased', async () => {
    const patient = randomUUID();
    await createPatient(store.db, store.vault, patient, undefined);
    await relate(store.db, patient, team('hospital', 'jgz'), KNOWN, 'hospital', day(2));
    await relate(store.db, patient, team('hospital'), KNOWN, 'hospital', day(4));
    const related = (organisation: string, at: Date, of = patient) => isRelated(store.db, of, organisation, at);
    expect(await Promise.all([related('jgz', day(1)), related('jgz', day(3)), related('jgz', day(4))])).toEqual([
      false,
      true,
      false,
    ]);
    expect(await related('hospital', day(9))).toBe(true);
    expect(await related('hospital', day(9), randomUUID())).toBe(false);
    await store.db
      .updateTable('patient')
      .set({ erased_at: day(5) })
      .where('id', '=', patient)
      .execute();
    expect(await related('hospital', day(9))).toBe(false);
  });
});
