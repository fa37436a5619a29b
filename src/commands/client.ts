import { readFile, writeFile } from 'node:fs/promises';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { fetchToken } from '../api/auth/client-assertion.ts';
import { readConfig } from '../config.ts';
import { parseRegistration, register } from '../store/register.ts';
import { onStore } from './on-store.ts';

const USAGE = [
  'Usage: gezinspoort client add <file.json>',
  '       gezinspoort client key <id>',
  '       gezinspoort client token <id> <private.json>',
].join('\n');

/** `client add` registers, `client key` makes a key pair, `client token` asks a running gateway for a token with it. */
export async function client([what, ...more]: string[]): Promise<number> {
  const [first, second] = more;
  if (what === 'add' && first && !second) return add(first);
  if (what === 'key' && first && !second) return key(first);
  if (what === 'token' && first && second) return token(first, second);
  console.error(USAGE);
  return 2;
}

/** Registers an organisation and a client of it, or replaces the registration. */
async function add(file: string): Promise<number> {
  const parsed = parseRegistration(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.ok) {
    console.error(parsed.problems.join('\n'));
    return 1;
  }
  const { registration } = parsed;
  await onStore((db) => register(db, registration));
  console.log(`Client ${registration.id} of ${registration.organisation.id} is registered.`);
  return 0;
}

/** Makes an ES384 key pair: the private half in `<id>.private.json`, for its owner only, the public half on standard output, to be registered. */
async function key(id: string): Promise<number> {
  const { privateKey } = await generateKeyPair('ES384', { extractable: true });
  const { d, ...open } = await exportJWK(privateKey);
  const common = { ...open, kid: `${id}-${Date.now()}`, alg: 'ES384', use: 'sig' };
  const file = `${id}.private.json`;
  // `wx`: a key that is in use is never overwritten.
  await writeFile(file, JSON.stringify({ ...common, d }), { mode: 0o600, flag: 'wx' });
  console.log(JSON.stringify({ keys: [common] }));
  console.error(`The private key is in ${file}. Keep it where only your system reads it.`);
  return 0;
}

/** Asks the gateway at PUBLIC_URL for a token, as a system does that only pushes: no professional, all that the client is registered for. */
async function token(id: string, file: string): Promise<number> {
  const read = readConfig({ ...process.env, DATABASE_URL: undefined });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const privateKey = JSON.parse(await readFile(file, 'utf8')) as JWK;
  const answer = await fetchToken({
    clientId: id,
    privateKey,
    kid: privateKey.kid ?? '',
    tokenUrl: `${read.config.publicUrl}/oauth/token`,
    now: new Date(),
    scope: 'system/*.cruds',
  });
  if (!answer.ok) {
    console.error(`No token: ${answer.error} (${answer.description})`);
    return 1;
  }
  console.log(answer.accessToken);
  return 0;
}
