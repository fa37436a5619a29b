import { describe, expect, it } from 'vitest';
import { denyReach, permitReach, readLabels, sensitivityOf } from './labels.ts';
import { category, confidentiality, topic } from './testing/invented.ts';

type Labels = Parameters<typeof readLabels>[0] | undefined;

const KNOWN = new Set(['PSY', 'SDV', 'SUD', 'OPIOIDUD', 'HIV', 'CHILDPROT']);
const permits = (labels: Labels, item: string[], cat = 'risk', topics: 'by-name' | 'unless-refused' = 'by-name') =>
  permitReach(labels && readLabels(labels), cat, sensitivityOf(item, KNOWN), topics);
const denies = (labels: Labels, item: string[], cat = 'risk') =>
  denyReach(labels && readLabels(labels), cat, sensitivityOf(item, KNOWN));

describe('a permit', () => {
  it('without labels reaches normal data only', () => {
    expect(permits(undefined, [])).toBe(0);
    expect(permits(undefined, ['N'])).toBe(0);
    expect(permits(undefined, ['PSY'])).toBe('sensitive');
    expect(permits(undefined, ['R'])).toBe('sensitive');
  });

  it('takes a label that nobody knows as sensitive', () => expect(permits(undefined, ['ZZZ'])).toBe('sensitive'));

  it('needs every topic by name', () => {
    expect(permits([topic('PSY')], ['PSY'])).toBe(2);
    expect(permits([topic('PSY')], ['PSY', 'SDV'])).toBe('sensitive');
    expect(permits([topic('PSY'), topic('SDV')], ['PSY', 'SDV'])).toBe(2);
  });

  it('reaches a narrower topic through a wider one, not the other way', () => {
    expect(permits([topic('SUD')], ['OPIOIDUD'])).toBe(2);
    expect(permits([topic('OPIOIDUD')], ['SUD'])).toBe('sensitive');
  });

  it('of R reaches all restricted data, not very restricted', () => {
    expect(permits([confidentiality('R')], ['SDV', 'CHILDPROT'])).toBe(1);
    expect(permits([confidentiality('R')], [])).toBe(1);
    expect(permits([confidentiality('R')], ['V'])).toBe('sensitive');
    expect(permits([topic('PSY')], ['PSY', 'V'])).toBe('sensitive');
    expect(permits([topic('PSY')], ['PSY', 'R'])).toBe(2);
    expect(permits([topic('PSY')], ['R'])).toBe('sensitive');
  });

  it('of N is normal data only', () => {
    expect(permits([confidentiality('N')], [])).toBe(1);
    expect(permits([confidentiality('N')], ['PSY'])).toBe('sensitive');
    expect(permits([confidentiality('L')], [])).toBe('other-data');
  });

  it('that names categories is limited to them, and needs the topic besides', () => {
    expect(permits([category('risk')], [])).toBe(2);
    expect(permits([category('risk')], [], 'consult')).toBe('other-data');
    expect(permits([category('risk')], ['PSY'])).toBe('sensitive');
    expect(permits([category('risk'), topic('PSY')], ['PSY'])).toBe(2);
    expect(permits([category('risk'), topic('PSY')], ['PSY'], 'consult')).toBe('other-data');
    expect(permits([category('risk'), confidentiality('R')], [], 'consult')).toBe('other-data');
  });

  it('of a topic does not reach normal data', () => expect(permits([topic('PSY')], [])).toBe('other-data'));

  it('of a label of an unknown system reaches nothing', () => {
    expect(permits([{ system: 'urn:x', code: 'PSY' }], ['PSY'])).toBe('sensitive');
    expect(permits([{ system: 'urn:x', code: 'cat-risk' }], [])).toBe('other-data');
  });
});

describe('a permit where sensitive topics go along unless refused', () => {
  const lenient = (labels: Labels, item: string[], cat?: string) => permits(labels, item, cat, 'unless-refused');

  it('without labels reaches topics that are known', () => {
    expect(lenient(undefined, ['PSY', 'HIV'])).toBe(0);
    expect(lenient(undefined, ['R'])).toBe(0);
    expect(lenient(undefined, [])).toBe(0);
  });

  it('that names categories reaches what is sensitive in them, as narrowly as what is not', () => {
    expect(lenient([category('risk')], ['PSY'])).toBe(2);
    expect(lenient([category('risk')], ['PSY'], 'naw')).toBe('other-data');
  });

  it('never reaches child protection, a topic that is not known, or very restricted data without a name', () => {
    for (const label of ['CHILDPROT', 'ZZZ', 'V']) {
      expect(lenient(undefined, [label])).toBe('sensitive');
      expect(lenient([category('risk')], ['PSY', label])).toBe('sensitive');
    }
    expect(lenient([topic('CHILDPROT')], ['CHILDPROT'])).toBe(2);
  });

  it('that names topics or a confidentiality reaches no more than those', () => {
    expect(lenient([topic('PSY')], ['SDV'])).toBe('sensitive');
    expect(lenient([category('risk'), topic('PSY')], ['SDV'])).toBe('sensitive');
    expect(lenient([category('risk'), confidentiality('N')], ['SDV'])).toBe('sensitive');
    expect(lenient([confidentiality('N')], ['SDV'])).toBe('sensitive');
    expect(lenient([{ system: 'urn:x', code: 'y' }], ['SDV'])).toBe('sensitive');
  });
});

describe('a refusal', () => {
  it('without labels hits everything', () => expect(denies(undefined, ['PSY'])).toBe(0));
  it('hits by any label', () => {
    expect(denies([category('consult'), topic('SDV')], ['PSY', 'SDV'])).toBe(2);
    expect(denies([category('consult'), topic('SDV')], ['PSY'])).toBeUndefined();
    expect(denies([category('consult')], [], 'consult')).toBe(2);
  });
  it('of a wider topic hits a narrower', () => expect(denies([topic('SUD')], ['ETHUD'])).toBe(2));
  it('of R hits restricted data only, known and unknown topics', () => {
    expect(denies([confidentiality('R')], [])).toBeUndefined();
    expect(denies([confidentiality('R')], ['PSY'])).toBe(1);
    expect(denies([confidentiality('R')], ['ZZZ'])).toBe(1);
    expect(denies([confidentiality('R')], ['V'])).toBe(1);
  });
});

it.each([
  { system: 'urn:x', code: 'PSY' },
  category('onbekend'),
  confidentiality('Q'),
  topic(''),
  { code: 'PSY' },
  { system: topic('').system, code: 7 },
])('does not understand %j', (coding) => expect(readLabels([coding]).understood).toBe(false));
