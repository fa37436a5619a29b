import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { sql } from 'kysely';
import type { Db } from './database.ts';
import type { Directory } from './directory.ts';
import type { Vault } from './vault.ts';

const KEY_NAME = 'token-signing';

/**
 * What the authorisation server keeps: clients (from the directory), used assertions (one row each until they expire, shared by all nodes) and the signing
 * key, made once and sealed by the vault.
 */
export function createAuthStore(db: Db, vault: Vault, directory: () => Promise<Directory>) {
  let keys: Promise<{ current: JWK & { kid: string }; all: JWK[] }> | undefined;
  return {
    async client(id: string) {
      const { clients, organisations } = await directory();
      const row = clients.get(id);
      if (!row) return undefined;
      const { organisation, scopes, sources, disciplines, purposes, roles, active } = row;
      const ura = organisations.get(organisation)?.ura ?? undefined;
      return {
        id,
        organisation,
        ura,
        keys: row.jwks as { keys: JWK[] },
        scopes,
        sources,
        disciplines,
        purposes,
        roles,
        active,
      };
    },
    async useJti(issuer: string, jti: string, expiresAt: Date): Promise<boolean> {
      const { rows } = await sql`
        insert into used_assertion (issuer, jti, expires_at) values (${issuer}, ${jti}, ${expiresAt}) on conflict do nothing returning 1`.execute(
        db,
      );
      return rows.length === 1;
    },
    signingKeys() {
      keys ??= loadKeys(db, vault);
      keys.catch(() => (keys = undefined));
      return keys;
    },
  };
}

/** Forgets assertions that can no longer be replayed. */
export async function forgetAssertions(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('used_assertion').where('expires_at', '<', now).execute();
}

async function loadKeys(db: Db, vault: Vault) {
  const found = await db.selectFrom('secret').select('value').where('name', '=', KEY_NAME).executeTakeFirst();
  const sealed = found?.value ?? (await makeKey(db, vault));
  const current = JSON.parse(vault.openSecret(KEY_NAME, sealed).toString()) as JWK & { kid: string };
  const { d: _private, ...open } = current;
  return { current, all: [open] };
}

/** Makes the key, unless another node was first: then theirs counts. */
async function makeKey(db: Db, vault: Vault): Promise<Buffer> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: 'ES256', kid: crypto.randomUUID(), use: 'sig' };
  await db
    .insertInto('secret')
    .values({ name: KEY_NAME, value: vault.sealSecret(KEY_NAME, Buffer.from(JSON.stringify(jwk))) })
    .onConflict((on) => on.doNothing())
    .execute();
  const row = await db.selectFrom('secret').select('value').where('name', '=', KEY_NAME).executeTakeFirstOrThrow();
  return row.value;
}
