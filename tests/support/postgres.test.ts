import pg from 'pg';
import { expect, it } from 'vitest';
import { freshDatabase } from './postgres.ts';

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

it('gives every caller an empty database of its own and takes it away again', async () => {
  const [one, two] = await Promise.all([freshDatabase(), freshDatabase()]);
  await query(one.url, 'create table thing (id int)');
  await expect(query(two.url, 'select * from thing')).rejects.toMatchObject({ code: '42P01' });
  await Promise.all([one.drop(), two.drop()]);
  await expect(query(one.url, 'select 1')).rejects.toMatchObject({ code: '3D000' });
});
