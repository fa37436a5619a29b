import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

type Environment = Record<string, string | undefined>;
const problems = (env: Environment): string[] => {
  const read = readConfig(env);
  return read.ok ? [] : read.problems;
};
const config = (env: Environment) => {
  const read = readConfig(env);
  if (!read.ok) throw new Error(read.problems.join());
  return read.config;
};
const PRODUCTION = { DATABASE_URL: 'postgresql://a:b@db/x', MASTER_KEY_FILE: '/run/secrets/key' };

describe('without anything set', () => {
  it('it is the demo on embedded PostgreSQL, for this machine alone', () => {
    expect(config({})).toEqual({
      port: 8080,
      mllpPort: 2575,
      host: '127.0.0.1',
      dataDir: resolve('.gezinspoort'),
      databaseUrl: undefined,
      redisUrl: undefined,
      publicUrl: 'http://127.0.0.1:8080',
      masterKeyFile: undefined,
      mllpTls: undefined,
      demo: 'auto',
      logLevel: 'info',
    });
  });
  it('a variable that is set to nothing is not set', () => {
    expect(config({ PORT: '', DATABASE_URL: ' ', DEMO: '', LOG_LEVEL: '', HOST: '' })).toEqual(config({}));
  });
});

describe('with a database of its own', () => {
  it('it listens to others and plays no demo', () => {
    expect(config(PRODUCTION)).toMatchObject({ host: '0.0.0.0', demo: 'off', databaseUrl: PRODUCTION.DATABASE_URL });
    expect(config({ ...PRODUCTION, DEMO: 'auto', HOST: '10.0.0.1' })).toMatchObject({ host: '10.0.0.1', demo: 'auto' });
  });
  it('the key must be given: it may not be made beside the data', () => {
    expect(problems({ DATABASE_URL: PRODUCTION.DATABASE_URL })).toEqual([expect.stringContaining('MASTER_KEY_FILE')]);
  });
});

describe('values', () => {
  it.each<[string, string, string]>([
    ['PORT', 'http', 'PORT'],
    ['PORT', '-1', 'PORT'],
    ['PORT', '65536', 'PORT'],
    ['PORT', '80.5', 'PORT'],
    ['PORT', '1e3', 'PORT'],
    ['MLLP_PORT', '99999', 'MLLP_PORT'],
    ['REDIS_URL', 'localhost:6379', 'REDIS_URL'],
    ['REDIS_URL', 'http://x', 'REDIS_URL'],
    ['DATABASE_URL', 'mysql://x', 'DATABASE_URL'],
    ['DATABASE_URL', 'host=db', 'DATABASE_URL'],
    ['PUBLIC_URL', 'ftp://x', 'PUBLIC_URL'],
    ['PUBLIC_URL', 'igp.example.nl', 'PUBLIC_URL'],
    ['DEMO', 'on', 'DEMO'],
    ['LOG_LEVEL', 'verbose', 'LOG_LEVEL'],
    ['MLLP_TLS_KEY', '/k', 'MLLP_TLS_KEY'],
  ])('%s=%s is refused', (name, value, named) => {
    const found = problems({ MASTER_KEY_FILE: '/k', [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(named);
  });

  it.each(['0', '1', '65535', '08080'])('PORT=%s will do', (value) => expect(problems({ PORT: value })).toEqual([]));
  it.each(['redis://x', 'rediss://user:pw@x:6380/1'])('REDIS_URL=%s will do', (value) =>
    expect(config({ REDIS_URL: value }).redisUrl).toBe(value),
  );
  it('an address ends without a slash, so that links have one', () => {
    expect(config({ PUBLIC_URL: 'https://igp.example.nl/' }).publicUrl).toBe('https://igp.example.nl');
  });
  it('TLS for MLLP is three files or none', () => {
    const all = { MLLP_TLS_KEY: '/k', MLLP_TLS_CERT: '/c', MLLP_TLS_CA: '/a' };
    expect(config(all).mllpTls).toEqual({ keyFile: '/k', certFile: '/c', caFile: '/a' });
    expect(problems({ ...all, MLLP_TLS_CA: undefined })).toHaveLength(1);
  });
});

describe('problems', () => {
  const wrong = {
    PORT: 'geheim-1',
    MLLP_PORT: 'geheim-2',
    DATABASE_URL: 'geheim-3',
    REDIS_URL: 'geheim-4',
    PUBLIC_URL: 'geheim-5',
    DEMO: 'geheim-6',
    LOG_LEVEL: 'geheim-7',
  };
  it('are listed all at once, each with its variable', () => {
    const found = problems(wrong);
    for (const name of [...Object.keys(wrong), 'MASTER_KEY_FILE'])
      expect(found.some((one) => one.startsWith(`${name}:`))).toBe(true);
  });
  it('never repeat a value: a secret may stand in the wrong place', () => {
    expect(problems(wrong).join()).not.toContain('geheim');
  });
});
