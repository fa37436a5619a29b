import type { AuditEvent } from '@medplum/fhirtypes';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type TestStore } from '../../tests/support/store.ts';
import { knownElements, ownFiles } from '../views/testing/test-views.ts';
import { compilePolicy, type PolicyContent, type Shipped } from './content.ts';
import { type PoliciesInForce, startPolicies } from './in-force.ts';
import { allReleases, approve, back, contentOf, propose } from './releases.ts';

const isElement = await knownElements();
const files = ownFiles();
const shipped = compiled({
  views: Object.fromEntries(files.views),
  elements: Object.fromEntries(files.elements),
  valueSets: Object.fromEntries(files.valueSets),
  settings: {},
});
const looser: PolicyContent = { ...shipped.content, settings: { bothParents: 'one-unless-objection' } };
const loosest: PolicyContent = { ...looser, settings: { ...looser.settings, btgOverridesObjection: true } };

function compiled(content: PolicyContent): Shipped {
  const read = compilePolicy(content, isElement);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read;
}

const T0 = new Date('2026-11-25T10:00:00Z');
const later = (minutes: number) => new Date(T0.getTime() + minutes * 60_000);
let store: TestStore;
let policies: PoliciesInForce;
let now = T0;

beforeEach(async () => {
  await policies?.stop();
  await store?.close();
  store = await openStore();
  now = T0;
  policies = await startPolicies({ db: store.db, shipped, isElement, now: () => now, onProblem: () => undefined });
});
afterAll(async () => {
  await policies.stop();
  await store.close();
});

const proposed = async (content: PolicyContent, from = T0) => {
  const result = await propose(store.db, content, {
    by: 'fg-1',
    reason: 'Besluit van de privacy officers.',
    from,
    now,
  });
  if (!result.ok) throw new Error(result.why);
  return result.value.id;
};
const approved = (id: string, by: string) => approve(store.db, id, { by, seen: 'abc', now });
const released = async (content: PolicyContent, from = T0) => {
  const id = await proposed(content, from);
  for (const by of ['fg-1', 'fg-2']) expect(await approved(id, by)).toMatchObject({ ok: true });
  await policies.refresh();
  return id;
};
const bothParents = () => policies.inForce().settings.bothParents;

describe('a store that never had a policy', () => {
  it('gets the one that comes with the gateway, named by its content', async () => {
    expect(policies.inForce().version).toBe(shipped.policy.version);
    expect(await allReleases(store.db)).toMatchObject([
      { version: shipped.policy.version, proposed_by: 'installation' },
    ]);
  });
  it('once: a gateway that is upgraded goes on with the policy that was released', async () => {
    const upgraded = await startPolicies({
      db: store.db,
      shipped: compiled(looser),
      isElement,
      now: () => now,
      onProblem: () => undefined,
    });
    expect(upgraded.inForce().version).toBe(shipped.policy.version);
    await upgraded.stop();
  });
});

describe('a proposal', () => {
  it('decides nothing until two different persons approved it', async () => {
    const id = await proposed(looser);
    await policies.refresh();
    expect(bothParents()).toBe('all-explicit');
    expect(await approved(id, 'fg-1')).toMatchObject({ ok: true, value: { released_at: null } });
    expect(await approved(id, 'fg-1')).toMatchObject({ ok: false, why: expect.stringMatching(/another one/) });
    await policies.refresh();
    expect(bothParents()).toBe('all-explicit');
    expect(await approved(id, 'fg-2')).toMatchObject({ ok: true, value: { released_at: now } });
    await policies.refresh();
    expect(bothParents()).toBe('one-unless-objection');
    expect(await approved(id, 'fg-3')).toMatchObject({ ok: false });
  });
  it('holds from its date, and never from before its second approval', async () => {
    await released(looser, later(60));
    expect(bothParents()).toBe('all-explicit');
    now = later(61);
    expect(bothParents()).toBe('one-unless-objection');
    const id = await proposed(loosest, T0);
    now = later(70);
    for (const by of ['fg-1', 'fg-2']) await approved(id, by);
    expect((await allReleases(store.db)).at(-1)?.holds_from).toEqual(later(70));
  });
  it('that was compared with a policy that holds no longer must be made again', async () => {
    const [one, two] = [await proposed(looser), await proposed(loosest)];
    for (const by of ['fg-1', 'fg-2']) await approved(one, by);
    expect(await approved(two, 'fg-1')).toMatchObject({ ok: false, why: expect.stringMatching(/propose again/) });
  });
  it.each<[string, Partial<Parameters<typeof propose>[2]>, PolicyContent]>([
    ['nobody', { by: '' }, looser],
    ['a name with a space', { by: 'Jan Jansen' }, looser],
    ['no reason', { reason: ' ' }, looser],
    ['no difference', {}, shipped.content],
  ])('is refused: %s', async (_, more, content) => {
    const result = await propose(store.db, content, { by: 'fg-1', reason: 'x', from: T0, now, ...more });
    expect(result.ok).toBe(false);
  });
});

describe('back', () => {
  it('is one step and at once: the policy before; once more goes one further', async () => {
    await released(looser);
    now = later(1);
    await released(loosest, now);
    expect(policies.inForce().settings.btgOverridesObjection).toBe(true);
    now = later(2);
    expect(await back(store.db, { by: 'fg-2', now })).toMatchObject({ ok: true });
    await policies.refresh();
    expect(policies.inForce().settings).toMatchObject({
      btgOverridesObjection: false,
      bothParents: 'one-unless-objection',
    });
    now = later(3);
    expect(await back(store.db, { by: 'fg-2', now })).toEqual({ ok: true, value: shipped.policy.version });
    await policies.refresh();
    expect(bothParents()).toBe('all-explicit');
    expect(await back(store.db, { by: 'fg-2', now })).toMatchObject({ ok: false });
  });
  it('withdraws what does not hold yet', async () => {
    await released(looser, later(60));
    expect(await back(store.db, { by: 'fg-2', now })).toEqual({ ok: true, value: shipped.policy.version });
    await policies.refresh();
    now = later(61);
    expect(bothParents()).toBe('all-explicit');
  });
});

describe('the log', () => {
  it('has every step with who, which policy and from when', async () => {
    const id = await released(looser);
    now = later(1);
    await back(store.db, { by: 'fg-2', now });
    const rows = await store.db
      .selectFrom('audit')
      .select('event')
      .where('kind', '=', 'policy')
      .orderBy('seq')
      .execute();
    const told = rows.map(({ event }) => {
      const { agent, entity } = JSON.parse(event) as AuditEvent;
      const detail = Object.fromEntries((entity?.[0]?.detail ?? []).map((one) => [one.type, one.valueString]));
      return [detail.policy, agent.find((one) => one.requestor)?.who?.identifier?.value, detail.seen ?? '']
        .join(' ')
        .trim();
    });
    expect(told).toEqual([
      'installed installation',
      'proposed fg-1',
      'approved fg-1 abc',
      'approved fg-2 abc',
      'released fg-2',
      'back fg-2',
    ]);
    expect(rows.some((one) => one.event.includes(id))).toBe(true);
  });
});

describe('what is kept', () => {
  it('is found by its hash, and refused when somebody changed it in the store', async () => {
    const { version } = policies.inForce();
    expect(await contentOf(store.db, version)).toEqual(shipped.content);
    expect(await policies.policyOf(version)).toMatchObject({ version });
    expect(await policies.policyOf('0000000000000000')).toBeUndefined();
    await store.db.updateTable('policy').set({ content: '{}' }).where('version', '=', version).execute();
    await expect(contentOf(store.db, version)).rejects.toThrow('is not what was released');
  });
  it('with a setting that nobody knows, or a choice that is none, is no policy', () => {
    const settings = { bothParents: 'mother', toeslag: true } as unknown as PolicyContent['settings'];
    const read = compilePolicy({ ...shipped.content, settings }, isElement);
    expect(read).toMatchObject({
      ok: false,
      problems: [expect.stringMatching(/bothParents/), expect.stringMatching(/toeslag/)],
    });
  });
});
