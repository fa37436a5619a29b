import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AT, allowed, directoryOf, fileOf, observation, stored } from '../../tests/support/family.ts';
import { knowledge } from '../../tests/support/knowledge.ts';
import type { ReceiverRow } from '../store/schema.ts';
import { plan } from './plan.ts';
import type { Family } from './relatives.ts';

const ALL = ['naw', 'development', 'risk', 'consult'];
const receiver = (id: string, organisation: string, discipline: string, categories = ALL): ReceiverRow => ({
  id,
  organisation,
  discipline,
  categories,
  kind: 'fhir',
  address: 'http://127.0.0.1:1',
  active: true,
});
const DIRECTORY = directoryOf(
  [
    ['hospital', 'paediatrician'],
    ['jgz', 'youth-nurse'],
    ['gp', 'gp'],
  ],
  [
    receiver('gp-inbox', 'gp', 'gp', ['consult']),
    receiver('hospital-inbox', 'hospital', 'paediatrician'),
    receiver('jgz-inbox', 'jgz', 'youth-nurse'),
  ],
);
const came = (category: string, more = {}) =>
  stored(observation(randomUUID()), category, { exchange: randomUUID(), ...more });
const planFor = (
  incoming: ReturnType<typeof came>[],
  more: { consents?: Family['file']['consents']; relations?: string[] } = {},
  { sender = 'hospital', directory = DIRECTORY, mode = 'push' as 'push' | 'push-referral' } = {},
) => plan({ file: fileOf(more, ...incoming), relatives: [] }, incoming, mode, sender, directory, knowledge.policy, AT);
const ref = (one: ReturnType<typeof came>) => `${one.type}/${one.id}`;

describe('who gets it', () => {
  it('every receiver of another organisation with a treatment relation, consent and a listed category', () => {
    const consult = came('consult');
    expect(planFor([came('development'), consult]).receivers).toEqual(['gp-inbox', 'jgz-inbox']);
    expect(planFor([came('development')]).receivers).toEqual(['jgz-inbox']);
  });
  it('never the sender itself', () => {
    expect(
      planFor([came('development')], { consents: [allowed('hospital', 'jgz')] }, { sender: 'jgz' }).receivers,
    ).toEqual(['hospital-inbox']);
  });
  it('nobody outside the treatment', () => {
    expect(planFor([came('consult')], { relations: ['hospital', 'jgz'] }).receivers).toEqual(['jgz-inbox']);
  });
  it('nobody the family did not name', () => {
    expect(planFor([came('consult')], { consents: [allowed('gp')] }).receivers).toEqual(['gp-inbox']);
  });
  it('nobody for what was there already: only what this message brought is sent', () => {
    expect(planFor([came('development', { exchange: undefined })]).receivers).toEqual([]);
  });
});

describe('what is kept', () => {
  it('what at least one function may get, though no receiver is sent it: it can be pulled', () => {
    const directory = directoryOf([['jgz', 'youth-nurse']]);
    const growth = came('development');
    const result = planFor([growth], {}, { directory });
    expect([...result.kept]).toEqual([ref(growth)]);
    expect(result.receivers).toEqual([]);
  });

  it('what nobody may get is named by kind, category, number and reasons, and by nothing else', () => {
    const [growth, one, two] = [
      came('development'),
      came('risk', { labels: ['PSY'] }),
      came('risk', { labels: ['SDV'] }),
    ];
    const result = planFor([growth, one, two]);
    expect([...result.kept]).toEqual([ref(growth)]);
    expect(result.dropped).toHaveLength(1);
    expect(result.dropped[0]).toMatchObject({ type: 'Observation', category: 'risk', count: 2 });
    expect(result.dropped[0]?.reasons).toContain('SENSITIVE_NOT_INCLUDED');
    expect(JSON.stringify(result.dropped)).not.toContain(one.id);
  });

  it('professionals stay with what they wrote, and go with it', () => {
    const doctor = stored({ resourceType: 'Practitioner', id: randomUUID() }, 'directory', { exchange: randomUUID() });
    expect([...planFor([came('development'), doctor]).kept]).toContain(ref(doctor));
    expect([...planFor([came('development'), doctor], { consents: [] }).kept]).toEqual([]);
  });
});

describe('no consent', () => {
  it('nothing is kept, nobody gets anything, and there is a reason', () => {
    const result = planFor([came('development'), came('consult')], { consents: [] });
    expect([...result.kept]).toEqual([]);
    expect(result.receivers).toEqual([]);
    expect(result.reasons).toEqual(['NO_CONSENT']);
    expect(result.dropped.reduce((sum, one) => sum + one.count, 0)).toBe(2);
  });
  it('nobody to give it to: the reason is the same, so that the sender learns nothing of the family', () => {
    expect(planFor([came('development')], { relations: [] })).toMatchObject({ receivers: [], reasons: ['NO_CONSENT'] });
    expect(planFor([came('development')], {}, { directory: directoryOf([]) }).reasons).toEqual(['NO_CONSENT']);
  });
});

it('the same input gives the same plan and is not changed', () => {
  const incoming = [came('development'), came('risk', { labels: ['PSY'] })];
  const before = JSON.stringify(incoming);
  expect(planFor(incoming)).toEqual(planFor(incoming));
  expect(JSON.stringify(incoming)).toBe(before);
});
