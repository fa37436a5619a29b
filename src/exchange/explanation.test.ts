import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knowledge } from '../../tests/support/knowledge.ts';
import { REASONS } from '../consent/reasons.ts';
import { CATEGORIES } from '../fhir/categories.ts';
import { REASON_TEXTS } from '../policy/reason-texts.ts';
import type { ItemOutcome } from './decision-receipt.ts';
import { type Decision, explanationOf, nothingToTell, type Seen } from './explanation.ts';

const outcome = (more: Partial<ItemOutcome> = {}): ItemOutcome => ({
  outcome: 'released',
  reasons: ['CONSENT'],
  redactions: [],
  removed: [],
  view: 'whole',
  ...more,
});
const withheld = (reason: string): ItemOutcome => ({
  outcome: 'withheld',
  reasons: [reason],
  redactions: [],
  removed: [],
});
const seen = (category: string, more: Partial<Seen> = {}): Seen => ({
  ref: 'Observation/1',
  category,
  outcome: outcome(),
  sent: true,
  ...more,
});
const decision = (all: readonly Seen[], more: Partial<Decision> = {}): Decision => ({
  discipline: 'youth-nurse',
  poli: undefined,
  policy: knowledge.policy,
  seen: all,
  notKept: new Map(),
  ...more,
});
const of = (given: Decision, telling: Parameters<typeof explanationOf>[1], category: string) =>
  explanationOf(given, telling).categories.find((one) => one.category === category);
const codes = (one: { reasons: readonly { code: string }[] } | undefined) => one?.reasons.map((reason) => reason.code);

describe('to the privacy officer, each kind of nothing has its own name', () => {
  it.each<[string, Decision, string, string[]]>([
    ['nothing came in', decision([]), 'not-recorded', ['not-recorded']],
    [
      'it came in and was not kept',
      decision([], { notKept: new Map([['risk', ['NO_CONSENT']]]) }),
      'not-exchanged',
      ['not-exchanged', 'NO_CONSENT'],
    ],
    [
      'it is there and withheld',
      decision([seen('risk', { outcome: withheld('CATEGORY_OBJECTION') })]),
      'not-permitted',
      ['not-permitted', 'CATEGORY_OBJECTION'],
    ],
    ['it waits in the queue', decision([seen('risk', { onItsWay: true })]), 'on-its-way', ['on-its-way']],
    ['it was there and not asked for', decision([seen('risk', { sent: false })]), 'not-asked', ['not-asked']],
    ['it went out', decision([seen('risk')]), 'released', ['CONSENT', 'whole']],
    [
      'a part of it went out',
      decision([
        seen('risk', {
          outcome: outcome({ redactions: ['third-party'], reasons: ['THIRD_PARTY_REDACTED'], view: 'reduced' }),
        }),
      ]),
      'redacted',
      ['THIRD_PARTY_REDACTED', 'reduced'],
    ],
  ])('%s', (_, given, kind, expected) => {
    expect(of(given, 'everything', 'risk')?.outcome).toBe(kind);
    expect(codes(of(given, 'everything', 'risk'))).toEqual(expected);
  });
});

describe('to a professional who may not know what is withheld', () => {
  it('a family of whom everything is withheld looks like one that nobody knows', () => {
    const all = CATEGORIES.map((one) => seen(one, { outcome: withheld('NO_CONSENT'), sent: false }));
    const { seen: hidden, ...rest } = decision(all);
    expect(explanationOf({ ...rest, seen: hidden }, 'released')).toEqual(
      nothingToTell(knowledge.policy, 'youth-nurse'),
    );
  });

  it('withheld items change nothing of what is told (any items, any reasons)', () => {
    const reasons = fc.constantFrom(...Object.keys(REASONS));
    const hidden = fc.array(
      fc
        .record({ category: fc.constantFrom(...CATEGORIES), reason: reasons })
        .map(({ category, reason }) => seen(category, { ref: 'Condition/2', outcome: withheld(reason), sent: false })),
    );
    const shown = fc.array(fc.constantFrom(...CATEGORIES).map((one) => seen(one)));
    const notKept = new Map([['risk', ['NO_CONSENT']]]);
    fc.assert(
      fc.property(shown, hidden, (open, closed) => {
        const with_ = explanationOf(decision([...open, ...closed], { notKept }), 'released');
        expect(with_).toEqual(explanationOf(decision(open), 'released'));
      }),
    );
  });

  it('that a view never gives a category is told: it is so for every patient', () => {
    const given = decision([], { discipline: 'social-domain' });
    expect(of(given, 'released', 'diagnostics')).toMatchObject({ outcome: 'not-permitted', count: 0 });
    expect(of(given, 'released', 'diagnostics')?.reasons[0]?.place).toBe(
      'profiles/views/social-domain.json#/categories/diagnostics',
    );
    expect(of(given, 'released', 'naw')?.outcome).toBe('not-told');
  });
});

describe('where the setting lets a professional know what is withheld', () => {
  it('the reasons are told', () =>
    expect(
      codes(of(decision([seen('risk', { outcome: withheld('NO_CONSENT'), sent: false })]), 'withheld', 'risk')),
    ).toEqual(['not-permitted', 'NO_CONSENT']));
  it('what is secret stays unknown', () => {
    const secret = seen('risk', { outcome: withheld('SENSITIVE_NOT_INCLUDED'), sent: false, isSecret: true });
    const dropped = new Map([['risk', ['SENSITIVE_NOT_INCLUDED']]]);
    expect(explanationOf(decision([secret], { notKept: dropped }), 'withheld')).toEqual(
      explanationOf(decision([]), 'withheld'),
    );
    expect(explanationOf(decision([secret]), 'everything').items).toHaveLength(1);
  });
});

describe('every reason of every item', () => {
  it.each(Object.keys(REASON_TEXTS))('%s is told in two languages with ground and way forward', (code) => {
    const [item] = explanationOf(
      decision([seen('risk', { outcome: withheld(code), sent: false })]),
      'everything',
    ).items;
    expect(item?.outcome).toBe('withheld');
    expect(item?.reasons[0]).toMatchObject({
      code,
      why: { nl: expect.any(String), en: expect.any(String) },
      rule: expect.any(String),
    });
  });
  it('a field that the view gives and a redaction took says so, and not that it is not needed', () => {
    const fields = (more: Partial<ItemOutcome>) =>
      explanationOf(
        decision([seen('risk', { outcome: outcome({ view: 'reduced', ...more }) })]),
        'withheld',
      ).items[0]?.fields.map((one) => [one.path, codes(one)]);
    const removed = ['Observation.code', 'Observation.device'];
    expect(fields({ removed, hidden: ['Observation.code'], redactions: ['third-party'] })).toEqual([
      ['Observation.code', ['THIRD_PARTY_REDACTED']],
      ['Observation.device', ['not-in-view']],
    ]);
    expect(fields({ removed: ['Patient.identifier'], hidden: ['Patient.identifier'] })).toEqual([
      ['Patient.identifier', ['BSN_NOT_ENTITLED']],
    ]);
  });
  it('names the line of the view, at the poli where that differs, and the set of elements for a field', () => {
    const reduced = seen('consult', { outcome: outcome({ removed: ['Observation.note'], view: 'reduced' }) });
    const place = (poli: string | undefined) =>
      explanationOf(decision([reduced], { poli }), 'withheld').items[0]?.reasons.at(-1)?.place;
    expect(place('pop')).toBe('profiles/views/youth-nurse.json#/polis/pop/categories/consult');
    expect(place('mamaplus')).toBe('profiles/views/youth-nurse.json#/categories/consult');
    const [field] = explanationOf(decision([reduced], { poli: 'pop' }), 'withheld').items[0]?.fields ?? [];
    expect(field).toMatchObject({
      path: 'Observation.note',
      reasons: [{ code: 'not-in-view', place: 'profiles/views/elements/summary.json#/types/Observation' }],
    });
  });

  it('where withheld may not be told, an item that was shortened or redacted looks like any other', () => {
    const shown = (more: Partial<ItemOutcome>) =>
      explanationOf(decision([seen('risk', { outcome: outcome(more) })]), 'released');
    const whole = shown({ view: 'whole' });
    expect(whole.items[0]?.outcome).toBe('released');
    expect(shown({ view: 'reduced', removed: ['Observation.note'] })).toEqual(whole);
    expect(
      shown({ view: 'reduced', removed: ['Patient.address'], hidden: ['Patient.address'], redactions: ['address'] }),
    ).toEqual(whole);
  });
});
