import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { type Connection, type MllpPeer, type MllpProblem, serveConnection } from './mllp-connection.ts';

export interface MllpServerOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  /**
   * Key, certificate and, to ask for one from the peer, `ca` with `requestCert` and `rejectUnauthorized`. Without:
   * plain TCP.
   */
  readonly tls?: TlsOptions;
  /**
   * MLLP knows no login: the address is all there is (besides a TLS certificate). IPv4 comes as `192.0.2.1`, also over
   * IPv6 sockets.
   */
  readonly allowPeer: (address: string) => boolean;
  /** Largest message in bytes, without its framing. */
  readonly maxBytes: number;
  /** Silence between two messages, in ms, after which the connection is closed. */
  readonly idleTimeoutMs: number;
  /**
   * From the first byte of a message to its last, in ms; also for the TLS handshake and for the peer to take the
   * answer.
   */
  readonly frameTimeoutMs: number;
  readonly maxConnections: number;
  /**
   * One message → its acknowledgement, an empty text where none is wanted (the next message is read), or undefined to
   * close without one. A throw closes too: an acknowledgement is never made up.
   */
  readonly handle: (frame: Buffer, peer: MllpPeer) => Promise<string | undefined>;
  /** Called when a connection is refused or ends other than by its peer's wish. */
  readonly onProblem?: (problem: MllpProblem, peer: MllpPeer) => void;
}

export interface MllpServer {
  readonly port: number;
  /** Open connections. */
  connections(): number;
  /** Takes no more messages, finishes and answers those in hand, closes. */
  close(): Promise<void>;
}

/**
 * Listens for HL7 v2 over MLLP. Per connection one message at a time, answered in order. Rejects when the port cannot
 * be had.
 */
export async function startMllp(options: MllpServerOptions): Promise<MllpServer> {
  const open = new Set<Connection>();
  const handshakes = new Map<string, Socket>();
  let closing = false;

  function admit(socket: Socket): boolean {
    if (!closing && options.allowPeer(peerOf(socket).address)) return true;
    if (!closing) options.onProblem?.('peer-not-allowed', peerOf(socket));
    socket.on('error', ignore).destroy();
    return false;
  }

  function serve(socket: Socket): void {
    const connection = serveConnection(socket, peerOf(socket), options);
    open.add(connection);
    socket.once('close', () => open.delete(connection));
  }

  const server = options.tls
    ? tlsServer(options.tls)
    : createServer(SOCKETS, (socket) => admit(socket) && serve(socket));
  server.maxConnections = options.maxConnections;
  server.on('drop', (dropped) => {
    const peer = { address: plainAddress(dropped?.remoteAddress), port: dropped?.remotePort ?? 0 };
    options.onProblem?.('too-many-connections', peer);
  });
  await listen(server, options);

  /** The peer is judged before the handshake: one that may not speak gets no certificate either. */
  function tlsServer(tls: TlsOptions): Server {
    const secure = createTlsServer({ ...tls, ...SOCKETS, handshakeTimeout: options.frameTimeoutMs });
    secure.on('connection', (socket: Socket) => {
      if (!admit(socket)) return;
      const [name, peer] = [nameOf(socket), peerOf(socket)];
      handshakes.set(name, socket);
      socket.once('close', () => {
        if (handshakes.delete(name) && !closing) options.onProblem?.('tls-failed', peer);
      });
    });
    secure.on('tlsClientError', (_error, socket) => socket.destroy());
    secure.on('secureConnection', (socket) => {
      handshakes.delete(nameOf(socket));
      serve(socket);
    });
    return secure;
  }

  return {
    port: portOf(server),
    connections: () => open.size,
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of handshakes.values()) socket.destroy();
      for (const connection of open) connection.finish();
      await closed;
    },
  };
}

/** Half-open: a peer that has sent its last message and closed its side still gets the answer. */
const SOCKETS = { allowHalfOpen: true, noDelay: true, keepAlive: true };

const ignore = (): void => {};

const nameOf = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`;

function listen(server: Server, { port, host }: MllpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      // Later errors are those of single connections that could not be taken (too many files open): the rest goes on.
      server.off('error', reject).on('error', ignore);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function peerOf(socket: Socket): MllpPeer {
  return { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 };
}

const plainAddress = (address: string | undefined): string => (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
