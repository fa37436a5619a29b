import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

export type DemoKeys = Record<string, JWK & { kid: string }>;

const file = (dataDir: string) => join(dataDir, 'demo', 'keys.json');

/** The private keys of the demo clients, made once and kept where only the owner reads them. */
export async function demoKeys(dataDir: string, clients: readonly string[]): Promise<DemoKeys> {
  const known = await readKeys(dataDir);
  if (known) return known;
  const pairs = await Promise.all(
    clients.map(async (client) => {
      const { privateKey } = await generateKeyPair('ES384', { extractable: true });
      return [client, { ...(await exportJWK(privateKey)), kid: `${client}-1`, alg: 'ES384', use: 'sig' }] as const;
    }),
  );
  const keys = Object.fromEntries(pairs);
  await mkdir(join(dataDir, 'demo'), { recursive: true, mode: 0o700 });
  await writeFile(file(dataDir), JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

/** The keys of a demo network that was set up before. */
export async function readKeys(dataDir: string): Promise<DemoKeys | undefined> {
  const text = await readFile(file(dataDir), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as DemoKeys);
}

/** The public half, as it is registered. */
export function publicJwks({ d: _private, ...open }: JWK): { keys: Record<string, unknown>[] } {
  return { keys: [{ ...open }] };
}
