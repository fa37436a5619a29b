/** A stretch of time in milliseconds, both ends included: a FHIR date is as long as it is precise. */
export type Span = readonly [from: number, to: number];

const PARTS = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d)(:\d\d)?(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?)?)?)?$/;
const DAY = 86_400_000;
const HOUR = 3_600_000;

/**
 * The stretch of time that a FHIR date, dateTime or instant covers; undefined where it is none. What has no time zone is read as Dutch time: a child born on the 1st at half past
 * midnight was born on the 1st (the library reads such a day in UTC).
 */
export function spanOf(text: string): Span | undefined {
  const [, year, month, day, minutes, seconds, fraction, zone] = PARTS.exec(text) ?? [];
  if (year === undefined) return undefined;
  const span = minutes === undefined ? days(year, month, day) : instant();
  return span?.every(Number.isFinite) ? span : undefined;

  function instant(): Span {
    const local = Date.parse(`${year}-${month}-${day}T${minutes}${seconds ?? ':00'}${fraction ?? ''}Z`);
    const from = zone === undefined ? local - dutchOffset(local - HOUR) : local - offsetOf(zone);
    return [from, from + (fraction !== undefined ? 0 : seconds !== undefined ? 999 : 59_999)];
  }
}

function days(year: string, month: string | undefined, day: string | undefined): Span | undefined {
  const start = Date.parse(`${year}-${month ?? '01'}-${day ?? '01'}T00:00:00Z`);
  const date = new Date(start);
  // 30 February is no day; Date would make it one in March.
  if (Number.isNaN(start) || (day !== undefined && date.getUTCDate() !== Number(day))) return undefined;
  const end =
    day !== undefined
      ? start + DAY
      : month !== undefined
        ? Date.UTC(Number(year), Number(month))
        : Date.UTC(Number(year) + 1, 0);
  return [dutchMidnight(start), dutchMidnight(end) - 1];
}

/** The instant of Dutch midnight of a day that is given as midnight UTC. */
const dutchMidnight = (utc: number): number => utc - dutchOffset(utc - 2 * HOUR);

const offsets = new Map<number, number>();
const zoned = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Amsterdam', timeZoneName: 'longOffset' });

/** How far Dutch time is ahead of UTC at an instant. Held per hour: asking costs as much as a whole comparison. */
function dutchOffset(at: number): number {
  const hour = Math.floor(at / HOUR);
  const held = offsets.get(hour);
  if (held !== undefined) return held;
  const name = zoned.formatToParts(hour * HOUR).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const offset = offsetOf(name.replace('GMT', '') || 'Z');
  if (offsets.size >= MOST_HELD) offsets.clear();
  offsets.set(hour, offset);
  return offset;
}

const MOST_HELD = 20_000;

/** `+02:00`, `+00:17:30` (before 1940) or `Z` in milliseconds. */
function offsetOf(zone: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = zone === 'Z' ? [] : zone.slice(1).split(':').map(Number);
  return (zone.startsWith('-') ? -1 : 1) * (hours * HOUR + minutes * 60_000 + seconds * 1_000);
}
