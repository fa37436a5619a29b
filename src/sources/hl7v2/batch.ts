import { escapeText } from './escape.ts';
import { HL7_LIMITS } from './limits.ts';
import { readSeparators } from './separators.ts';
import { toHl7Time } from './time.ts';
import type { Hl7Issue, RawSegment, Separators } from './types.ts';

/** Several messages in one file or frame (HL7 v2 §2.10.3): `[FHS] { [BHS] {MSH …} [BTS] } [FTS]`. */
export interface Batch {
  readonly separators: Separators;
  readonly file: RawSegment | undefined;
  readonly batch: RawSegment | undefined;
  /** The bytes of each message, as sent. */
  readonly messages: readonly Uint8Array[];
}

export type BatchResult = { ok: true; batch: Batch } | { ok: false; issue: Hl7Issue };

/**
 * Takes a batch apart; undefined when the bytes are no batch (they start with something else than FHS or BHS). A batch that does not hold what its trailers
 * count is refused whole: something was lost on the way. Each message is judged by itself.
 */
export function readBatch(bytes: Uint8Array): BatchResult | undefined {
  // Only ASCII matters here, and every byte comes back as it was.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .replace(/^[\r\n]+/, '');
  if (!/^[FB]HS/.test(text)) return undefined;
  const first = text.search(/[\r\n]/);
  const lines = (text[first] === '\n' ? text.split('\n') : text.split(/\r\n?/)).filter((line) => line !== '');
  const separators = readSeparators(lines[0] ?? '');
  if (!separators)
    return refuse(
      'hl7-separators',
      lines[0]?.slice(0, 3) ?? 'BHS',
      'Five distinct punctuation characters were expected.',
    );
  return collect(lines, separators);
}

function collect(lines: readonly string[], separators: Separators): BatchResult {
  const heads: { [name: string]: RawSegment } = {};
  const messages: string[][] = [];
  let [batches, inBatch, open] = [0, 0, false];
  for (const line of lines) {
    const name = line.slice(0, 3);
    if (name === 'MSH') {
      if (messages.length === HL7_LIMITS.batch)
        return refuse('hl7-limit', '', `A batch may hold ${HL7_LIMITS.batch} messages.`);
      messages.push([line]);
      inBatch += 1;
      open = true;
    } else if (name === 'FHS' || name === 'BHS') {
      const fields = line.split(separators.field);
      fields.splice(1, 0, separators.field);
      heads[name] ??= { name, fields };
      if (name === 'BHS') [batches, inBatch] = [batches + 1, 0];
      open = false;
    } else if (name === 'BTS' || name === 'FTS') {
      const counted = line.split(separators.field)[1]?.split(separators.component)[0] ?? '';
      if (counted !== '' && Number(counted) !== (name === 'BTS' ? inBatch : Math.max(batches, 1)))
        return refuse('hl7-batch-count', `${name}-1`, 'The batch does not hold what it counts.');
      open = false;
    } else if (open) messages.at(-1)?.push(line);
    else
      return refuse(
        'hl7-segment-place',
        name.match(/^[A-Z][A-Z0-9]{2}$/)?.[0] ?? '',
        'This line stands outside the messages of the batch.',
      );
  }
  if (messages.length === 0) return refuse('hl7-required', 'MSH', 'A batch holds at least one message.');
  const all = messages.map((message) => Buffer.from(`${message.join('\r')}\r`, 'latin1'));
  return { ok: true, batch: { separators, file: heads.FHS, batch: heads.BHS, messages: all } };
}

/**
 * The answer to a batch: a batch of the acknowledgements, in the order of the messages, with the control ids of the batch and the file as reference
 * (BHS-12, FHS-12).
 */
export function buildBatchAnswer(sent: Batch, answers: readonly string[], now: Date, controlId: string): string {
  const { separators } = sent;
  const trailer = (name: string, count: number) => `${[name, String(count)].join(separators.field)}\r`;
  const inner = [header('BHS', sent.batch, separators, now, controlId), ...answers, trailer('BTS', answers.length)];
  if (!sent.file) return inner.join('');
  return [header('FHS', sent.file, separators, now, controlId), ...inner, trailer('FTS', 1)].join('');
}

function header(
  name: string,
  sent: RawSegment | undefined,
  separators: Separators,
  now: Date,
  controlId: string,
): string {
  const { component, repetition, escape: escaping, subcomponent } = separators;
  const field = (number: number) => (sent?.fields[number] ?? '').replace(/[^ -~]/g, '').slice(0, 227);
  const encoding = component + repetition + escaping + subcomponent;
  const parties = [field(5), field(6), field(3), field(4)];
  const ids = ['', '', '', escapeText(controlId, separators), field(11)];
  return `${[name, encoding, ...parties, toHl7Time(now), ...ids].join(separators.field)}\r`;
}

const refuse = (code: Hl7Issue['code'], path: string, message: string): BatchResult => ({
  ok: false,
  issue: { code, path, message },
});
