import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { createDeframer, toFrame } from './mllp-frame.ts';

export interface MllpClientOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: ConnectionOptions;
  /** For connecting, and again from sending to the last byte of the answer, in ms. */
  readonly timeoutMs: number;
  /** Largest answer that is taken, in bytes. */
  readonly maxBytes: number;
}

/**
 * Why there is no answer. After `unsendable` and `not-connected` nothing was sent; after the others the message may
 * have arrived: it is sent again with the same control id, and the other side knows it.
 */
export type MllpFailure = 'unsendable' | 'not-connected' | 'timeout' | 'closed' | 'bad-answer';

export type MllpAnswer = { ok: true; answer: Buffer } | { ok: false; code: MllpFailure };

export interface MllpClient {
  /**
   * Sends one message (bytes without framing) and waits for its answer. Calls wait for one another: MLLP has one
   * message under way at a time. Never rejects.
   */
  send(message: Uint8Array): Promise<MllpAnswer>;
  /** Waits for what is under way and closes the connection. */
  close(): Promise<void>;
}

/**
 * A client that connects when it has something to send, keeps its connection, and makes a new one after any failure: a
 * late answer must not be taken for that of the next message.
 */
export function createMllpClient(options: MllpClientOptions): MllpClient {
  let socket: Socket | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  async function exchange(message: Uint8Array): Promise<MllpAnswer> {
    const block = toFrame(message);
    if (!block) return { ok: false, code: 'unsendable' };
    if (!socket || socket.destroyed || socket.readableEnded) socket = await open(options);
    if (!socket) return { ok: false, code: 'not-connected' };
    const result = await ask(socket, block, options);
    if (!result.ok) {
      socket.destroy();
      socket = undefined;
    }
    return result;
  }

  return {
    send(message) {
      const answer = queue.then(() => exchange(message));
      queue = answer;
      return answer;
    },
    async close() {
      await queue;
      socket?.destroySoon();
      socket = undefined;
    },
  };
}

function open({ host, port, tls, timeoutMs }: MllpClientOptions): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = tls ? connectTls({ ...tls, host, port }) : connectTcp({ host, port, noDelay: true });
    const done = (result: Socket | undefined) => {
      clearTimeout(late);
      if (!result) socket.destroy();
      resolve(result);
    };
    const late = setTimeout(() => done(undefined), timeoutMs);
    socket.once(tls ? 'secureConnect' : 'connect', () => done(socket));
    // Stays for the life of the socket: an error between two messages must not end the process.
    socket.on('error', () => done(undefined));
    socket.once('close', () => done(undefined));
  });
}

function ask(socket: Socket, block: Buffer, { timeoutMs, maxBytes }: MllpClientOptions): Promise<MllpAnswer> {
  return new Promise((resolve) => {
    const deframer = createDeframer(maxBytes);
    const done = (result: MllpAnswer) => {
      clearTimeout(late);
      socket.off('data', read).off('close', closed).off('end', closed).on('data', stray);
      resolve(result);
    };
    const closed = () => done({ ok: false, code: 'closed' });
    const read = (chunk: Buffer) => {
      const { frames, problem } = deframer.push(chunk);
      const [answer] = frames;
      if (problem || frames.length > 1 || (answer && deframer.inFrame())) done({ ok: false, code: 'bad-answer' });
      else if (answer) done({ ok: true, answer });
    };
    const late = setTimeout(() => done({ ok: false, code: 'timeout' }), timeoutMs);
    socket.off('data', stray).on('data', read).once('close', closed).once('end', closed);
    socket.write(block, (error) => error && closed());
  });
}

/** What comes while nobody waits is the answer to nothing: the connection can no longer be trusted. */
function stray(this: Socket): void {
  this.destroy();
}
