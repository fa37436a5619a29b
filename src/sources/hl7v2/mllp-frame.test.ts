import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDeframer, type FrameProblem, toFrame } from './mllp-frame.ts';

const LIMIT = 100;

/** Everything that comes out of these chunks, up to the first problem. */
function deframe(chunks: Uint8Array[]): { frames: string[]; problem?: FrameProblem } {
  const deframer = createDeframer(LIMIT);
  const frames: string[] = [];
  for (const chunk of chunks) {
    const out = deframer.push(chunk);
    frames.push(...out.frames.map((frame) => frame.toString('latin1')));
    if (out.problem) return { frames, problem: out.problem };
  }
  return { frames };
}

const bytes = (text: string) => [Buffer.from(text, 'latin1')];

describe('createDeframer', () => {
  it.each<[string, string, { frames: string[]; problem?: FrameProblem }]>([
    ['one message', '\x0bA\x1c\r', { frames: ['A'] }],
    ['several in one packet', '\x0bA\x1c\r\x0bB\x1c\r\x0bC', { frames: ['A', 'B'] }],
    ['line ends in between', '\x0bA\x1c\r\r\n\x0bB\x1c\r\n', { frames: ['A', 'B'] }],
    ['an empty message', '\x0b\x1c\r', { frames: [''] }],
    ['no start', 'MSH|', { frames: [], problem: 'broken-framing' }],
    ['a message without start behind another', '\x0bA\x1c\rB\x1c\r', { frames: ['A'], problem: 'broken-framing' }],
    ['a start inside a message', '\x0bA\x0bB\x1c\r', { frames: [], problem: 'broken-framing' }],
    ['an end without its CR', '\x0bA\x1cB\x1c\r', { frames: [], problem: 'broken-framing' }],
    ['exactly the limit', `\x0b${'x'.repeat(LIMIT)}\x1c\r`, { frames: ['x'.repeat(LIMIT)] }],
    ['one byte more', `\x0b${'x'.repeat(LIMIT + 1)}\x1c\r`, { frames: [], problem: 'too-large' }],
    ['one byte more, without an end', `\x0b${'x'.repeat(LIMIT + 1)}`, { frames: [], problem: 'too-large' }],
    ['endless line ends', '\r\n'.repeat(1_000), { frames: [], problem: 'broken-framing' }],
  ])('%s', (_name, text, expected) => {
    expect(deframe(bytes(text))).toEqual(expected);
  });

  it('knows whether a message is under way', () => {
    const deframer = createDeframer(LIMIT);
    const states = ['\r', '\x0b', 'A', '\x1c', '\r'].map((unit) => {
      deframer.push(Buffer.from(unit));
      return deframer.inFrame();
    });
    expect(states).toEqual([false, true, true, true, false]);
  });

  it('gives nothing more after a problem', () => {
    const deframer = createDeframer(LIMIT);
    deframer.push(Buffer.from('x'));
    expect(deframer.push(Buffer.from('\x0bA\x1c\r'))).toEqual({ frames: [], problem: 'broken-framing' });
  });

  it('does not depend on how the stream is cut', () => {
    const stream = fc.array(fc.constantFrom(...'AB\x0b\x1c\r\n'), { maxLength: 40 }).map((units) => units.join(''));
    const framed = fc
      .array(fc.string({ unit: fc.constantFrom(...'AB\r'), maxLength: 60 }))
      .map((all) => all.map((one) => `\x0b${one}\x1c\r`).join(''));
    const cuts = fc.array(fc.nat(200), { maxLength: 20 });
    fc.assert(
      fc.property(fc.oneof(stream, framed), cuts, (text, places) => {
        const whole = Buffer.from(text, 'latin1');
        const sorted = [0, ...places.filter((place) => place < whole.length), whole.length].sort((a, b) => a - b);
        const chunks = sorted.slice(1).map((end, index) => whole.subarray(sorted[index], end));
        expect(deframe(chunks)).toEqual(deframe([whole]));
      }),
      { numRuns: 500 },
    );
  });

  it('takes back what toFrame makes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: LIMIT }), (message) => {
        const frame = toFrame(message);
        if (frame) expect(deframe([frame])).toEqual({ frames: [Buffer.from(message).toString('latin1')] });
        else expect(message.some((byte) => byte === 0x0b || byte === 0x1c)).toBe(true);
      }),
    );
  });
});
