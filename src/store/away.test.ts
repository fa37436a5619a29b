import pg from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { isStoreAway } from './away.ts';
import { healthy, openDatabase } from './database.ts';

const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('what says that the store is away', () => {
  it.each(['08000', '08006', '53300', '53100', '57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'])(
    '%s does',
    (code) => expect(isStoreAway(coded(code))).toBe(true),
  );
  it.each(['23505', '22P02', '42P01', '40001', '57014', 'ENOENT', 'EACCES', '', 'X08006'])('%s does not', (code) =>
    expect(isStoreAway(coded(code))).toBe(false),
  );
  it('the pool says it in words, and only at their beginning', () => {
    expect(isStoreAway(new Error('timeout exceeded when trying to connect'))).toBe(true);
    expect(isStoreAway(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isStoreAway(new Error('The parser found: Connection terminated'))).toBe(false);
  });
  it('several addresses that were all refused count as one', () => {
    expect(isStoreAway(new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]))).toBe(true);
    expect(isStoreAway(new AggregateError([new Error('x')]))).toBe(false);
  });
  it.each([undefined, null, 'ECONNREFUSED', 8, {}, { code: '08006' }])('%j is no error of the store', (thrown) =>
    expect(isStoreAway(thrown)).toBe(false),
  );
});

describe('real errors of the driver', () => {
  const thrownBy = (url: string, statement = 'select 1'): Promise<unknown> => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    return client
      .connect()
      .then(() => client.query(statement))
      .then(
        () => undefined,
        (error) => error,
      )
      .finally(() => client.end().catch(() => undefined));
  };
  it('nobody listens', async () => {
    expect(isStoreAway(await thrownBy('postgres://x:x@127.0.0.1:1/x'))).toBe(true);
  });
  it('the session was ended by an operator', async () => {
    const thrown = await thrownBy(inject('postgresUrl'), 'select pg_terminate_backend(pg_backend_pid())');
    expect(isStoreAway(thrown)).toBe(true);
  });
  it('a wrong statement and a value that does not fit are our own fault', async () => {
    expect(isStoreAway(await thrownBy(inject('postgresUrl'), 'select nothing_like_this'))).toBe(false);
    expect(isStoreAway(await thrownBy(inject('postgresUrl'), "select 'x'::uuid"))).toBe(false);
  });
  it('a pool without a server is not healthy and says so in time', async () => {
    const db = openDatabase('postgres://x:x@127.0.0.1:1/x', () => undefined);
    const since = performance.now();
    expect(await healthy(db)).toBe(false);
    expect(performance.now() - since).toBeLessThan(5_000);
    await db.destroy();
    expect(await healthy(db)).toBe(false);
  });
});
