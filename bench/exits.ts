import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openDoors } from '../src/demo/doors.ts';
import type { DemoKeys } from '../src/demo/keys.ts';
import { startEmbedded } from '../src/store/embedded/start.ts';
import { createVault, open, seal } from '../src/store/vault.ts';
import { load } from './load.ts';
import { poster } from './post.ts';
import { openSubject } from './subject.ts';

/*
 * `$everything` beside a bare Node process on the same rows (`bare.ts`), in turns within one run: `node bench/exits.ts`. Then the same with more and more resources in one file, to see whether the cost
 * of each stays what it was. `BENCH_SIZES=50` measures the first alone.
 */
const TURNS = Number(process.env.BENCH_TURNS ?? 6);
const CONNECTIONS = 8;
const SIZES = (process.env.BENCH_SIZES ?? '50,500,5000').split(',').map(Number);

const folder = await mkdtemp(join(tmpdir(), 'gezinspoort-bench-'));
const masterKey = 'ab'.repeat(32);
await writeFile(join(folder, 'master.key'), masterKey, { mode: 0o600 });
const postgres = await startEmbedded({ dataDir: folder, log: () => undefined });
const env = {
  ...process.env,
  DATABASE_URL: postgres.connectionString,
  MASTER_KEY_FILE: join(folder, 'master.key'),
  BENCH_MASTER_KEY: masterKey,
  BENCH_ROLE: 'api',
};
const memory = ['--max-old-space-size=192', '--max-semi-space-size=24']; // as in `npm start`
const flags = process.env.BENCH_TRACE
  ? ['--trace-gc']
  : process.env.BENCH_PROFILE
    ? ['--cpu-prof', `--cpu-prof-dir=${process.env.BENCH_PROFILE}`]
    : [];
const gateway = fork('bench/gateway.ts', { execArgv: [...memory, ...flags], env });
const [{ base, mllpPort, keys }] = (await once(gateway, 'message')) as [
  { base: string; mllpPort: number; keys: DemoKeys },
];
const bare = fork('bench/bare.ts', { execArgv: memory, env });
const [barePort] = (await once(bare, 'message')) as [number];

const doors = openDoors(base, mllpPort, keys);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const ask = poster(agent, base);
const askBare = poster(agent, `http://127.0.0.1:${barePort}`);
const subject = await openSubject(doors, ask, 1);
const vault = createVault(Buffer.from(masterKey, 'hex'));
const patient = vault.ids('jgz').in(subject.reader) ?? '';
const pool = new pg.Pool({ connectionString: postgres.connectionString, max: 2 });
await pool.query('create table bench_plain (patient uuid not null, body text not null)');
await pool.query('create index on bench_plain (patient)');

console.log(
  `Machine: ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${new Date().toISOString().slice(0, 16)}; ${CONNECTIONS} connections, in turns`,
);
const cpu = new Map<string, { ms: number; requests: number }>();
let seconds = 2;
for (const size of SIZES) {
  // A larger file takes longer turns, or none of its answers would come within one.
  seconds = size > 500 ? 16 : size > 50 ? 5 : 2;
  const turns = size > 50 ? 2 : TURNS;
  await growTo(size);
  const { text } = await askBare('GET', `/sealed/${patient}`, '');
  console.log(`\n${await subject.describeRead()}; bare: ${Math.round(text.length / 1024)} kB`);
  const rates = { gateway: 0, sealed: 0, plain: 0 };
  cpu.clear();
  const bareRead = (kind: string) => async () => (await askBare('GET', `/${kind}/${patient}`, '')).status === 200;
  // The compiler needs some hundreds of each before it has done its work.
  for (const request of [bareRead('sealed'), subject.read, bareRead('plain')])
    await warm(request, Math.ceil(30_000 / size));
  cpu.clear();
  for (let turn = 0; turn < turns; turn += 1) {
    rates.sealed += await rateOf('sealed', bare.pid, bareRead('sealed'));
    rates.gateway += await rateOf('gateway', gateway.pid, subject.read);
    rates.plain += await rateOf('plain', bare.pid, bareRead('plain'));
  }
  const ms = (what: string) => (cpu.get(what)?.ms ?? 0) / (cpu.get(what)?.requests ?? 1);
  const each = (rate: number) => `${Number((rate / turns).toPrecision(3))}/s`.padStart(7);
  const share = (rate: number) => `${Math.round((100 * rates.gateway) / rate)} %`;
  console.log(
    `  the gateway, decided, projected, audited    ${each(rates.gateway)}   ${((1_000_000 * turns) / rates.gateway / size).toFixed(0)} µs a resource`,
  );
  console.log(
    `  bare, opening the same sealed rows          ${each(rates.sealed)}   the gateway does ${share(rates.sealed)} of it`,
  );
  console.log(
    `  bare, on rows that nobody sealed            ${each(rates.plain)}   the gateway does ${share(rates.plain)} of it`,
  );
  console.log(
    `  processor time of one answer: gateway ${ms('gateway').toFixed(2)} ms, bare ${ms('sealed').toFixed(2)} ms (sealed), ${ms('plain').toFixed(2)} ms (plain)`,
  );
}

await doors.close();
agent.destroy();
await pool.end();
gateway.send('stop');
bare.send('stop');
await once(gateway, 'exit');
await postgres.stop();
await rm(folder, { recursive: true, force: true });

async function warm(request: () => Promise<boolean>, times: number): Promise<void> {
  let left = times;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) await request();
    }),
  );
}

/** Requests a second; beside it, how long the process worked for each, which others on the machine change less. */
async function rateOf(what: string, pid: number | undefined, request: () => Promise<boolean>): Promise<number> {
  const before = await worked(pid);
  let requests = 0;
  const { perSecond, failed } = await load(CONNECTIONS, seconds, () => {
    requests += 1;
    return request();
  });
  if (failed > 0) throw new Error(`${failed} requests failed.`);
  const sum = cpu.get(what) ?? { ms: 0, requests: 0 };
  cpu.set(what, { ms: sum.ms + (await worked(pid)) - before, requests: sum.requests + requests });
  return perSecond;
}

/** Milliseconds of processor time of a process so far (Linux counts them in hundredths of a second). */
async function worked(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [utime = 0, stime = 0] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (utime + stime) * 10;
}

/** Copies resources of the family under new ids until its file holds so many, and lays them beside it unsealed. */
async function growTo(size: number): Promise<void> {
  const { rows } = await pool.query(
    'select r.*, p.wrapped_key from resource r join patient p on p.id = r.patient where patient = $1 and current',
    [patient],
  );
  const key = vault.dataKey(patient, rows[0].wrapped_key);
  const copied = rows.filter((one) => one.type === 'Observation' || one.type === 'Condition');
  for (let index = 0; index < size - rows.length; index += 1) {
    const one = copied[index % copied.length];
    const id = randomUUID();
    const text = open(key, one.body, `${patient}/${one.type}/${one.id}/${one.version}`).toString().replace(one.id, id);
    await pool.query(
      'insert into resource (patient, type, id, version, current, category, labels, author, source, exchange, recorded_at, body) values ($1,$2,$3,1,true,$4,$5,$6,$7,$8,$9,$10)',
      [
        patient,
        one.type,
        id,
        one.category,
        one.labels,
        one.author,
        one.source,
        one.exchange,
        one.recorded_at,
        seal(key, Buffer.from(text), `${patient}/${one.type}/${id}/1`),
      ],
    );
  }
  await pool.query('delete from bench_plain');
  const all = await pool.query('select * from resource where patient = $1 and current', [patient]);
  for (const one of all.rows)
    await pool.query('insert into bench_plain values ($1, $2)', [
      patient,
      open(key, one.body, `${patient}/${one.type}/${one.id}/${one.version}`).toString(),
    ]);
  await pool.query('analyze resource');
  await pool.query('analyze bench_plain');
}
