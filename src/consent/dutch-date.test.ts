import { describe, expect, it } from 'vitest';
import { ageOn, dataInPeriod, isAfter, type Moment, periodState, readMoment } from './dutch-date.ts';

const at = (value: string): Moment => {
  const moment = readMoment(value);
  if (!moment) throw new Error('not a moment');
  return moment;
};

describe('a moment', () => {
  it('of a year or a month means all its days', () => {
    expect(readMoment('2026')).toEqual({ from: '2026-01-01', to: '2026-12-31' });
    expect(readMoment('2026-02')).toEqual({ from: '2026-02-01', to: '2026-02-31' });
  });

  it('with a time lies on the Dutch calendar day, in summer and winter', () => {
    expect(at('2026-06-30T22:00:00Z').from).toBe('2026-07-01');
    expect(at('2026-06-30T21:59:59Z').from).toBe('2026-06-30');
    expect(at('2026-12-31T23:00:00Z').from).toBe('2027-01-01');
    expect(at('2026-12-31T22:59:59Z').from).toBe('2026-12-31');
  });

  it.each([
    undefined,
    null,
    20260101,
    '',
    'vandaag',
    '2026-13',
    '2026-02-30',
    '2026-01-01T10:00:00',
    '2026-02-30T10:00:00Z',
    '2026-01-01T25:00:00Z',
    ' 2026-01-01',
  ])('cannot be read from %j', (value) => expect(readMoment(value)).toBeUndefined());

  it('is after another by the instant, and otherwise by the day', () => {
    expect(isAfter(at('2026-01-01T10:00:01Z'), at('2026-01-01T10:00:00Z'))).toBe(true);
    expect(isAfter(at('2026-01-01T23:30:00+01:00'), at('2026-01-01'))).toBe(false);
    expect(isAfter(at('2026-01-02T00:30:00+01:00'), at('2026-01-01'))).toBe(true);
  });
});

describe('age', () => {
  it.each([
    ['2014-07-01', 11],
    ['2014-06-30', 12],
    ['2014-06-29', 12],
  ])('born on %s, on 30 June 2026: %i', (born, age) => expect(ageOn(born, '2026-06-30')).toBe(age));

  it('counts the birthday of 29 February on 1 March in other years', () => {
    expect(ageOn('2024-02-29', '2026-02-28')).toBe(1);
    expect(ageOn('2024-02-29', '2026-03-01')).toBe(2);
  });
});

describe('a period of validity', () => {
  const now = at('2026-07-01T00:30:00+02:00');
  it.each([
    [{ end: at('2026-07-01') }, 'in-force'],
    [{ end: at('2026-06-30') }, 'expired'],
    [{ end: at('2026-07') }, 'in-force'],
    [{ end: at('2026-07-01T00:29:59+02:00') }, 'expired'],
    [{ start: at('2026-07-01') }, 'in-force'],
    [{ start: at('2026-07-02') }, 'not-yet-valid'],
    [{ start: at('2026-06-30T23:00:00Z') }, 'not-yet-valid'],
    [undefined, 'in-force'],
  ])('%j is %s half an hour after Dutch midnight', (period, state) => expect(periodState(period, now)).toBe(state));
});

describe('data in a period', () => {
  const august = { start: at('2026-08-01'), end: at('2026-08-31') };
  const afternoon = { start: at('2026-08-01T12:00:00+02:00') };
  it.each([
    ['2026-07-31', august, 'outside'],
    ['2026-08-01', august, 'inside'],
    ['2026-08-31T23:30:00+02:00', august, 'inside'],
    ['2026-08-31T22:30:00Z', august, 'outside'],
    ['2026-08', { start: at('2026-08-15') }, 'unsure'],
    ['2026', august, 'unsure'],
    ['2026-08-01', afternoon, 'unsure'],
    ['2026-08-02', afternoon, 'inside'],
    ['2026-07-31', afternoon, 'outside'],
  ])('%s', (date, period, lies) => expect(dataInPeriod(at(date), period)).toBe(lies));

  it('without a date is unsure', () => expect(dataInPeriod(undefined, august)).toBe('unsure'));
});
