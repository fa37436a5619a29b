import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createMllpClient, type MllpClient, type MllpClientOptions } from './mllp-client.ts';
import type { MllpProblem } from './mllp-connection.ts';
import { type MllpServer, type MllpServerOptions, startMllp } from './mllp-server.ts';

const HOST = '127.0.0.1';
const ACK = 'MSH|^~\\&|||||||ACK|1|P|2.5||||||8859/1\rMSA|AA|';

const servers: MllpServer[] = [];
const clients: MllpClient[] = [];
const sockets: Socket[] = [];
let problems: MllpProblem[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
  problems = [];
});

async function start(
  handle: MllpServerOptions['handle'],
  options: Partial<MllpServerOptions> = {},
): Promise<MllpServer> {
  const server = await startMllp({
    port: 0,
    host: HOST,
    allowPeer: (address) => address === HOST,
    maxBytes: 1_000_000,
    idleTimeoutMs: 5_000,
    frameTimeoutMs: 5_000,
    maxConnections: 10,
    handle,
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  servers.push(server);
  return server;
}

const echo = async (frame: Buffer) => `${ACK}${frame.toString('latin1')}\r`;
const framed = (text: string) => Buffer.from(`\x0b${text}\x1c\r`, 'latin1');

function clientOf({ port }: { port: number }, options: Partial<MllpClientOptions> = {}): MllpClient {
  const client = createMllpClient({ host: HOST, port, timeoutMs: 2_000, maxBytes: 10_000, ...options });
  clients.push(client);
  return client;
}

/** A bare connection: what it received, and whether the other side has closed. */
async function dial({ port }: MllpServer) {
  const socket = connect({ port, host: HOST });
  sockets.push(socket);
  let received = '';
  const closed = new Promise<string>((resolve) => {
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(received));
  });
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  return { socket, closed };
}

/** What stands behind the last field separator of each answer. */
const answersIn = (stream: string) => stream.split('\x1c\r').slice(0, -1).map(lastField);

const lastField = (answer: string) => answer.split('|').at(-1)?.trim() ?? '';

async function send(client: MllpClient, text: string): Promise<string> {
  const result = await client.send(Buffer.from(text, 'latin1'));
  return result.ok ? lastField(result.answer.toString('latin1')) : result.code;
}

describe('startMllp', () => {
  it('answers messages in order on one connection, one at a time', async () => {
    let running = 0;
    let most = 0;
    const server = await start(async (frame) => {
      most = Math.max(most, ++running);
      await sleep(frame.toString() === 'A' ? 50 : 1);
      running--;
      return echo(frame);
    });
    const { socket, closed } = await dial(server);
    socket.end(Buffer.concat(['A', 'B', 'C'].map(framed)));
    expect(answersIn(await closed)).toEqual(['A', 'B', 'C']);
    expect(most).toBe(1);
  });

  it('takes a message that comes byte by byte, and one of a megabyte', async () => {
    const server = await start(async (frame) => `${ACK}${frame.length}\r`);
    const { socket, closed } = await dial(server);
    socket.setNoDelay(true);
    for (const byte of framed('langzaam')) {
      socket.write(Buffer.of(byte));
      await sleep(1);
    }
    socket.end(framed('x'.repeat(1_000_000)));
    expect(answersIn(await closed)).toEqual(['8', '1000000']);
  });

  it('tells the handler who sends', async () => {
    const server = await start(async (_frame, peer) => `${ACK}${peer.address} ${peer.port > 0}\r`);
    expect(await send(clientOf(server), 'A')).toBe('127.0.0.1 true');
  });

  it('answers in the character set that the answer names', async () => {
    const server = await start(async () => 'MSH|^~\\&|||||||ACK|1|P|2.5||||||UNICODE UTF-8\rMSA|AR|é\r');
    const answer = await clientOf(server).send(Buffer.from('A'));
    expect(answer.ok && answer.answer.toString('utf8')).toContain('AR|é');
  });

  it.each<[string, string, MllpProblem]>([
    ['broken framing', 'MSH|^~\\&|\r', 'broken-framing'],
    ['too large, before its end', `\x0b${'x'.repeat(1_000_001)}`, 'too-large'],
  ])('closes on %s, without an answer', async (_name, text, problem) => {
    const server = await start(echo);
    const { socket, closed } = await dial(server);
    socket.write(Buffer.from(text, 'latin1'));
    expect(await closed).toBe('');
    expect(problems).toEqual([problem]);
  });

  it('answers what was complete before the stream broke', async () => {
    const server = await start(echo);
    const { socket, closed } = await dial(server);
    socket.write(Buffer.concat([framed('A'), Buffer.from('rommel')]));
    expect(await closed).toBe(`\x0b${ACK}A\r\x1c\r`);
  });

  it('closes on half a message, even when it keeps dripping', async () => {
    const server = await start(echo, { frameTimeoutMs: 200 });
    const { socket, closed } = await dial(server);
    const started = performance.now();
    socket.write('\x0b');
    const drip = setInterval(() => socket.writable && socket.write('x'), 20);
    expect(await closed).toBe('');
    clearInterval(drip);
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(problems).toEqual(['half-message']);
  });

  it('gives the next half message its own time', async () => {
    const server = await start(echo, { frameTimeoutMs: 200 });
    const { socket, closed } = await dial(server);
    socket.write(Buffer.concat([framed('A'), Buffer.from('\x0bhalf')]));
    expect(await closed).toBe(`\x0b${ACK}A\r\x1c\r`);
    expect(problems).toEqual(['half-message']);
  });

  it('closes on half a message whose sender leaves', async () => {
    const server = await start(echo);
    const { socket, closed } = await dial(server);
    socket.end('\x0bhalf');
    expect(await closed).toBe('');
    expect(problems).toEqual(['half-message']);
  });

  it('closes a silent connection, not one whose message is being handled', async () => {
    const server = await start(
      async (frame) => {
        await sleep(300);
        return echo(frame);
      },
      { idleTimeoutMs: 100 },
    );
    const { socket, closed } = await dial(server);
    socket.write(framed('A'));
    expect(await closed).toContain('|A\r');
    expect(problems).toEqual(['idle']);
  });

  it.each<[string, MllpServerOptions['handle']]>([
    ['rejects', () => Promise.reject(new Error('stuk'))],
    [
      'throws',
      () => {
        throw new Error('stuk');
      },
    ],
    ['has no answer', async () => undefined],
  ])('closes without an answer when the handler %s, and goes on for others', async (_name, handle) => {
    let calls = 0;
    const server = await start((frame, peer) => (calls++ === 0 ? handle(frame, peer) : echo(frame)));
    expect(await send(clientOf(server), 'A')).toBe('closed');
    expect(await send(clientOf(server), 'B')).toBe('B');
    expect(problems).toEqual(['no-answer']);
  });

  it('closes at once on a peer that is not allowed', async () => {
    let handled = 0;
    const server = await start(
      async (frame) => {
        handled++;
        return echo(frame);
      },
      { allowPeer: () => false },
    );
    const { socket, closed } = await dial(server);
    socket.write(framed('A'));
    expect(await closed).toBe('');
    expect([handled, server.connections(), problems]).toEqual([0, 0, ['peer-not-allowed']]);
  });

  it('takes no more connections than allowed', async () => {
    const server = await start(echo, { maxConnections: 1 });
    expect(await send(clientOf(server), 'A')).toBe('A');
    const second = await dial(server);
    expect(await second.closed).toBe('');
    expect(problems).toEqual(['too-many-connections']);
  });

  it('finishes the message in hand when it closes, and takes no other', async () => {
    const handled: string[] = [];
    const server = await start(async (frame) => {
      handled.push(frame.toString());
      await sleep(100);
      return echo(frame);
    });
    const { socket, closed } = await dial(server);
    const idle = await dial(server);
    socket.write(Buffer.concat([framed('A'), framed('B')]));
    while (handled.length === 0) await sleep(5);
    await server.close();
    expect(await closed).toBe(`\x0b${ACK}A\r\x1c\r`);
    expect(await idle.closed).toBe('');
    expect([handled, server.connections()]).toEqual([['A'], 0]);
    expect(await send(clientOf(server), 'C')).toBe('not-connected');
  });

  it('survives a peer that vanishes while its message is handled', async () => {
    const server = await start(async (frame) => {
      await sleep(50);
      return echo(frame);
    });
    const { socket } = await dial(server);
    socket.write(framed('A'));
    await sleep(20);
    socket.resetAndDestroy();
    await sleep(80);
    expect(await send(clientOf(server), 'B')).toBe('B');
  });

  it('says when its port is taken', async () => {
    const { port } = await start(echo);
    await expect(start(echo, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('createMllpClient', () => {
  it('sends one message after another over one connection', async () => {
    const ports = new Set<number>();
    const server = await start(async (frame, { port }) => {
      ports.add(port);
      return echo(frame);
    });
    const client = clientOf(server);
    expect(await Promise.all(['A', 'B', 'C'].map((text) => send(client, text)))).toEqual(['A', 'B', 'C']);
    expect(ports.size).toBe(1);
  });

  it('does not take a late answer for that of the next message', async () => {
    const server = await start(async (frame) => {
      if (frame.toString() === 'A') await sleep(300);
      return echo(frame);
    });
    const client = clientOf(server, { timeoutMs: 100 });
    expect(await send(client, 'A')).toBe('timeout');
    expect(await send(client, 'B')).toBe('B');
  });

  it('does not take a second answer for that of the next message', async () => {
    const stutterer = createServer((socket) => {
      socket
        .on('error', () => {})
        .on('data', async (chunk) => {
          socket.write(framed(`echo ${chunk[1]}`));
          await sleep(20);
          socket.write(framed('spook'));
        });
    });
    await new Promise<void>((resolve) => stutterer.listen(0, HOST, resolve));
    const client = clientOf({ port: (stutterer.address() as AddressInfo).port });
    expect(await send(client, 'A')).toBe('echo 65');
    await sleep(60);
    expect(await send(client, 'B')).toBe('echo 66');
    stutterer.close();
  });

  it('connects again after the other side has closed', async () => {
    const server = await start(echo, { idleTimeoutMs: 50 });
    const client = clientOf(server);
    expect(await send(client, 'A')).toBe('A');
    await sleep(150);
    expect(await send(client, 'B')).toBe('B');
  });

  it('sends nothing that would break its own framing', async () => {
    const client = clientOf(await start(echo));
    expect(await send(client, 'A\x1c\rB')).toBe('unsendable');
    expect(await send(client, 'C')).toBe('C');
  });
});

const openssl = hasOpenssl();

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!openssl)('MLLP over TLS (needs openssl to make certificates)', () => {
  /** A key and a self-signed certificate for localhost. */
  function identity() {
    const folder = mkdtempSync(join(tmpdir(), 'mllp-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        '-days',
        '2',
        ...subject,
      ],
      { stdio: 'ignore' },
    );
    const pair = { key: readFileSync(key), cert: readFileSync(cert) };
    rmSync(folder, { recursive: true });
    return pair;
  }

  it('speaks with a peer whose certificate is trusted, and with no other', async () => {
    const [ours, theirs, stranger] = [identity(), identity(), identity()];
    const tls = { ...ours, ca: theirs.cert, requestCert: true, rejectUnauthorized: true };
    const server = await start(echo, { tls });
    const trust = { ca: ours.cert, servername: 'localhost' };
    expect(await send(clientOf(server, { tls: { ...trust, ...theirs } }), 'A')).toBe('A');
    expect(await send(clientOf(server, { tls: { ...trust, ...stranger } }), 'B')).toMatch(/closed|not-connected/);
    expect(await send(clientOf(server, { tls: trust }), 'C')).toMatch(/closed|not-connected/);
    expect(await send(clientOf(server), 'not TLS at all')).toBe('closed');
    expect(problems).toEqual(['tls-failed', 'tls-failed', 'tls-failed']);
  });

  it('does not begin a handshake with a peer that is not allowed', async () => {
    const ours = identity();
    const server = await start(echo, { tls: ours, allowPeer: () => false });
    expect(await send(clientOf(server, { tls: { ca: ours.cert, servername: 'localhost' } }), 'A')).toBe(
      'not-connected',
    );
    expect(problems).toEqual(['peer-not-allowed']);
  });

  it('closes though a handshake is under way', async () => {
    const server = await start(echo, { tls: identity() });
    const { closed } = await dial(server);
    await sleep(20);
    await server.close();
    expect(await closed).toBe('');
  });
});
