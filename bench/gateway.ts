import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { openInboxes } from '../src/demo/inbox.ts';
import { demoKeys } from '../src/demo/keys.ts';
import { PARTIES, RECEIVERS } from '../src/demo/network.ts';
import { registerParties, registerReceivers } from '../src/demo/setup.ts';
import { startGateway } from '../src/gateway.ts';
import { createLog } from '../src/log.ts';

/*
 * The gateway under load, as a process of its own: embedded PostgreSQL in a throw-away folder, the demo's parties, inboxes that really listen. Tells its
 * parent where it is, ends with it.
 */
const folder = await mkdtemp(join(tmpdir(), 'gezinspoort-bench-'));
const read = readConfig({
  PORT: '0',
  MLLP_PORT: '0',
  DATA_DIR: folder,
  REDIS_URL: process.env.REDIS_URL,
  DATABASE_URL: process.env.DATABASE_URL,
  MASTER_KEY_FILE: process.env.MASTER_KEY_FILE,
  LOG_LEVEL: 'warn',
});
if (!read.ok) throw new Error(read.problems.join('\n'));
const gateway = await startGateway(read.config, process.env.BENCH_ROLE === 'api' ? 'api' : 'all', createLog('warn'));
const keys = await demoKeys(
  folder,
  PARTIES.map((one) => one.id),
);
const inboxes = await openInboxes(
  folder,
  RECEIVERS.map((one) => one.id),
);
await registerParties(gateway.ports.db, keys);
await registerReceivers(gateway.ports.db, inboxes.port);
await gateway.refreshDirectory();
process.send?.({ base: gateway.ports.publicUrl, mllpPort: gateway.mllpPort, keys });

process.once('message', async () => {
  await gateway.stop();
  await inboxes.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
});
