/** The block characters of MLLP (HL7 Transport: Minimal Lower Layer Protocol, release 1): VT message FS CR. */
const VT = 0x0b;
const FS = 0x1c;
const CR = 0x0d;
const LF = 0x0a;

/** Line ends between two blocks that some senders add; more is no line end but noise. */
const SLACK = 1_024;

export type FrameProblem = 'broken-framing' | 'too-large';

export interface Deframed {
  /** The complete messages, in order, without their framing. */
  readonly frames: Buffer[];
  /** Why nothing more can be read from this stream: what follows cannot be told from what went wrong. */
  readonly problem?: FrameProblem;
}

export interface Deframer {
  push(chunk: Uint8Array): Deframed;
  /** A message has begun and not ended. */
  inFrame(): boolean;
}

/**
 * Turns a stream of bytes, cut anywhere, into messages of at most `maxBytes`. Anything but line ends between the
 * blocks, a block that starts inside another, or an FS without its CR is broken framing: bytes are never skipped, for
 * they may be a message that somebody believes to be sent.
 */
export function createDeframer(maxBytes: number): Deframer {
  let state: 'between' | 'inside' | 'ending' | 'broken' = 'between';
  let parts: Buffer[] = [];
  let size = 0;
  let slack = 0;

  function between(chunk: Buffer, from: number): number | FrameProblem {
    let i = from;
    while (i < chunk.length && (chunk[i] === CR || chunk[i] === LF)) i++;
    slack += i - from;
    if (slack > SLACK) return 'broken-framing';
    if (i === chunk.length) return i;
    if (chunk[i] !== VT) return 'broken-framing';
    state = 'inside';
    parts = [];
    size = 0;
    slack = 0;
    return i + 1;
  }

  function inside(chunk: Buffer, from: number): number | FrameProblem {
    const end = chunk.indexOf(FS, from);
    const part = chunk.subarray(from, end === -1 ? chunk.length : end);
    size += part.length;
    if (size > maxBytes) return 'too-large';
    if (part.includes(VT)) return 'broken-framing';
    parts.push(part);
    if (end === -1) return chunk.length;
    state = 'ending';
    return end + 1;
  }

  function push(bytes: Uint8Array): Deframed {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const frames: Buffer[] = [];
    let i = 0;
    while (i < chunk.length) {
      let next: number | FrameProblem = 'broken-framing';
      if (state === 'between') next = between(chunk, i);
      else if (state === 'inside') next = inside(chunk, i);
      else if (state === 'ending' && chunk[i] === CR) {
        frames.push(Buffer.concat(parts));
        parts = [];
        state = 'between';
        next = i + 1;
      }
      if (typeof next === 'string') {
        state = 'broken';
        parts = [];
        return { frames, problem: next };
      }
      i = next;
    }
    return { frames };
  }

  return { push, inFrame: () => state === 'inside' || state === 'ending' };
}

/**
 * A message in its MLLP block; undefined when it holds the block characters itself (no character set of HL7 v2 that is
 * read here needs them).
 */
export function toFrame(message: Uint8Array): Buffer | undefined {
  if (message.includes(VT) || message.includes(FS)) return undefined;
  return Buffer.concat([Buffer.of(VT), message, Buffer.of(FS, CR)]);
}
