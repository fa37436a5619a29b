import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileLabelRules, loadLabelRules } from './label-rules.ts';

const PROFILES = join(import.meta.dirname, '../../profiles');
const read = (name: string) => JSON.parse(readFileSync(join(PROFILES, name), 'utf8'));
const FEEDING = new Map([['crying-sleep-feeding', read('valuesets/crying-sleep-feeding.json')]]);

/** The problems after a change to the project's own table. */
function problemsAfter(change: (table: ReturnType<typeof read>) => void): string[] {
  const table = read('labels.json');
  change(table);
  const result = compileLabelRules(table, read('labels.schema.json'), FEEDING);
  return result.ok ? [] : result.problems;
}

describe('the rule table', () => {
  it('of the project is accepted', async () => {
    expect(problemsAfter(() => undefined)).toEqual([]);
    expect((await loadLabelRules(PROFILES)).rules.length).toBeGreaterThan(5);
  });

  it.each<[string, (table: ReturnType<typeof read>) => void, RegExp]>([
    ['an unknown key', (table) => (table.extra = 1), /labels\.json: must NOT have additional/],
    ['an unknown category', (table) => (table.types.Patient = 'everything'), /types\/Patient/],
    ['a category rule without types', (table) => delete table.rules[0].types, /rules\/0/],
    [
      'a rule that looks for nothing',
      (table) => table.labels.push({ id: 'empty', title: { nl: 'x', en: 'x' }, labels: ['PSY'] }),
      /rule empty: names no code/,
    ],
    [
      'a list of codes that does not exist',
      (table) => (table.rules[0].valueSets = ['nothing']),
      /no enumerated ValueSet nothing/,
    ],
    [
      'an element in two groups',
      (table) => table.bds.groups.push({ group: 'twice', category: 'risk', elements: '879' }),
      /element 879 stands in two groups/,
    ],
    ['elements that are no numbers', (table) => (table.bds.groups[0].elements = 'all'), /elements/],
  ])('is refused with %s', (_, change, text) => {
    expect(problemsAfter(change).join('\n')).toMatch(text);
  });
});
