import { exportJWK, generateKeyPair } from 'jose';
import { type Doors, openDoors } from '../../src/demo/doors.ts';
import { publicJwks } from '../../src/demo/keys.ts';
import { PARTIES } from '../../src/demo/network.ts';
import { type Registration, register } from '../../src/store/register.ts';
import type { Network } from './network.ts';

/** Registers one more client beside the demo's parties and gives the doors as that client uses them. Replaces a client of the same id. */
export async function addClient(
  network: Network,
  id: string,
  more: Partial<Omit<Registration, 'id' | 'jwks' | 'organisation'>> & { organisation: string },
): Promise<Doors> {
  const { privateKey } = await generateKeyPair('ES384', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: `${id}-1`, alg: 'ES384', use: 'sig' };
  const organisation = PARTIES.find((one) => one.organisation.id === more.organisation)?.organisation ?? {
    id: more.organisation,
    name: more.organisation,
    sector: 'hospital',
  };
  await register(network.gateway.ports.db, {
    scopes: ['system/*.cruds'],
    sources: [],
    disciplines: [],
    purposes: ['TREAT'],
    roles: [],
    ...more,
    id,
    organisation,
    jwks: publicJwks(key),
  });
  await network.gateway.refreshDirectory();
  return openDoors(network.base, network.gateway.mllpPort, { [id]: key });
}
