import { readConfig } from '../config.ts';
import { DEFAULT_CONFIG } from '../consent/settings.ts';
import type { DecisionConfig } from '../consent/types.ts';
import { listDue } from '../exchange/list-due.ts';
import { allReleases, contentOf, holdsAt } from '../policy/releases.ts';
import type { Db } from '../store/database.ts';
import { readMasterKey } from '../store/master-key.ts';
import { createVault } from '../store/vault.ts';
import { onStore } from './on-store.ts';

/** `consent due`: what is due about consent for the patients of an organisation, a line each: the patient's id as that organisation knows it, what, and the day. No names. */
export async function consentDue(args: readonly string[]): Promise<number> {
  const organisation = optionOf(args, '--organisation');
  const days = optionOf(args, '--days') ?? '60';
  if (!organisation || !/^\d{1,3}$/.test(days) || args.length % 2 !== 0) {
    console.error('Usage: gezinspoort consent due --organisation <id> [--days 60]');
    return 2;
  }
  const { DATABASE_URL, DATA_DIR, MASTER_KEY_FILE } = process.env;
  const read = readConfig({ DATABASE_URL, DATA_DIR, MASTER_KEY_FILE });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const vault = createVault(await readMasterKey(read.config.masterKeyFile, read.config.dataDir));
  const now = (): Date => new Date();
  const due = await onStore(async (db) => {
    const settings = await settingsInForce(db, now());
    const actor = { client: 'gezinspoort consent due', organisation };
    return listDue({ db, vault, policy: () => ({ settings }), now }, actor, Number(days));
  });
  const ids = vault.ids(organisation);
  for (const one of due) console.log(`${ids.out(one.patient)}  ${one.kind.padEnd(21)}  ${one.on}`);
  return 0;
}

/** What the privacy officers chose, as it holds in this store. */
async function settingsInForce(db: Db, now: Date): Promise<Required<DecisionConfig>> {
  const release = holdsAt(
    (await allReleases(db)).filter((one) => one.released_at),
    now,
  );
  const content = release && (await contentOf(db, release.version));
  return { ...DEFAULT_CONFIG, ...content?.settings };
}

function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}
