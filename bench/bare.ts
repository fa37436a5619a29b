import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { createVault, open } from '../src/store/vault.ts';

/*
 * What `$everything` is measured against: a bare Node process on the same PostgreSQL that reads, parses, drops three fields and serialises the same rows with no checks at all. No token, no consent, no
 * view, no ids of its own per organisation, no audit. `/sealed/<patient>` opens the rows as they lie there; `/plain/<patient>` reads copies that nobody sealed.
 */
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const vault = createVault(Buffer.from(process.env.BENCH_MASTER_KEY ?? '', 'hex'));

interface Row {
  type: string;
  id: string;
  version: number;
  body: Buffer;
  wrapped_key: Buffer;
}

async function rowsOf(kind: string, patient: string): Promise<Record<string, unknown>[]> {
  if (kind === 'plain') {
    const { rows } = await pool.query<{ body: string }>({
      name: 'plain',
      text: 'select body from bench_plain where patient = $1',
      values: [patient],
    });
    return rows.map((one) => JSON.parse(one.body) as Record<string, unknown>);
  }
  const { rows } = await pool.query<Row>({
    name: 'sealed',
    text: 'select r.type, r.id, r.version, r.body, p.wrapped_key from resource r join patient p on p.id = r.patient where r.patient = $1 and r.current',
    values: [patient],
  });
  const key = vault.dataKey(patient, rows[0]?.wrapped_key ?? Buffer.alloc(0));
  return rows.map(
    (one) =>
      JSON.parse(open(key, one.body, `${patient}/${one.type}/${one.id}/${one.version}`).toString()) as Record<
        string,
        unknown
      >,
  );
}

const server = createServer(async (request, response) => {
  const [, kind = '', patient = ''] = (request.url ?? '').split('/');
  const resources = await rowsOf(kind, patient);
  for (const one of resources) {
    delete one.text;
    delete one.identifier;
    delete one.note;
  }
  const entry = resources.map((resource) => ({ fullUrl: `${resource.resourceType}/${resource.id}`, resource }));
  response.setHeader('content-type', 'application/fhir+json; charset=utf-8');
  response.end(JSON.stringify({ resourceType: 'Bundle', type: 'searchset', total: entry.length, entry }));
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('message', () => process.exit(0));
