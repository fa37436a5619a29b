import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openQueue, type Queue } from '../../src/queue/queue.ts';
import type { RestartableServer } from './restartable.ts';

/** Which server a queue works on, as `openQueue` wants it. */
type Address = { databaseUrl: string } | { redisUrl: string };

const WORKER = fileURLToPath(new URL('./queue-worker.ts', import.meta.url));

function randomName(): string {
  return `test-${randomBytes(12).toString('hex').replaceAll(/\d/g, 'x')}`;
}

/** Keeps the ids that a handler got, and how often. */
function recorder() {
  const seen: string[] = [];
  const handler = async (id: string) => {
    seen.push(id);
  };
  return { seen, handler };
}

/** A promise and the function that fulfils it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** What a queue does, on whatever server. `server` starts the server that all of the suite shares. */
export function describeQueue(
  title: string,
  server: () => Promise<{ address: Address; close(): Promise<void> }>,
): void {
  describe(title, () => {
    let address: Address;
    let stopServer = async () => {};
    const queues: Queue[] = [];

    beforeAll(async () => {
      const started = await server();
      address = started.address;
      stopServer = started.close;
    });
    afterEach(async () => {
      await Promise.all(queues.splice(0).map((queue) => queue.close()));
    });
    afterAll(() => stopServer());

    async function open(name = randomName(), onError?: (code: string) => void): Promise<Queue> {
      const queue = await openQueue({ ...address, name, onError });
      queues.push(queue);
      return queue;
    }

    it('hands every job to one handler once, and keeps nothing of it', async () => {
      const queue = await open();
      const { seen, handler } = recorder();
      const ids = Array.from({ length: 40 }, () => randomUUID());
      await Promise.all(ids.slice(0, 20).map((id) => queue.add(id)));
      queue.work(handler, { concurrency: 4 });
      queue.work(handler, { concurrency: 4 });
      await Promise.all(ids.slice(20).map((id) => queue.add(id)));
      await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(40);
      await expect.poll(() => queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0 });
      expect(seen.toSorted()).toEqual(ids.toSorted());
    });

    it('runs a job of the same id again when it is added again', async () => {
      const queue = await open();
      const { seen, handler } = recorder();
      queue.work(handler, { concurrency: 1 });
      const id = randomUUID();
      await queue.add(id);
      await expect.poll(() => seen).toEqual([id]);
      await queue.add(id);
      await expect.poll(() => seen).toEqual([id, id]);
    });

    it('runs as many handlers at a time as asked', async () => {
      const queue = await open();
      const release = gate();
      let running = 0;
      let most = 0;
      queue.work(
        async () => {
          running += 1;
          most = Math.max(most, running);
          await release.opened;
          running -= 1;
        },
        { concurrency: 3 },
      );
      await Promise.all(Array.from({ length: 8 }, () => queue.add(randomUUID())));
      await expect.poll(() => running).toBe(3);
      await pause(200);
      expect(most).toBe(3);
      release.open();
      await expect.poll(async () => (await queue.counts()).active).toBe(0);
    });

    it('holds a delayed job back for its delay and not much longer', async () => {
      const queue = await open();
      let handledAt = 0;
      queue.work(
        async () => {
          handledAt = performance.now();
        },
        { concurrency: 1 },
      );
      const addedAt = performance.now();
      await queue.add(randomUUID(), { delayMs: 700 });
      expect(await queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 1 });
      await expect.poll(() => handledAt, { timeout: 5_000 }).not.toBe(0);
      expect(handledAt - addedAt).toBeGreaterThan(690);
      expect(handledAt - addedAt).toBeLessThan(2_500);
    });

    it('adds nothing while a job with the same key waits, and something again afterwards', async () => {
      const queue = await open();
      const { seen, handler } = recorder();
      const [first, second, third, other] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
      const dedupe = `lane:${randomUUID()}:${randomUUID()}`;
      await queue.add(first, { dedupe });
      await queue.add(second, { dedupe });
      await queue.add(other, { dedupe: `${dedupe}:other` });
      expect((await queue.counts()).waiting).toBe(2);
      queue.work(handler, { concurrency: 1 });
      await expect.poll(() => seen).toEqual([first, other]);
      await expect.poll(async () => (await queue.counts()).active).toBe(0);
      await queue.add(third, { dedupe });
      await expect.poll(() => seen).toEqual([first, other, third]);
    });

    it('adds nothing while a delayed job with the same key waits', async () => {
      const queue = await open();
      await queue.add(randomUUID(), { dedupe: 'lane:one', delayMs: 60_000 });
      await queue.add(randomUUID(), { dedupe: 'lane:one' });
      expect(await queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 1 });
    });

    it('keeps one wake-up that comes while the job with its key runs, and runs it afterwards', async () => {
      const queue = await open();
      const release = gate();
      const seen: string[] = [];
      let running = 0;
      queue.work(
        async (id) => {
          expect(running).toBe(0); // never two of one key at a time
          running += 1;
          seen.push(id);
          if (seen.length === 1) await release.opened;
          running -= 1;
        },
        { concurrency: 4 },
      );
      const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
      await queue.add(first, { dedupe: 'lane:two' });
      await expect.poll(() => seen).toEqual([first]);
      await queue.add(second, { dedupe: 'lane:two' });
      await queue.add(third, { dedupe: 'lane:two' });
      expect(seen).toEqual([first]);
      release.open();
      await expect.poll(() => seen).toEqual([first, third]);
      await pause(200);
      expect(seen).toHaveLength(2);
    });

    it('lets a handler put its own job back for later', async () => {
      const queue = await open();
      const at: number[] = [];
      const id = randomUUID();
      queue.work(
        async () => {
          at.push(performance.now());
          if (at.length < 3) await queue.add(id, { dedupe: 'lane:three', delayMs: 400 });
        },
        { concurrency: 1 },
      );
      await queue.add(id, { dedupe: 'lane:three' });
      await expect.poll(() => at.length, { timeout: 10_000 }).toBe(3);
      expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(390);
      expect((at[2] ?? 0) - (at[1] ?? 0)).toBeGreaterThan(390);
    });

    it('ends the job of a handler that throws, reports a code, and goes on', async () => {
      const codes: string[] = [];
      const queue = await open(randomName(), (code) => codes.push(code));
      const seen: string[] = [];
      queue.work(
        async (id) => {
          seen.push(id);
          throw new Error('Sentinel-Pietersen');
        },
        { concurrency: 1 },
      );
      queue.work(
        (id) => {
          seen.push(id);
          throw new Error('thrown at once');
        },
        { concurrency: 1 },
      );
      for (let count = 0; count < 4; count++) await queue.add(randomUUID());
      await expect.poll(() => seen.length).toBe(4);
      await expect.poll(() => queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0 });
      expect(codes).toEqual(['queue-handler-failed']);
    });

    it('refuses everything but a UUID, and never repeats what it refused', async () => {
      const queue = await open();
      for (const bad of ['999999990', '', '1', 'Jansen', `${randomUUID()} `, randomUUID().toUpperCase()]) {
        await expect(queue.add(bad)).rejects.toMatchObject({ code: 'queue-bad-id' });
      }
      for (const dedupe of ['999999990', 'lane:999999990', '', 'Jansen', 'a b', `lane:${'x'.repeat(300)}`]) {
        const refusal = await queue.add(randomUUID(), { dedupe }).catch((error: Error) => error);
        expect(refusal).toMatchObject({ code: 'queue-bad-dedupe' });
        if (dedupe !== '') expect((refusal as Error).message).not.toContain(dedupe);
      }
      expect(await queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0 });
      await expect(openQueue({ ...address, name: 'Not a name' })).rejects.toMatchObject({ code: 'queue-bad-name' });
    });

    it('waits for running handlers when it closes, and takes no more', async () => {
      const queue = await open();
      const release = gate();
      const started: string[] = [];
      const finished: string[] = [];
      queue.work(
        async (id) => {
          started.push(id);
          await release.opened;
          finished.push(id);
        },
        { concurrency: 2 },
      );
      for (let count = 0; count < 4; count++) await queue.add(randomUUID());
      await expect.poll(() => started.length).toBe(2);
      const closing = queue.close();
      await pause(300);
      expect(finished).toEqual([]);
      release.open();
      await closing;
      expect(finished.toSorted()).toEqual(started.toSorted());
      expect(started).toHaveLength(2);
      await expect(queue.add(randomUUID())).rejects.toMatchObject({ code: 'queue-closed' });
    });

    // The two slow ones run side by side, so each closes its own queue.
    it.concurrent('closes in bounded time when a handler never ends', async ({ expect }) => {
      const queue = await openQueue({ ...address, name: randomName() });
      const { seen, handler } = recorder();
      queue.work(
        async (id) => {
          await handler(id);
          await new Promise(() => {});
        },
        { concurrency: 1 },
      );
      await queue.add(randomUUID());
      await expect.poll(() => seen.length).toBe(1);
      const since = performance.now();
      await queue.close();
      expect(performance.now() - since).toBeLessThan(12_000);
    });

    it.concurrent('runs the job of a killed worker again', { timeout: 60_000 }, async ({ expect }) => {
      const name = randomName();
      const queue = await openQueue({ ...address, name });
      const child = spawn(process.execPath, [WORKER, JSON.stringify({ ...address, name })], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines = createInterface({ input: child.stdout });
      const id = randomUUID();
      await queue.add(id);
      expect(await once(lines, 'line')).toEqual([id]);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const { seen, handler } = recorder();
      queue.work(handler, { concurrency: 1 });
      await expect.poll(() => seen, { timeout: 40_000 }).toEqual([id]);
      await expect.poll(() => queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0 });
      await queue.close();
    });
  });
}

/** What a queue does while its server goes away and comes back. `durable`: jobs survive the server's restart. */
export function describeOutage(
  title: string,
  start: () => Promise<RestartableServer>,
  addressOf: (url: string) => Address,
  durable: boolean,
): void {
  describe(title, { timeout: 60_000 }, () => {
    let server: RestartableServer;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.remove());

    for (const how of ['stop', 'kill', 'hang'] as const) {
      it(`refuses quickly while the server is away (${how}), and goes on by itself when it is back`, async () => {
        const codes = new Set<string>();
        const address = addressOf(server.url);
        const name = randomName();
        const queue = await openQueue({ ...address, name, onError: (code) => codes.add(code) });
        const { seen, handler } = recorder();
        const early = queue.work(handler, { concurrency: 2 });
        const [before, kept, after, later] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
        await queue.add(before);
        await expect.poll(() => seen).toEqual([before]);
        await queue.add(kept, { delayMs: 1_500 });
        expect(await queue.healthy()).toBe(true);

        await server.down(how);
        for (let attempt = 0; attempt < 3; attempt++) {
          const since = performance.now();
          await expect(queue.add(randomUUID())).rejects.toMatchObject({ code: 'queue-away' });
          expect(performance.now() - since).toBeLessThan(2_000);
        }
        expect(await queue.healthy()).toBe(false);
        await expect(openQueue({ ...address, name: randomName() })).rejects.toMatchObject({ code: 'queue-away' });
        const late = queue.work(handler, { concurrency: 1 }); // a worker that is started during the outage

        await server.up();
        await expect.poll(() => queue.healthy(), { timeout: 10_000 }).toBe(true);
        await queue.add(after);
        await expect.poll(() => seen, { timeout: 15_000 }).toContain(after);
        if (durable || how === 'hang') await expect.poll(() => seen, { timeout: 15_000 }).toContain(kept);
        await early.close();
        await queue.add(later);
        await expect.poll(() => seen, { timeout: 15_000 }).toContain(later);
        await late.close();
        await queue.close();
        if (how !== 'hang') expect(codes.size).toBeGreaterThan(0);
        for (const code of codes) expect(code).toMatch(/^([0-9A-Z_]{3,40}|queue-error)$/);
      });
    }

    it('closes while the server is away, and a queue that lost its server during a job', async () => {
      const queue = await openQueue({ ...addressOf(server.url), name: randomName() });
      const release = gate();
      const { seen, handler } = recorder();
      queue.work(
        async (id) => {
          await handler(id);
          await release.opened;
        },
        { concurrency: 1 },
      );
      await queue.add(randomUUID());
      await expect.poll(() => seen.length).toBe(1);
      await server.down('stop');
      release.open();
      const since = performance.now();
      await queue.close();
      expect(performance.now() - since).toBeLessThan(5_000);
      await server.up();
    });
  });
}
