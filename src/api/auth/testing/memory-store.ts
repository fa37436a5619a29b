import type { AuthStore, ClientRecord, SigningKeys } from '../types.ts';

/** An AuthStore for tests of one process: the same promises as the real one, kept in maps that a test may change. */
export function memoryStore(keys: SigningKeys) {
  const clients = new Map<string, ClientRecord>();
  const used = new Map<string, Date>();
  const world = { keys };
  const store: AuthStore = {
    client: async (id) => clients.get(id),
    useJti: async (issuer, jti, expiresAt) => {
      const name = JSON.stringify([issuer, jti]);
      if (used.has(name)) return false;
      used.set(name, expiresAt);
      return true;
    },
    signingKeys: async () => world.keys,
  };
  return { store, clients, used, world };
}
