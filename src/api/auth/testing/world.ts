import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import type { AuthStore, ClientRecord } from '../types.ts';
import { SENTINELS, startGateway, type TestGateway } from './gateway.ts';
import { type TestKey, testKey } from './keys.ts';
import { ASSERTION_TYPE, signed } from './requests.ts';

/** A store under test, and how to put a client into it. */
export interface OpenStore {
  store: AuthStore;
  register(record: ClientRecord): Promise<void>;
  close(): Promise<void>;
}

export type Claims = Record<string, unknown>;

/** One gateway with an active and an inactive client, and the makings of requests that are right but for what a case changes. */
export interface TokenWorld {
  store: AuthStore;
  gateway: TestGateway;
  ec: TestKey;
  rsa: TestKey;
  clientId: string;
  inactiveId: string;
  /** Seconds since 1970, so many from now. */
  at(seconds: number): number;
  iua(change?: Claims): Claims;
  claims(change?: Claims): Claims;
  assertion(change?: Claims, header?: Claims): Promise<string>;
  form(change?: Record<string, string>): Promise<Record<string, string>>;
}

/** Sets a world up before the tests of the surrounding `describe` and takes it down after them; its members are there inside tests only. */
export function tokenWorld(open: () => Promise<OpenStore>): TokenWorld {
  const [person, personName] = SENTINELS;
  const world: TokenWorld = {
    ...({} as Pick<TokenWorld, 'store' | 'gateway' | 'ec' | 'rsa'>),
    clientId: `hix-${randomUUID()}`,
    inactiveId: `old-${randomUUID()}`,
    at: (seconds) => Math.floor(world.gateway.clock.at.getTime() / 1000) + seconds,
    iua: (change = {}) => ({
      extensions: {
        ihe_iua: {
          person_id: person,
          subject_name: personName,
          subject_role: 'paediatrician',
          purpose_of_use: 'TREAT',
          ...change,
        },
      },
    }),
    claims: (change = {}) => ({
      iss: world.clientId,
      sub: world.clientId,
      aud: world.gateway.tokenUrl,
      exp: world.at(120),
      jti: randomUUID(),
      ...world.iua(),
      ...change,
    }),
    assertion: (change = {}, header = {}) =>
      signed({ alg: 'ES384', typ: 'JWT', kid: 'ec-1', ...header }, world.claims(change), world.ec.private),
    form: async (change = {}) => ({
      grant_type: 'client_credentials',
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await world.assertion(),
      scope: 'system/Observation.rs',
      ...change,
    }),
  };

  let opened: OpenStore | undefined;
  beforeAll(async () => {
    opened = await open();
    const [ec, rsa] = [await testKey('ES384', 'ec-1'), await testKey('RS384', 'rsa-1')];
    const record: ClientRecord = {
      id: world.clientId,
      organisation: 'ziekenhuis',
      ura: '90000382',
      keys: { keys: [ec.public, rsa.public] },
      scopes: ['system/Observation.rs', 'system/Patient.r', 'system/Consent.cruds'],
      sources: ['hix'],
      disciplines: ['paediatrician'],
      purposes: ['TREAT', 'BTG'],
      roles: [],
      active: true,
    };
    await opened.register(record);
    await opened.register({ ...record, id: world.inactiveId, active: false });
    Object.assign(world, { store: opened.store, ec, rsa, gateway: await startGateway(opened.store) });
  });
  afterAll(async () => {
    await world.gateway?.close();
    await opened?.close();
  });
  return world;
}
