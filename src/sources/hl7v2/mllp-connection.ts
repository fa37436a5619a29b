import type { Socket } from 'node:net';
import { encodeMessage } from './encode.ts';
import { createDeframer, type FrameProblem, toFrame } from './mllp-frame.ts';

export interface MllpPeer {
  readonly address: string;
  readonly port: number;
}

/** Why a connection was refused or closed by this side. */
export type MllpProblem =
  | FrameProblem
  | 'peer-not-allowed'
  | 'too-many-connections'
  | 'tls-failed'
  | 'idle' // nothing came for a long time
  | 'half-message' // a message began and did not end in time, or the peer closed within it
  | 'no-answer' // the handler failed or wanted no answer
  | 'answer-not-taken';

/** What one connection needs of the server's options. */
export interface ConnectionOptions {
  readonly maxBytes: number;
  readonly idleTimeoutMs: number;
  readonly frameTimeoutMs: number;
  readonly handle: (frame: Buffer, peer: MllpPeer) => Promise<string | undefined>;
  readonly onProblem?: (problem: MllpProblem, peer: MllpPeer) => void;
}

export interface Connection {
  /** Answers the message in hand, if any, and closes. */
  finish(): void;
}

/**
 * Reads messages from one socket and answers them one by one, in order. While a message is handled nothing is read: a
 * fast sender waits in its own buffers. What was complete before the stream broke is still handled and answered; then
 * the connection closes.
 */
export function serveConnection(socket: Socket, peer: MllpPeer, options: ConnectionOptions): Connection {
  const deframer = createDeframer(options.maxBytes);
  const waiting: Buffer[] = [];
  let busy = false;
  let last = false;
  let timer: NodeJS.Timeout | undefined;
  let timed: 'idle' | 'frame' | undefined;

  socket.on('data', (chunk: Buffer) => {
    const { frames, problem } = deframer.push(chunk);
    waiting.push(...frames);
    if (problem) end(problem);
    if (frames.length > 0 || problem) void work();
    else waitForMore();
  });
  socket.on('end', () => {
    end(deframer.inFrame() ? 'half-message' : undefined);
    void work();
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', stopTimer);
  waitForMore();

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    stopTimer();
    socket.pause();
    for (let frame = waiting.shift(); frame && !socket.destroyed; frame = waiting.shift()) {
      const answer = await handled(frame);
      if (answer === '') continue;
      const block = answer === undefined ? undefined : toFrame(encodeMessage(answer));
      if (!block) return abort('no-answer');
      if (!(await write(block))) return abort('answer-not-taken');
    }
    busy = false;
    if (last) return void socket.destroySoon();
    waitForMore();
    socket.resume();
  }

  async function handled(frame: Buffer): Promise<string | undefined> {
    try {
      return await options.handle(frame, peer);
    } catch {
      return undefined;
    }
  }

  /** Nothing is read any more; what is complete is still handled. */
  function end(problem?: MllpProblem): void {
    last = true;
    if (problem) options.onProblem?.(problem, peer);
  }

  function abort(problem: MllpProblem): void {
    if (!socket.destroyed) options.onProblem?.(problem, peer);
    socket.destroy();
  }

  function write(block: Buffer): Promise<boolean> {
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(false), options.frameTimeoutMs);
      socket.write(block, (error) => {
        clearTimeout(late);
        resolve(!error);
      });
    });
  }

  /** The time for one message runs from its first byte: a sender that drips does not prolong it. */
  function waitForMore(): void {
    const kind = deframer.inFrame() ? 'frame' : 'idle';
    if (socket.destroyed || (kind === 'frame' && timed === 'frame')) return;
    stopTimer();
    timed = kind;
    const [problem, ms] =
      kind === 'frame'
        ? (['half-message', options.frameTimeoutMs] as const)
        : (['idle', options.idleTimeoutMs] as const);
    timer = setTimeout(() => abort(problem), ms);
  }

  function stopTimer(): void {
    clearTimeout(timer);
    timed = undefined;
  }

  return {
    finish() {
      waiting.length = 0;
      last = true;
      if (!busy) socket.destroySoon();
    },
  };
}
