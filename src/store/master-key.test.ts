import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../tests/support/data-dir.ts';
import { readMasterKey } from './master-key.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const HEX = '0f'.repeat(32);
async function keyFile(content: string, mode = 0o600): Promise<string> {
  const file = join(folder, 'own.key');
  await writeFile(file, content);
  await chmod(file, mode);
  return file;
}

describe('a key file that was given', () => {
  it.each([HEX, `${HEX}\n`, HEX.toUpperCase(), `  ${HEX}\r\n`])('is read: %j', async (content) => {
    expect(await readMasterKey(await keyFile(content), folder)).toEqual(Buffer.from(HEX, 'hex'));
  });
  it.each([0o400, 0o600, 0o700])('may be read by its owner alone (%o)', async (mode) => {
    expect(await readMasterKey(await keyFile(HEX, mode), folder)).toHaveLength(32);
  });
  it.each([0o640, 0o604, 0o660, 0o644, 0o666, 0o610])('is refused when others can reach it (%o)', async (mode) => {
    await expect(readMasterKey(await keyFile(HEX, mode), folder)).rejects.toThrow('chmod 600');
  });
  it.each([
    ['empty', ''],
    ['too short', HEX.slice(2)],
    ['too long', `${HEX}00`],
    ['no hexadecimal digits', 'g'.repeat(64)],
    ['two keys', `${HEX}\n${HEX}`],
    ['raw bytes', '\u0000\u0001'.repeat(16)],
  ])('is refused when it is %s, without showing what is in it', async (_name, content) => {
    const refusal = await readMasterKey(await keyFile(content), folder).catch((error: Error) => error);
    expect((refusal as Error).message).toContain('64 hexadecimal digits');
    if (content.length > 8) expect((refusal as Error).message).not.toContain(content.slice(0, 8));
  });
  it('must be there: a forgotten mount must not become a new key', async () => {
    await expect(readMasterKey(join(folder, 'nowhere.key'), folder)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(stat(join(folder, 'nowhere.key'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('the embedded store without a key file', () => {
  it('makes a key once, for its owner alone, and finds it again', async () => {
    const dataDir = join(folder, 'deeper', 'data');
    const made = await readMasterKey(undefined, dataDir);
    expect(made).toHaveLength(32);
    expect((await stat(join(dataDir, 'master.key'))).mode & 0o777).toBe(0o600);
    expect(await readMasterKey(undefined, dataDir)).toEqual(made);
    expect((await readFile(join(dataDir, 'master.key'), 'utf8')).trim()).toBe(made.toString('hex'));
  });
  it('makes another key for another store', async () => {
    const [one, two] = [
      await readMasterKey(undefined, join(folder, '1')),
      await readMasterKey(undefined, join(folder, '2')),
    ];
    expect(one).not.toEqual(two);
  });
  it('never replaces a key that was damaged', async () => {
    await writeFile(join(folder, 'master.key'), 'damaged', { mode: 0o600 });
    await expect(readMasterKey(undefined, folder)).rejects.toThrow('64 hexadecimal digits');
    expect(await readFile(join(folder, 'master.key'), 'utf8')).toBe('damaged');
  });
});
