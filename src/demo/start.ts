import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Gateway } from '../gateway.ts';
import type { Log } from '../log.ts';
import { openDoors } from './doors.ts';
import { openInboxes } from './inbox.ts';
import { demoKeys } from './keys.ts';
import { PARTIES, RECEIVERS } from './network.ts';
import { play } from './play.ts';
import { isDemo, isEmpty, registerParties, registerReceivers } from './setup.ts';
import { footer, transcript } from './transcript.ts';

export interface Demo {
  stop(): Promise<void>;
}

/** How long the transcript waits for the last delivery. */
const DELIVERY_MS = 5_000;

/**
 * Runs the demo network beside a gateway: on an empty store it sets it up, plays the main job and prints the transcript; on a store that has it, it opens the
 * inboxes again and says where things are. A store with anything else is left alone.
 */
export async function startDemo(gateway: Gateway, config: Config, log: Log): Promise<Demo | undefined> {
  const { db } = gateway.ports;
  const played = join(config.dataDir, 'demo-played');
  const empty = await isEmpty(db);
  if (!empty && !(await isDemo(db))) return undefined;
  const keys = await demoKeys(
    config.dataDir,
    PARTIES.map((one) => one.id),
  );
  const inboxes = await openInboxes(
    config.dataDir,
    RECEIVERS.map((one) => one.id),
  );
  if (empty) await registerParties(db, keys);
  await registerReceivers(db, inboxes.port);
  await gateway.refreshDirectory();
  const base = gateway.ports.publicUrl;
  const addresses = { base, mllpPort: gateway.mllpPort, inboxPort: inboxes.port };
  if (!empty) {
    const { exchanges, audit } = await gateway.ports.counts();
    console.log(
      [
        `The demo network is back: ${exchanges} exchanges and ${audit} audit entries found in ${config.dataDir}.`,
        ...(existsSync(played)
          ? []
          : [`The demo was interrupted before its end; remove ${config.dataDir} to play it anew.`]),
        ...footer(addresses),
      ].join('\n'),
    );
    return { stop: inboxes.stop };
  }
  const doors = openDoors(`http://127.0.0.1:${gateway.port}`, gateway.mllpPort, keys);
  try {
    const story = await play(doors);
    await settled(gateway);
    const delivered = Object.fromEntries(RECEIVERS.map(({ id }) => [id, inboxes.held(id).size]));
    console.log(transcript(story, delivered, addresses));
    await writeFile(played, '');
    log.info({ event: 'demo-played' });
  } finally {
    await doors.close();
  }
  return { stop: inboxes.stop };
}

/** Waits until nothing is on its way any more. */
async function settled(gateway: Gateway): Promise<void> {
  const until = Date.now() + DELIVERY_MS;
  while (Date.now() < until) {
    const { deliveries } = await gateway.ports.counts();
    if (!deliveries.queued && !deliveries.sending && !deliveries.retry) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
