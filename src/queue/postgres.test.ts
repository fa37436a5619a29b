import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { expect, it } from 'vitest';
import { freshDatabase } from '../../tests/support/postgres.ts';
import { describeOutage, describeQueue } from '../../tests/support/queue-behaviour.ts';
import { restartablePostgres } from '../../tests/support/restartable-postgres.ts';
import { openQueue } from './queue.ts';

describeQueue('the queue on PostgreSQL', async () => {
  const database = await freshDatabase();
  return { address: { databaseUrl: database.url }, close: () => database.drop() };
});

describeOutage('the queue while PostgreSQL is away', restartablePostgres, (databaseUrl) => ({ databaseUrl }), true);

it('stays in a schema of its own, which keeps ids and no text of a handler', async () => {
  const database = await freshDatabase();
  const queue = await openQueue({ databaseUrl: database.url, name: 'traces' });
  const ids = [randomUUID(), randomUUID()];
  let runs = 0;
  queue.work(
    async () => {
      runs += 1;
      throw new Error('Sentinel-Pietersen');
    },
    { concurrency: 1 },
  );
  for (const id of ids) await queue.add(id);
  await expect.poll(() => runs).toBe(2);
  await expect.poll(() => queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0 });
  await queue.close();

  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows: tables } = await client.query<{ schema: string; name: string }>(
    `select table_schema as schema, table_name as name from information_schema.tables
      where table_schema not in ('pg_catalog', 'information_schema')`,
  );
  expect(new Set(tables.map(({ schema }) => schema))).toEqual(new Set(['bullmq']));
  const texts: string[] = [];
  for (const { schema, name } of tables) {
    texts.push(JSON.stringify((await client.query(`select * from ${schema}.${name}`)).rows));
  }
  expect((await client.query('select * from bullmq.job')).rows).toEqual([]);
  expect(texts.join()).toContain('completed'); // the event log was really read
  expect(texts.join()).not.toContain('Sentinel');
  await client.end();
  await database.drop();
});

it('rejects with queue-away where no database answers', async () => {
  const open = openQueue({ databaseUrl: 'postgresql://nobody@127.0.0.1:1/none', name: 'nowhere' });
  await expect(open).rejects.toMatchObject({ code: 'queue-away' });
});
