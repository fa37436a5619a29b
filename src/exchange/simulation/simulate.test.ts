import { describe, expect, it } from 'vitest';
import { knowledge } from '../../../tests/support/knowledge.ts';
import type { Policy } from '../../policy/policy.ts';
import { population } from './population.ts';
import { simulate } from './simulate.ts';

const AT = '2026-11-25T12:00:00Z';
const own = knowledge.policy;
const withSettings = (settings: Partial<Policy['settings']>): Policy => ({
  ...own,
  settings: { ...own.settings, ...settings },
});
const shapesOf = (after: Policy) => [...new Set(simulate(own, after, AT).flips.map((one) => one.shape))];

describe('over the generated population', () => {
  it('the same policy changes no answer, and every family is asked about by everybody', () => {
    const { questions, families, flips } = simulate(own, withSettings({}), AT);
    expect(flips).toEqual([]);
    expect(families).toBeGreaterThanOrEqual(15);
    expect(questions).toBe(families * 5 * own.views.policies.size * 3);
  }, 60_000);

  it('a looser setting opens what it is about, for those it is about, and closes nothing', () => {
    const { flips } = simulate(own, withSettings({ bothParents: 'one-unless-objection' }), AT);
    expect(new Set(flips.map((one) => one.shape))).toEqual(new Set(['divorced parents, one has not answered']));
    expect(flips.every((one) => one.closes.length === 0)).toBe(true);
    expect(flips[0]?.opens[0]).toMatchObject({ before: 'withheld (CUSTODIAN_CONSENT_MISSING)', after: 'released' });
  }, 60_000);

  it('break-glass against a refusal touches only questions that break the glass', () => {
    const { flips } = simulate(own, withSettings({ btgOverridesObjection: true }), AT);
    expect(new Set(flips.map((one) => one.kind))).toEqual(new Set(['break-glass']));
    expect(shapesOf(withSettings({ btgOverridesObjection: true }))).toEqual(['divorced parents, one refuses risk']);
  }, 60_000);

  it('is built the same each time, and every person in it is invented', () => {
    expect(JSON.stringify(population('pop', '2026-11-25'))).toBe(JSON.stringify(population('pop', '2026-11-25')));
    const bsns = JSON.stringify(population('pop', '2026-11-25')).match(/\b9999\d{5}\b|\b\d{9}\b/g) ?? [];
    expect(bsns.length).toBeGreaterThan(0);
    expect(bsns.every((one) => one.startsWith('9999'))).toBe(true);
  });
});
