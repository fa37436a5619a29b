import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { readConfig } from '../src/config.ts';
import { openDoors } from '../src/demo/doors.ts';
import { demoKeys } from '../src/demo/keys.ts';
import { PARTIES } from '../src/demo/network.ts';
import { registerParties } from '../src/demo/setup.ts';
import { outward } from '../src/exchange/externalise.ts';
import { judge } from '../src/exchange/judge.ts';
import { loadFamily } from '../src/exchange/relatives.ts';
import { release } from '../src/exchange/release.ts';
import { startGateway } from '../src/gateway.ts';
import { createLog } from '../src/log.ts';
import { startEmbedded } from '../src/store/embedded/start.ts';
import { poster } from './post.ts';
import { openSubject } from './subject.ts';

const folder = await mkdtemp(join(tmpdir(), 'gezinspoort-bench-'));
await writeFile(join(folder, 'master.key'), 'ab'.repeat(32), { mode: 0o600 });
const postgres = await startEmbedded({ dataDir: folder, log: () => undefined });
const read = readConfig({
  PORT: '0',
  MLLP_PORT: '0',
  DATA_DIR: folder,
  DATABASE_URL: postgres.connectionString,
  MASTER_KEY_FILE: join(folder, 'master.key'),
  LOG_LEVEL: 'warn',
});
if (!read.ok) throw new Error(read.problems.join());
const gateway = await startGateway(read.config, 'api', createLog('warn'));
const keys = await demoKeys(
  folder,
  PARTIES.map((one) => one.id),
);
await registerParties(gateway.ports.db, keys);
await gateway.refreshDirectory();
const doors = openDoors(gateway.ports.publicUrl, gateway.mllpPort, keys);
const agent = new Agent({ keepAlive: true });
const subject = await openSubject(doors, poster(agent, gateway.ports.publicUrl), 1);
const { ports } = gateway;
const patient = ports.vault.ids('jgz').in(subject.reader) ?? '';
const question = {
  mode: 'pull' as const,
  organisation: 'jgz',
  sector: 'jgz',
  discipline: 'youth-nurse',
  purpose: 'TREAT',
  at: new Date().toISOString(),
};
const actor = { client: 'kdplus', organisation: 'jgz', discipline: 'youth-nurse', purpose: 'TREAT' };
const family = await loadFamily(ports.db, ports.vault, patient, new Date());
if (!family) throw new Error();
const j = judge(family.file, family.relatives, question, ports.policy());
const out = () => outward(ports.vault.ids('jgz'), () => true);
const o = out();
const { auditRows } = await import('../src/audit/log.ts');
const fact = {
  kind: 'release' as const,
  actor,
  patient,
  items: j.released.map(({ stored }) => `${stored.type}/${stored.id}/_history/1`),
};
const list = j.released.map((one) => o.write(one.resource));
async function time(name: string, run: () => unknown) {
  for (let i = 0; i < 100; i += 1) await run();
  const cpu = process.cpuUsage();
  const t = performance.now();
  const n = 400;
  for (let i = 0; i < n; i += 1) await run();
  const c = process.cpuUsage(cpu);
  console.log(
    name.padEnd(30),
    `${(((performance.now() - t) / n) * 1000).toFixed(0)} µs wall`,
    `${((c.user + c.system) / n).toFixed(0)} µs cpu`,
  );
}
await time('loadFamily', () => loadFamily(ports.db, ports.vault, patient, new Date()));
const pool = new pg.Pool({ connectionString: postgres.connectionString });
const { open } = await import('../src/store/vault.ts');
const named = (extra: object) => () =>
  pool.query({
    text: 'select r.type, r.id, r.version, r.body, p.wrapped_key from resource r join patient p on p.id = r.patient where r.patient = $1 and r.current',
    values: [patient],
    ...extra,
  });
await time('raw pg, unnamed', named({}));
await time('raw pg, named', named({ name: 'x' }));
const rows = (await named({})()).rows;
await time('open', () =>
  rows.map((one) => open(family.file.dataKey, one.body, `${patient}/${one.type}/${one.id}/${one.version}`)),
);
const opened = rows.map((one) =>
  open(family.file.dataKey, one.body, `${patient}/${one.type}/${one.id}/${one.version}`),
);
await time('toString + parse', () => opened.map((one) => JSON.parse(one.toString())));
await time('judge', () => judge(family.file, family.relatives, question, ports.policy()));
await time('outward', () => {
  const x = out();
  return j.released.map((one) => x.write(one.resource));
});
await time('auditRows', () => auditRows([fact, { ...fact, kind: 'decision', items: [] }], new Date()));
await time('stringify', () => JSON.stringify(list));
await time('release', () => release(ports, { family, question, actor }));
await time('everything over http', () => subject.read());
const explain =
  await pool.query(`explain (analyze, summary, buffers off, costs off) select 'patient' as kind, '' as type, id, gate as version, '' as category,
      array(select organisation from treatment_relation where patient = p.id and since <= now() and (until is null or until > now()) order by organisation) as labels,
      '' as author, null as exchange, '-infinity'::timestamptz as recorded_at, wrapped_key as body
    from patient p where id = '${patient}' and erased_at is null and wrapped_key is not null
    union all
    select 'resource', type, id, version, category, labels, author, exchange::text, recorded_at, body from resource where patient = '${patient}' and current
    union all
    select 'consent', 'Consent', id, version, '', '{}', recorder, null, recorded_at, body from consent where patient = '${patient}' and current
    order by recorded_at, type, id`);
console.log(
  explain.rows
    .map((one) => one['QUERY PLAN'])
    .slice(-3)
    .join('\n'),
);
await pool.end();
await doors.close();
agent.destroy();
await gateway.stop();
await postgres.stop();
await rm(folder, { recursive: true, force: true });
process.exit(0);
