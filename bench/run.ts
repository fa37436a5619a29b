import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { openDoors } from '../src/demo/doors.ts';
import type { DemoKeys } from '../src/demo/keys.ts';
import { inProcess } from './in-process.ts';
import { type Load, load } from './load.ts';
import { poster } from './post.ts';
import { residentMegabytes } from './resident.ts';
import { openSubject } from './subject.ts';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 6);
const CONNECTIONS = [1, 8, 32];

interface Started {
  base: string;
  mllpPort: number;
  keys: DemoKeys;
}

console.log(
  `Machine: ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`,
);
console.log(
  `Queue: ${process.env.REDIS_URL ? 'Redis' : 'PostgreSQL'}; store: embedded PostgreSQL with fsync; load from a second process on the same machine\n`,
);

console.log(
  `start to /readyz, fresh store / second start: ${(await startUp()).map((ms) => `${Math.round(ms)} ms`).join(' / ')}`,
);

/** One gateway under load. `api` alone shows what accepting costs; `all` delivers beside it, as one small installation does. */
for (const role of ['api', 'all'] as const) {
  const child = fork('bench/gateway.ts', {
    execArgv: ['--max-old-space-size=192', '--max-semi-space-size=24'], // as in `npm start`
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, BENCH_ROLE: role },
  });
  const [{ base, mllpPort, keys }] = (await once(child, 'message')) as [Started];
  const doors = openDoors(base, mllpPort, keys);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const subject = await openSubject(doors, poster(agent, base));
  console.log(
    `\naccepts, ${role === 'api' ? 'deliveries only queued' : 'with delivery going on beside it'} (${subject.what})`,
  );
  for (const connections of CONNECTIONS) print(await load(connections, SECONDS, subject.push));
  if (role === 'api') {
    console.log(`\nminimised $everything (${await subject.describeRead()})`);
    for (const connections of CONNECTIONS) print(await load(connections, SECONDS, subject.read));
  }
  console.log(`\nmemory after the load: ${await residentMegabytes(child.pid ?? 0)}`);
  await doors.close();
  agent.destroy();
  child.send('stop');
  await once(child, 'exit');
}

console.log('\nin this process, one core');
for (const row of await inProcess()) console.log(row);

function print({ connections, perSecond, p50, p99, failed }: Load): void {
  const rate = `${String(connections).padStart(2)} connections  ${String(Math.round(perSecond)).padStart(5)}/s`;
  console.log(
    `  ${rate}   p50 ${String(p50).padStart(6)} ms   p99 ${String(p99).padStart(6)} ms${failed ? `   FAILED ${failed}` : ''}`,
  );
}

/** Starts the command twice on one folder, as a user would, and takes the time until `/readyz` answers 200. */
async function startUp(): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gezinspoort-start-'));
  const times: number[] = [];
  for (let run = 0; run < 2; run += 1) {
    const from = performance.now();
    const started = spawn(process.execPath, ['src/cli.ts', 'serve'], {
      env: { ...process.env, DEMO: 'off', PORT: '18080', MLLP_PORT: '0', DATA_DIR: folder, LOG_LEVEL: 'silent' },
      stdio: 'inherit',
    });
    while (
      !(await fetch('http://127.0.0.1:18080/readyz').then(
        (answer) => answer.ok,
        () => false,
      ))
    )
      await new Promise((resolve) => setTimeout(resolve, 10));
    times.push(performance.now() - from);
    started.kill('SIGINT');
    await once(started, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
  return times;
}
