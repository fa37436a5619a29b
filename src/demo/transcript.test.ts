import { describe, expect, it } from 'vitest';
import type { Pulled, Story } from './play.ts';
import { footer, transcript } from './transcript.ts';

const AT = { base: 'http://127.0.0.1:8080', mllpPort: 2575, inboxPort: 40123 };
const receipt = (...notKept: NonNullable<Story['pushes'][number]['receipt']>['notKept'][number][]) => ({
  id: 'r-1',
  state: 'accepted',
  messageId: 'M-1',
  notKept,
  deliveries: [],
});
const pulled = (more: Partial<Pulled> = {}): Pulled => ({
  discipline: 'youth-nurse',
  got: { risk: 2, naw: 3 },
  name: 'Yonathan Kwartelslag',
  bsn: true,
  grounds: [],
  ...more,
});
const story = (more: Partial<Story> = {}): Story => ({
  pushes: [{ door: 'HiX  MLLP', who: 'Yonathan', what: 'weight', answer: 'AA' }],
  again: 'same receipt',
  pulls: [pulled()],
  laila: { refused: '403 no-consent', consent: '201', accepted: '202', before: 7, after: '404' },
  ...more,
});
const lines = (more: Partial<Story> = {}, delivered = { 'hix-inbox': 4 }) =>
  transcript(story(more), delivered, AT).split('\n');
const line = (found: string[], text: string): string => found.find((one) => one.includes(text)) ?? '';

describe('the transcript', () => {
  it('names what was pushed, through which door, and what the answer was', () => {
    expect(line(lines(), 'weight')).toMatch(/HiX {2}MLLP +Yonathan +weight +AA/);
  });
  it('says what nobody may get: kind, number and why, in words', () => {
    const group = { type: 'Observation', category: 'risk', count: 2, reasons: ['SENSITIVE_NOT_INCLUDED'] };
    const [push] = story().pushes;
    const found = lines({ pushes: [{ ...push, receipt: receipt(group) } as unknown as Story['pushes'][number]] });
    expect(line(found, 'not kept')).toContain('2 Observation (sensitive, not named in the consent)');
    expect(lines().join()).not.toContain('not kept');
  });
  it('says how much each inbox holds', () => expect(line(lines(), 'Delivered')).toContain('hix-inbox 4 resources'));
  it('shows who got which categories in the order of the national guide, by given name only', () => {
    expect(line(lines(), 'youth-nurse')).toMatch(/youth-nurse +Yonathan, BSN +naw 3, risk 2/);
    expect(lines().join()).not.toContain('Kwartelslag');
  });
  it('says where somebody got nothing, no name or no BSN', () => {
    expect(line(lines({ pulls: [pulled({ got: {}, name: '', bsn: false })] }), 'youth-nurse')).toMatch(
      /no name, no BSN +nothing/,
    );
  });
  it('puts the reasons below, together where they are the same, and an unknown code in words', () => {
    const grounds = [
      'withheld consult VIEW_NOT_ENTITLED 3',
      'withheld history VIEW_NOT_ENTITLED 1',
      'redacted naw bsn 1',
      'withheld risk SOMETHING_NEW+bsn 1',
    ];
    const found = lines({ pulls: [pulled({ grounds })] });
    expect(line(found, 'not needed by this discipline')).toMatch(/withheld: .* history 1, consult 3/);
    expect(line(found, 'redacted')).toContain('no legal ground for the BSN');
    expect(line(found, 'something new')).toContain('something new, no legal ground for the BSN');
  });
  it('breaks long lists, and no line is wider than a screen', () => {
    const categories = [
      'naw',
      'history',
      'development',
      'risk',
      'consult',
      'referral',
      'thirdparty-consult',
      'diagnostics',
      'medication',
      'obstetric',
    ];
    const got = Object.fromEntries(categories.map((one) => [one, 123]));
    const grounds = categories.map((one) => `withheld ${one} VIEW_NOT_ENTITLED 99`);
    const found = lines({ pulls: [pulled({ got, grounds })] });
    expect(Math.max(...found.map((one) => one.length))).toBeLessThanOrEqual(120);
    for (const one of categories) expect(found.join(' ')).toContain(`${one} 123`);
  });
  it('tells Laila’s story in three lines', () => {
    expect(line(lines(), 'no consent on record')).toContain('403, nobody may receive this');
    expect(line(lines(), 'consent registered')).toContain('7 resources');
    expect(line(lines(), 'consent withdrawn')).toContain('404');
  });
  it('ends with the addresses', () => {
    const found = lines();
    expect(found.slice(-4)).toEqual(footer(AT));
    expect(footer(AT).join()).toMatch(/8080\/fhir.*8080\/.*2575.*40123/);
  });
});
