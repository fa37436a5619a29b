import { fault } from '../fault.ts';
import {
  assertArity,
  callError,
  literalText,
  made,
  parameter,
  single,
  type Transform,
  type TransformCall,
  textOf,
} from './kit.ts';

const UNITS = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'] as const;
type Unit = (typeof UNITS)[number];

/**
 * `dateOp(date, amount, 'days')`: a date moved by an amount. FHIR names the transform without defining it; this is the
 * arithmetic of FHIRPath §6.6 (Date/Time): the precision stays, and a day that a month lacks becomes its last.
 */
export function dateOp(call: TransformCall): Transform {
  assertArity(call, 3, 3);
  const value = parameter(call, 0, 'date');
  const amount = parameter(call, 1, 'amount');
  const word = literalText(call, 2, 'unit');
  const unit = UNITS.find((each) => each === word || each === `${word}s`);
  if (!unit) throw callError(call, `dateOp() knows ${UNITS.join(', ')}`);
  return single(
    value.type === 'dateTime' || value.type === 'instant' || value.type === 'date' ? value.type : undefined,
    (frame, run) => {
      const node = value.get(frame, run);
      const text = textOf(node);
      if (text === undefined) return undefined;
      const moved = moveDate(text, Number(amount.get(frame, run)?.value), unit);
      if (moved === undefined) throw fault('bad-date', node, `the value is no date that can be moved by ${unit}`);
      return made(moved, node?.type);
    },
  );
}

const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?)?)?$/;

/** Moves a FHIR date or dateTime; `undefined` where it is none, or is less precise than the unit. */
export function moveDate(text: string, amount: number, unit: Unit): string | undefined {
  const match = DATE.exec(text);
  if (!match || !Number.isInteger(amount)) return undefined;
  const [, year, month, day, time] = match;
  if (unit === 'years' || unit === 'months') {
    if (unit === 'months' && month === undefined) return undefined;
    const months = Number(year) * 12 + Number(month ?? 1) - 1 + amount * (unit === 'years' ? 12 : 1);
    const [y, m] = [Math.floor(months / 12), (months % 12) + 1];
    const last = new Date(Date.UTC(y, m, 0)).getUTCDate();
    const parts = [pad(y, 4), month && pad(m), day && pad(Math.min(Number(day), last))];
    return parts.filter((part) => part !== undefined).join('-') + (time ?? '');
  }
  if (day === undefined) return undefined;
  if (unit === 'weeks' || unit === 'days') {
    const moved = new Date(
      Date.UTC(Number(year), Number(month) - 1, Number(day) + amount * (unit === 'weeks' ? 7 : 1)),
    );
    return moved.toISOString().slice(0, 10) + (time ?? '');
  }
  return time === undefined ? undefined : moveTime(text, amount, unit);
}

/** Moves the clock time within its own offset. */
function moveTime(text: string, amount: number, unit: Unit): string | undefined {
  const zone = /(Z|[+-]\d{2}:\d{2})$/.exec(text)?.[0] ?? '';
  const local = text.slice(0, text.length - zone.length);
  const step = unit === 'hours' ? 3_600_000 : unit === 'minutes' ? 60_000 : 1000;
  const start = Date.parse(`${local}Z`);
  if (Number.isNaN(start)) return undefined;
  return new Date(start + amount * step).toISOString().slice(0, Math.min(local.length, 23)) + zone;
}

const pad = (value: number, length = 2): string => String(value).padStart(length, '0');
