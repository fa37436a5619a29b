import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAMILIES } from '../src/demo/families.ts';
import { play } from '../src/demo/play.ts';
import { type Network, openNetwork } from './support/network.ts';

/** Everything that may never be readable outside the vault: numbers, names, birth dates and sentences of the demo's messages. */
const SECRETS = [
  ...FAMILIES.flatMap(({ bsn, patient, parents }) => [
    bsn,
    patient.birthDate ?? '',
    patient.name?.[0]?.family ?? '',
    patient.name?.[0]?.given?.[0] ?? '',
    ...parents.map((one) => one.given),
  ]),
  'Bedachte Laan',
  '0612345679',
  'Drinkt zeven keer per dag',
  'Schulden in het gezin',
  'Moeder slaapt weinig',
  'Inhaalgroei',
  'Lichte verstandelijke beperking',
];

/** The ways a text can lie in a dump: as it is, in hex, in base64 at each of its three offsets, upside down in bytes (birth dates without dashes). */
function disguises(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const inner = (shift: number) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(shift === 0 ? 0 : shift + 1)
      .replace(/=+$/, '')
      .slice(0, -2);
  const compact = /^\d{4}-\d\d-\d\d$/.test(secret) ? [secret.replaceAll('-', '')] : [];
  return [
    secret,
    ...compact,
    bytes.toString('hex'),
    Buffer.from(secret, 'utf16le').toString('hex'),
    ...[0, 1, 2].map(inner),
  ].filter((one) => one.length >= 4);
}

describe('After the demo', () => {
  let network: Network;
  let dump: string;
  let rows = 0;

  beforeAll(async () => {
    network = await openNetwork();
    await play(network.doors);
    await network.settled();
    ({ text: dump, rows } = await dumpDatabase(network.databaseUrl));
  });
  afterAll(() => network?.close());

  it('the dump is really there: every table, and the audit log among them', () => {
    expect(rows).toBeGreaterThan(100);
    expect(dump).toContain('"resourceType":"AuditEvent"');
    expect(dump).toContain('HIX-ORU-0004711'); // a message id is kept, so a dump that misses it missed the ledger
  });

  it('the search would find a secret that lies there in clear, hex or base64', () => {
    const planted = `x${Buffer.from(`a999903147b`).toString('base64')} ${Buffer.from('Kwartelslag').toString('hex')} Inhaalgroei`;
    expect(found('999903147', planted)).not.toEqual([]);
    expect(found('Kwartelslag', planted)).not.toEqual([]);
    expect(found('Inhaalgroei', planted)).not.toEqual([]);
  });

  it.each(SECRETS)('no table and no queue holds %s', (secret) => {
    expect(found(secret, dump)).toEqual([]);
  });

  it.each(SECRETS)('no log line holds %s', (secret) => {
    expect(network.log.length).toBeGreaterThan(5);
    expect(found(secret, network.log.join('\n'))).toEqual([]);
  });

  it('the log names what happened', async () => {
    expect(network.log.join('\n')).toContain('exchange-accepted');
    expect(await readFile('package.json', 'utf8')).toContain('gezinspoort');
  });
});

function found(secret: string, text: string): string[] {
  const lower = text.toLowerCase();
  // Base64 tells cases apart; names and hex are looked for in any case.
  return disguises(secret).filter(
    (one) =>
      text.includes(one) ||
      (lower.includes(one.toLowerCase()) === (one === secret || /^[0-9a-f]+$/.test(one)) &&
        lower.includes(one.toLowerCase())),
  );
}

/** Every row of every table of every schema as text, bytes as hex and as base64-free text; queue tables included. */
async function dumpDatabase(url: string): Promise<{ text: string; rows: number }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const tables = await client.query<{ schema: string; name: string }>(
    `select table_schema as schema, table_name as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const parts: string[] = [];
  for (const { schema, name } of tables.rows) {
    const { rows } = await client.query<{ row: string; raw: string }>(
      `select t::text as row from "${schema}"."${name}" t`,
    );
    for (const { row } of rows) parts.push(row.replaceAll('""', '"').replaceAll('\\"', '"'), latin(row));
  }
  await client.end();
  return { text: parts.join('\n'), rows: parts.length / 2 };
}

/** The bytes behind hex columns, read as text. */
const latin = (row: string): string =>
  [...row.matchAll(/\\x([0-9a-f]+)/g)].map(([, hex]) => Buffer.from(hex ?? '', 'hex').toString('latin1')).join(' ');
