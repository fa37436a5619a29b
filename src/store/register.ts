import { Ajv } from 'ajv';
import type { Db } from './database.ts';
import type { MllpPeer } from './schema.ts';

/** What an operator registers for one client: who it belongs to, its public keys, and everything it may do. */
export interface Registration {
  readonly id: string;
  readonly organisation: { readonly id: string; readonly ura?: string; readonly name: string; readonly sector: string };
  readonly jwks: { readonly keys: Record<string, unknown>[] };
  readonly scopes: string[];
  readonly sources: string[];
  readonly disciplines: string[];
  readonly purposes: string[];
  readonly roles: string[];
  readonly mllp?: MllpPeer;
}

const name = { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,63}$' } as const;
const text = { type: 'string', maxLength: 200 } as const;
const texts = { type: 'array', items: text, maxItems: 100 } as const;

const check = new Ajv({ allErrors: true, strict: true }).compile({
  type: 'object',
  additionalProperties: false,
  required: ['id', 'organisation', 'jwks', 'scopes', 'sources', 'disciplines', 'purposes', 'roles'],
  properties: {
    id: name,
    organisation: {
      type: 'object',
      additionalProperties: false,
      required: ['id', 'name', 'sector'],
      properties: {
        id: name,
        ura: { type: 'string', pattern: '^[0-9]{8}$' },
        name: { type: 'string', maxLength: 200 },
        sector: name,
      },
    },
    // A private key in a registration is a mistake that must not be stored.
    jwks: {
      type: 'object',
      required: ['keys'],
      properties: {
        keys: {
          type: 'array',
          items: { type: 'object', required: ['kid'], properties: { kid: text, d: false, k: false } },
        },
      },
    },
    scopes: texts,
    sources: texts,
    disciplines: texts,
    purposes: texts,
    roles: { type: 'array', items: { enum: ['consent-recorder', 'privacy-officer'] } },
    mllp: {
      type: 'object',
      additionalProperties: false,
      required: ['source', 'addresses', 'application', 'facility'],
      properties: { source: name, addresses: texts, application: { type: 'string' }, facility: { type: 'string' } },
    },
  },
});

/** Checks a registration file; every problem with its place. */
export function parseRegistration(
  value: unknown,
): { ok: true; registration: Registration } | { ok: false; problems: string[] } {
  if (check(value)) return { ok: true, registration: value as Registration };
  return { ok: false, problems: (check.errors ?? []).map((one) => `${one.instancePath || '/'}: ${one.message}`) };
}

/** Registers the organisation and the client, replacing what was registered under the same ids. */
export async function register(db: Db, { id, organisation, jwks, mllp, ...rest }: Registration): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const row = {
      id: organisation.id,
      ura: organisation.ura ?? null,
      name: organisation.name,
      sector: organisation.sector,
    };
    await trx
      .insertInto('organisation')
      .values(row)
      .onConflict((on) => on.column('id').doUpdateSet(row))
      .execute();
    const client = {
      ...rest,
      id,
      organisation: organisation.id,
      jwks: JSON.stringify(jwks),
      mllp: mllp ? JSON.stringify(mllp) : null,
    };
    await trx
      .insertInto('client')
      .values(client)
      .onConflict((on) => on.column('id').doUpdateSet(client))
      .execute();
  });
}
