import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildBatchAnswer, readBatch } from './batch.ts';
import { HL7_LIMITS } from './limits.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const MESSAGE = 'MSH|^~\\&|A|B|||2026||ADT^A08|1|P|2.5\rPID|1||1^^^^PI';
const issue = (text: string) => {
  const read = readBatch(bytes(text));
  return read && !read.ok ? `${read.issue.code} ${read.issue.path}` : undefined;
};
const texts = (text: string) => {
  const read = readBatch(bytes(text));
  return read?.ok ? read.batch.messages.map((one) => Buffer.from(one).toString('latin1')) : [];
};

describe('readBatch', () => {
  it('says nothing of what is no batch', () => {
    expect(readBatch(bytes(MESSAGE))).toBeUndefined();
    expect(readBatch(bytes(''))).toBeUndefined();
  });

  it.each(['\r', '\n', '\r\n'])('takes the messages out as they were sent, with lines ending in %j', (end) => {
    const batch = ['FHS|^~\\&|A', 'BHS|^~\\&|A', ...MESSAGE.split('\r'), ...MESSAGE.split('\r'), 'BTS|2', 'FTS|1'];
    expect(texts(batch.join(end))).toEqual([`${MESSAGE}\r`, `${MESSAGE}\r`]);
  });

  it('keeps every byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('é', '€', 'x', '|', '\u0080') }), (text) => {
        const message = Buffer.concat([bytes('MSH|^~\\&|\rNTE|1||'), Buffer.from(text), bytes('\r')]);
        const read = readBatch(Buffer.concat([bytes('BHS|^~\\&\r'), message, bytes('BTS|1\r')]));
        expect(read?.ok && Buffer.from(read.batch.messages[0] ?? []).equals(message)).toBe(true);
      }),
    );
  });

  it.each([
    ['a message that was lost', `BHS|^~\\&\r${MESSAGE}\rBTS|2`, 'hl7-batch-count BTS-1'],
    ['a batch that was lost', `FHS|^~\\&\rBHS|^~\\&\r${MESSAGE}\rBTS|1\rFTS|2`, 'hl7-batch-count FTS-1'],
    ['a line outside the messages', `BHS|^~\\&\rPID|1\r${MESSAGE}\rBTS|1`, 'hl7-segment-place PID'],
    ['no message at all', 'BHS|^~\\&\rBTS|0', 'hl7-required MSH'],
    ['separators that are none', 'BHSA\r', 'hl7-separators BHS'],
    ['too many messages', `BHS|^~\\&\r${'MSH|^~\\&\r'.repeat(HL7_LIMITS.batch + 1)}`, 'hl7-limit '],
  ])('refuses %s', (_name, text, expected) => expect(issue(text)).toBe(expected));
});

describe('buildBatchAnswer', () => {
  it('turns the parties round, refers to the batch and counts', () => {
    const read = readBatch(bytes(`BHS|^~\\&|HIX|ZKH|POORT|IGP|2026||||B-1\r${MESSAGE}\r`));
    if (!read?.ok) throw new Error('it is a batch');
    expect(buildBatchAnswer(read.batch, ['MSH|a\r', 'MSH|b\r'], new Date('2026-08-20T08:15:00Z'), 'X-1')).toBe(
      'BHS|^~\\&|POORT|IGP|HIX|ZKH|20260820101500+0200||||X-1|B-1\rMSH|a\rMSH|b\rBTS|2\r',
    );
  });
});
