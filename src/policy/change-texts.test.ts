import { describe, expect, it } from 'vitest';
import type { Change } from '../consent/change.ts';
import { changeText, NO_CHANGE } from './change-texts.ts';
import type { Text } from './reason-texts.ts';

const RECORD = 'Patient/kind';
const speaks = (person: string, record = RECORD) => ({ person, ref: 'RelatedPerson/x', record });
const PEOPLE = [
  speaks('child'),
  speaks('patient'),
  speaks('representative'),
  speaks('RelatedPerson/x'),
  speaks('patient', 'Patient/moeder'),
];
const changes: Change[] = [
  ...PEOPLE.flatMap((one): Change[] => [
    { change: 'permits', ...one, naming: [] },
    { change: 'permits', ...one, naming: ['PSY'] },
    { change: 'objects', ...one },
    { change: 'ends', ...one, consents: [{ id: '1', version: '1' }] },
    { change: 'custody-recorded', ...one, custodial: true },
    { change: 'custody-recorded', ...one, custodial: false },
  ]),
  ...(['mitz-permits', 'registers-answer', 'relation-recorded', 'reason-given', 'asks-for-one-patient'] as const).map(
    (change): Change => ({ change }),
  ),
];
const texts: [string, Text][] = [
  ...changes.map((one): [string, Text] => [JSON.stringify(one), changeText(one, RECORD)]),
  ['nothing', NO_CHANGE],
];

describe('what would have to be otherwise, in words', () => {
  it.each(texts)('%s: short sentences in two languages that name nobody', (_, { nl, en }) => {
    for (const text of [nl, en])
      for (const sentence of text.split(/(?<=[.?!])\s+/)) {
        expect(sentence).toMatch(/^[A-Z].*[.?!]$/);
        expect(sentence.split(' ').length).toBeLessThanOrEqual(14);
        expect(sentence).not.toMatch(/RelatedPerson|Patient\/|undefined/);
      }
    expect(nl).not.toBe(en);
  });
  it('a third person is never called the patient', () =>
    expect(changeText({ change: 'permits', ...speaks('patient', 'Patient/moeder'), naming: [] }, RECORD).nl).toBe(
      'Nodig is toestemming van de persoon over wie het gaat.',
    ));
});
