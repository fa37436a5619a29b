import { describe, expect, it } from 'vitest';
import { showResult } from '../../tests/support/results.ts';
import { REASONS } from '../consent/reasons.ts';
import { SETTINGS } from '../consent/settings.ts';
import { NOTHING_TEXTS, REASON_TEXTS, type ReasonText, type Text, VIEW_TEXTS } from './reason-texts.ts';

/** Reasons of views that `project` can give; a type alone is not there at run time. */
const VIEW_REASONS = [
  'whole',
  'reduced',
  'not-in-view',
  'label-missing',
  'category-not-in-view',
  'type-not-in-view',
  'code-not-in-view',
  'label-never-shared',
  'sensitive-not-in-view',
  'modifier-not-understood',
  'no-redaction-rule',
  'nothing-left',
];
const all: [string, ReasonText][] = [
  ...Object.entries(REASON_TEXTS),
  ...Object.entries(VIEW_TEXTS),
  ...Object.entries(NOTHING_TEXTS),
];
const texts = all.flatMap(([code, one]): [string, Text][] => [
  [`${code} why`, one.why],
  [`${code} way`, one.way],
]);

const sentences = (text: string): string[] => text.split(/(?<=[.?!])\s+/);
const words = (sentence: string): number => sentence.split(/\s+/).length;

/** B1: no sentence of more words than this. */
const LONGEST = 14;
/** Words that are fine among colleagues and not at B1. */
const HARD =
  /\b(betrokkene|verstrekk|conform|middels|derhalve|alsmede|omtrent|dienen|inzake|geautoriseerd|autorisatie|toestemmingsgever|gegevensverwerking)/i;

describe('every reason has a text', () => {
  it('of the decision', () => expect(Object.keys(REASON_TEXTS).sort()).toEqual(Object.keys(REASONS).sort()));
  it('of the views', () => expect(Object.keys(VIEW_TEXTS).sort()).toEqual([...VIEW_REASONS].sort()));
});

describe('every text', () => {
  it.each(texts)('%s is there in both languages, in whole sentences', (_, { nl, en }) => {
    for (const text of [nl, en]) for (const one of sentences(text)) expect(one).toMatch(/^[A-ZÉ].*[.?!]$/);
    expect(nl).not.toBe(en);
  });
  it.each(texts)('%s has short sentences and no hard words', (_, { nl, en }) => {
    for (const one of [...sentences(nl), ...sentences(en)]) expect(words(one)).toBeLessThanOrEqual(LONGEST);
    expect(nl).not.toMatch(HARD);
  });
  it('says how long they are', (context) => {
    const lengths = texts.flatMap(([, { nl }]) => sentences(nl).map(words)).sort((a, b) => a - b);
    const middle = lengths[Math.floor(lengths.length / 2)] ?? 0;
    showResult(context, {
      what: 'Explanations, Dutch and English: sentences within the length of B1',
      passed: lengths.filter((one) => one <= LONGEST).length,
      of: lengths.length,
      note: `median ${middle} words`,
    });
    expect(middle).toBeLessThan(10);
  });
});

describe('every rule', () => {
  it.each(all)('of %s names a ground, and no setting that does not exist', (_, { rule }) => {
    expect(rule).toMatch(/\w/);
    for (const [, name = ''] of rule.matchAll(/settings? (\w+)/g)) expect(name).toBeOneOf(Object.keys(SETTINGS));
  });
});
