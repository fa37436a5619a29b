const TIMESTAMP = /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,4}))?)?)?)?)?)?([+-]\d{4})?$/;

const offsetAt = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Amsterdam', timeZoneName: 'longOffset' });
const localAt = new Intl.DateTimeFormat('sv', {
  timeZone: 'Europe/Amsterdam',
  dateStyle: 'short',
  timeStyle: 'medium',
});

/**
 * An HL7 TS / DTM / DT (HL7 v2 §2A.22) as FHIR date or dateTime of the same precision: `202608201015` →
 * `2026-08-20T10:15:00+02:00`. FHIR has no time without minutes and seconds, so those are zero where not given. Without
 * an offset it is Dutch time; of an hour that comes twice in autumn, the first. Undefined when it is not a date or time
 * that exists.
 */
export function toFhirTime(text: string): string | undefined {
  const parts = TIMESTAMP.exec(text);
  if (!parts) return undefined;
  const [, year = '', month, day, hour, minute = '00', second = '00', fraction, offset] = parts;
  if (year === '0000') return undefined;
  if (month === undefined) return year;
  if (Number(month) < 1 || Number(month) > 12) return undefined;
  if (day === undefined) return `${year}-${month}`;
  const date = `${year}-${month}-${day}`;
  if (!isDay(date)) return undefined;
  if (hour === undefined) return date;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const zone = offset === undefined ? dutchOffset(`${date}T${hour}:${minute}:${second}`) : readOffset(offset);
  if (zone === undefined) return undefined;
  return `${date}T${hour}:${minute}:${second}${fraction === undefined ? '' : `.${fraction}`}${zone}`;
}

/**
 * A FHIR date, dateTime or instant as an HL7 timestamp of the same precision, with its offset: what `toFhirTime` reads back as the same moment. Undefined
 * where HL7 has no place for it: more than four decimals of a second, or no date at all.
 */
export function fromFhirTime(text: string): string | undefined {
  const written = text.replace(/Z$/, '+00:00');
  const [, local = '', offset = ''] = /^([^T]*(?:T.*?)?)([+-]\d{2}:\d{2})?$/.exec(written) ?? [];
  const digits = local.replace(/[-:T]/g, '') + offset.replace(':', '');
  return toFhirTime(digits) === written ? digits : undefined;
}

/** A moment as an HL7 timestamp in Dutch time with its offset, to the second. */
export function toHl7Time(moment: Date): string {
  return localAt.format(moment).replace(/\D/g, '') + offsetOf(moment).replace(':', '');
}

/** Date.parse carries 31 February over to March; a day that exists comes back unchanged. */
function isDay(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

/** FHIR and HL7 both allow offsets up to 14 hours. */
function readOffset(offset: string): string | undefined {
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3));
  if (minutes > 59 || hours * 60 + minutes > 840) return undefined;
  return `${offset.slice(0, 3)}:${offset.slice(3)}`;
}

/** The offset of a Dutch wall-clock time, summer time first; undefined for the hour that is skipped in spring. */
function dutchOffset(local: string): string | undefined {
  const asUtc = Date.parse(`${local}Z`);
  for (const hours of [2, 1, 0]) {
    const offset = offsetOf(new Date(asUtc - hours * 3_600_000));
    if (!Number.isNaN(asUtc) && Date.parse(`${local}${offset}`) === asUtc - hours * 3_600_000) return offset;
  }
  return undefined;
}

/** `+02:00` at this moment (`GMT+02:00` in the formatted text). */
function offsetOf(moment: Date): string {
  return /GMT([+-]\d{2}:\d{2})/.exec(offsetAt.format(moment))?.[1] ?? '+00:00';
}
