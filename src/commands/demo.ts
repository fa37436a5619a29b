import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { openDoors } from '../demo/doors.ts';
import { FAMILIES } from '../demo/families.ts';
import { readKeys } from '../demo/keys.ts';
import { clientFor } from '../demo/network.ts';
import { find } from '../demo/play.ts';

const USAGE =
  'Usage: gezinspoort demo token --as <discipline | privacy-officer>  |  gezinspoort demo pull <given name> --as <discipline>';

/** Asks the running demo network through its doors, as one of its disciplines. */
export async function demo(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { as: { type: 'string' } } });
  const [what, name] = positionals;
  const discipline = values.as ?? '';
  const isOfficer = what === 'token' && discipline === 'privacy-officer';
  const client = isOfficer ? 'jgz-privacy' : clientFor(discipline);
  const read = readConfig({ ...process.env, DATABASE_URL: undefined });
  if (!read.ok || !client || !['token', 'pull'].includes(what ?? '')) {
    console.error(client || !values.as ? USAGE : `Nobody in the demo network asks as ${discipline}.\n${USAGE}`);
    return 2;
  }
  const keys = await readKeys(read.config.dataDir);
  if (!keys) {
    console.error('There is no demo network here: run npm start first.');
    return 1;
  }
  const doors = openDoors(read.config.publicUrl, read.config.mllpPort, keys);
  if (what === 'token') {
    const asker = isOfficer ? undefined : { subject_role: discipline, purpose_of_use: 'TREAT' };
    console.log(await doors.token(client, asker));
    return 0;
  }
  const family = FAMILIES.find((one) => one.given.toLowerCase() === name?.toLowerCase());
  const patient = family && (await find(doors, client, discipline, family));
  if (!patient) {
    console.error(
      family
        ? 'Nothing of this family may be shown to this discipline.'
        : `Families: ${FAMILIES.map((one) => one.given).join(', ')}`,
    );
    return 1;
  }
  console.log(JSON.stringify((await doors.everything(client, discipline, patient)).body, undefined, 2));
  return 0;
}
