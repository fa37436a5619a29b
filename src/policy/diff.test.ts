import { describe, expect, it } from 'vitest';
import type { ViewPolicy } from '../views/policy.ts';
import { knownElements, ownFiles } from '../views/testing/test-views.ts';
import { compilePolicy, type PolicyContent, type Shipped } from './content.ts';
import { diff } from './diff.ts';
import { invariantsBroken } from './invariants.ts';

const isElement = await knownElements();

/** The project's own policy, with something changed in its files. */
function policy(
  change: (files: ReturnType<typeof ownFiles>) => void = () => undefined,
  settings: PolicyContent['settings'] = {},
): Shipped {
  const files = ownFiles();
  change(files);
  const read = compilePolicy(
    {
      views: Object.fromEntries(files.views),
      elements: Object.fromEntries(files.elements),
      valueSets: Object.fromEntries(files.valueSets),
      settings,
    },
    isElement,
  );
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read;
}
const view =
  (discipline: string, change: (one: { -readonly [K in keyof ViewPolicy]: ViewPolicy[K] }) => object) =>
  (files: ReturnType<typeof ownFiles>) => {
    const one = files.views.get(discipline) as ViewPolicy;
    files.views.set(discipline, { ...one, ...change(one) });
  };
const own = policy();
const sentences = (after: Shipped, before = own) => diff(before, after).map((one) => one.sentence);

describe('the difference between two policies, in sentences', () => {
  it('is nothing for the same content', () => expect(diff(own, policy())).toEqual([]));

  it('names a setting with both values', () =>
    expect(sentences(policy(undefined, { bothParents: 'one-unless-objection' }))).toEqual([
      'The setting bothParents is now "one-unless-objection"; it was "all-explicit".',
    ]));

  it('says who may see which elements of which category at which poli', () => {
    const pop = (one: ViewPolicy) => ({
      ...one.polis.pop,
      categories: { ...one.polis.pop?.categories, diagnostics: 'full' },
    });
    const change = view('youth-nurse', (one) => ({ polis: { ...one.polis, pop: pop(one) } as ViewPolicy['polis'] }));
    const told = sentences(policy(change));
    expect(told[0]).toBe('youth-nurse gets category diagnostics at the poli pop as "full"; it was "summary".');
    expect(told.find((one) => one.includes('Observation.'))).toMatch(
      /^youth-nurse may now see Observation\.\([^)]*note[^)]*\) of category diagnostics at the poli pop\.$/,
    );
    expect(told.at(-1)).toBe('The file views/youth-nurse.json differs.');
  });

  it('says what nobody of a discipline may see any more, without a poli where it is so at all of them', () => {
    const all = sentences(policy(view('gp', (one) => ({ categories: { ...one.categories, medication: 'none' } }))));
    expect(all[0]).toBe('gp gets category medication as "nothing"; it was "full".');
    expect(all[1]).toMatch(/^gp may no longer see .*MedicationStatement.* of category medication\.$/);
  });

  it('says who may have the BSN, break the glass, see sensitive items', () => {
    const change = view('volunteer', () => ({ bsn: true, breakGlass: true, sensitive: 'with-consent' }));
    expect(
      diff(own, policy(change))
        .filter((one) => one.widens)
        .map((one) => one.sentence),
    ).toEqual([
      'volunteer may now have the BSN.',
      'volunteer may now break the glass.',
      'volunteer may now see sensitive items, with consent.',
    ]);
  });

  it('says which discipline is new or gone', () => {
    const without = policy((files) => files.views.delete('gp'));
    expect(sentences(without)).toContain('gp is gone: it sees nothing any more.');
    expect(sentences(own, without)).toContain('gp is new.');
  });

  it('hides no change: a file that differs is named, also where no sentence tells what it does', () => {
    const change = policy((files) => {
      const limits = files.elements.get('limits') as { neverLabels: string[] };
      files.elements.set('limits', { ...limits, neverLabels: [...limits.neverLabels, 'PSY'] });
    });
    expect(sentences(change)).toContain('The file views/elements/limits.json differs.');
  });
});

describe('what no policy may break', () => {
  it('the own policy breaks nothing', () => expect(invariantsBroken(own.policy)).toEqual([]), 600_000);
  it('a volunteer with the BSN is told, with a case that shows it', () => {
    const broken = invariantsBroken(policy(view('volunteer', () => ({ bsn: true }))).policy);
    expect(broken.some((one) => /BSN/.test(one) && /volunteer/.test(one))).toBe(true);
  }, 600_000);
});
