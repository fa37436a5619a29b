import { randomUUID } from 'node:crypto';
import type { CareTeam } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type TestStore } from '../../tests/support/store.ts';
import { createPatient, loadFile } from '../store/records.ts';
import { relate } from './relations.ts';

const KNOWN = new Set(['hospital', 'jgz', 'gp']);
const day = (number: number) => new Date(Date.UTC(2026, 10, number));
const team = (...organisations: string[]): CareTeam => ({
  resourceType: 'CareTeam',
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
    set: (careTeam: CareTeam, now: Date) => relate(store.db, patient, careTeam, KNOWN, 'recorder', now),
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
    await set(team('jgz', 'hospital'), day(4));
    expect(await at(day(5))).toEqual(['hospital', 'jgz']);
  });

  it('an empty team ends them all', async () => {
    const { set, at } = await family();
    await set(team('hospital', 'gp'), day(2));
    await set(team(), day(3));
    expect(await at(day(3))).toEqual([]);
    await set({ resourceType: 'CareTeam' }, day(4));
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
});
