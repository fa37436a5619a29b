import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { openDoors } from '../src/demo/doors.ts';
import { FAMILIES, familyBundle } from '../src/demo/families.ts';
import { inProcess } from './in-process.ts';
import { load } from './load.ts';
import { drawBsn } from './people.ts';
import { poster } from './post.ts';
import { residentMegabytes } from './resident.ts';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 6);
const CHILDREN = 60;

console.log(
  `Machine: ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`,
);
console.log(
  `Queue: ${process.env.REDIS_URL ? 'Redis' : 'PostgreSQL'}; store: embedded PostgreSQL with fsync; load from a second process on the same machine\n`,
);

console.log(
  `start to /readyz, fresh store / second start: ${(await startUp()).map((ms) => `${Math.round(ms)} ms`).join(' / ')}`,
);

const child = fork('bench/gateway.ts', { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
const [{ base, mllpPort, keys }] = (await once(child, 'message')) as [
  { base: string; mllpPort: number; keys: Parameters<typeof openDoors>[2] },
];
const doors = openDoors(base, mllpPort, keys);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const consult = (await readFile('mappings/hix/samples/luuk-consult.json')).toString();
const luuk = FAMILIES[1];
if (!luuk) throw new Error('The demo has no second family.');

const children: string[] = [];
for (let index = 0; index < CHILDREN; index += 1) {
  const bsn = drawBsn();
  const patient = { ...luuk.patient, identifier: [{ system: luuk.patient.identifier?.[0]?.system, value: bsn }] };
  const entered = await doors.send(
    'kdplus',
    'POST',
    '/fhir',
    familyBundle({ ...luuk, bsn, patient }, new Date(Date.now() - 60_000).toISOString()),
  );
  if (entered.status !== 200) throw new Error(`A family could not be entered: ${entered.status}`);
  children.push(bsn);
}

let sent = 0;
const post = poster(agent, base);
const hix = `Bearer ${await doors.token('hix')}`;
const push = (bsn: string) => {
  sent += 1;
  const body = consult
    .replaceAll('999903238', bsn)
    .replaceAll('HIX-2026-08-24-000731', `BENCH-${sent}`)
    .replaceAll('POLI-558120', `POLI-${sent}`);
  return post('POST', '/exchange/hix', hix, 'application/json', body);
};
console.log(
  `\naccepts (${Math.round(consult.length / 100) / 10} kB JSON consult → 9 resources, ledger, 2 deliveries, audit, one transaction), with delivery going on beside it`,
);
for (const connections of [1, 8, 32])
  console.log(
    line(await load(connections, SECONDS, async () => (await push(children[sent % CHILDREN] ?? '')).status === 202)),
  );

const reader = drawBsn();
const patient = { ...luuk.patient, identifier: [{ system: luuk.patient.identifier?.[0]?.system, value: reader }] };
const entered = await doors.send(
  'kdplus',
  'POST',
  '/fhir',
  familyBundle({ ...luuk, bsn: reader, patient }, new Date(Date.now() - 60_000).toISOString()),
);
const id = (entered.body as { entry: { response: { location: string } }[] }).entry[0]?.response.location.replace(
  'Patient/',
  '',
);
for (let index = 0; index < 6; index += 1) await push(reader);
const nurse = `Bearer ${await doors.token('kdplus', { subject_role: 'youth-nurse', purpose_of_use: 'TREAT' })}`;
const everything = await post('GET', `/fhir/Patient/${id}/$everything`, nurse);
console.log(
  `\nminimised $everything (${(JSON.parse(everything.text) as { total: number }).total} resources, ${Math.round(everything.text.length / 1024)} kB, decided, projected, audited)`,
);
for (const connections of [1, 8, 32])
  console.log(
    line(
      await load(
        connections,
        SECONDS,
        async () => (await post('GET', `/fhir/Patient/${id}/$everything`, nurse)).status === 200,
      ),
    ),
  );

console.log(`\nresident memory after the load: ${await residentMegabytes(child.pid ?? 0)}`);
console.log('\nin this process, one core');
for (const row of await inProcess()) console.log(row);

await doors.close();
agent.destroy();
child.send('stop');
await once(child, 'exit');

function line({ connections, perSecond, p50, p99, failed }: Awaited<ReturnType<typeof load>>): string {
  return `  ${String(connections).padStart(2)} connections  ${String(perSecond).padStart(5)}/s   p50 ${String(p50).padStart(6)} ms   p99 ${String(p99).padStart(6)} ms${failed ? `   FAILED ${failed}` : ''}`;
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
