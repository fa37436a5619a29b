import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';

/*
 * Runs after `npm ci`, under whatever Node the machine has; plain JavaScript for that reason. npm before 11 does not link the Node that the install brings when its
 * siblings for other machines stand beside it in the lock file: then we do. From there on every npm script uses it.
 */
const own = `node_modules/node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}/bin/node`;
const link = 'node_modules/.bin/node';
if (existsSync(own) && !existsSync(link)) {
  mkdirSync('node_modules/.bin', { recursive: true });
  symlinkSync(`../../${own}`, link);
}
const node = existsSync(link) ? link : process.execPath;
const { status } = spawnSync(node, ['src/fhir/pack.ts'], { stdio: 'inherit' });
process.exit(status ?? 1);
