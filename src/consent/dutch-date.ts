/** A FHIR date or dateTime. `from` and `to` are the first and last calendar day (YYYY-MM-DD) it can mean in the Netherlands. */
export interface Moment {
  readonly from: string;
  readonly to: string;
  /** Milliseconds since 1970, when it has a time. */
  readonly ms?: number;
}

export interface Period {
  readonly start?: Moment;
  readonly end?: Moment;
}

const DUTCH_DAY = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Europe/Amsterdam',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});
const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/;

/** Reads a FHIR date (also a year or a month alone) or a dateTime with a time zone; anything else is undefined. */
export function readMoment(value: unknown): Moment | undefined {
  if (typeof value !== 'string') return undefined;
  const date = DATE.exec(value);
  if (date) return readDate(value, date[2], date[3]);
  const day = INSTANT.exec(value)?.[1];
  if (!day || !isCalendarDay(day)) return undefined;
  const ms = Date.parse(value);
  const dutch = dutchDay(ms);
  return { from: dutch, to: dutch, ms };
}

function readDate(value: string, month: string | undefined, day: string | undefined): Moment | undefined {
  if (month === undefined) return { from: `${value}-01-01`, to: `${value}-12-31` };
  if (day !== undefined) return isCalendarDay(value) ? { from: value, to: value } : undefined;
  // The 31st stands for the end of any month: days are only compared, as text.
  return isCalendarDay(`${value}-01`) ? { from: `${value}-01`, to: `${value}-31` } : undefined;
}

function isCalendarDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

/** The calendar day in the Netherlands at an instant, as YYYY-MM-DD. */
export const dutchDay = (ms: number): string => DUTCH_DAY.format(ms);

/** Completed years on a day. Born on 29 February: 1 March counts in other years; at 12 and 16 it is a leap year again. */
export function ageOn(birthDay: string, day: string): number {
  const years = Number(day.slice(0, 4)) - Number(birthDay.slice(0, 4));
  return day.slice(5) < birthDay.slice(5) ? years - 1 : years;
}

/** A surely lies later than B: by the instant when both have one, else by the Dutch calendar day. */
export const isAfter = (a: Moment, b: Moment): boolean =>
  a.ms !== undefined && b.ms !== undefined ? a.ms > b.ms : a.from > b.to;

/** Whether a rule is in force at an instant. A bound without a time takes in the whole Dutch day, month or year it names (FHIR R4, Period). */
export function periodState(period: Period | undefined, now: Moment): 'in-force' | 'expired' | 'not-yet-valid' {
  if (period?.end && isAfter(now, period.end)) return 'expired';
  if (period?.start && isAfter(period.start, now)) return 'not-yet-valid';
  return 'in-force';
}

/** How data of a date lie to a period: surely inside, surely outside, or not to be said (no date, or one too coarse). */
export function dataInPeriod(date: Moment | undefined, period: Period): 'inside' | 'outside' | 'unsure' {
  if (!date) return 'unsure';
  if ((period.end && isAfter(date, period.end)) || (period.start && isAfter(period.start, date))) return 'outside';
  const startsInside = !period.start || reaches(period.start, date);
  const endsInside = !period.end || within(date, period.end);
  return startsInside && endsInside ? 'inside' : 'unsure';
}

const reaches = (start: Moment, date: Moment): boolean =>
  start.ms === undefined ? date.from >= start.from : date.ms === undefined ? date.from > start.to : date.ms >= start.ms;

const within = (date: Moment, end: Moment): boolean =>
  end.ms === undefined ? date.to <= end.to : date.ms === undefined ? date.to < end.from : date.ms <= end.ms;
