import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAlive, parsePidFile } from './pidfile.ts';

describe('parsePidFile', () => {
  it('reads the process and the port', () => {
    const text = '10994\n/data/postgres\n1795317759\n46401\n\n127.0.0.1\n  1234567   32768\nready   \n';
    expect(parsePidFile(text)).toEqual({ pid: 10994, port: 46401 });
  });

  it('knows no port yet while the server starts', () => {
    expect(parsePidFile('10994\n/data\n1795317759\n')).toEqual({ pid: 10994, port: 0 });
  });

  it('takes any text without harm', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const file = parsePidFile(text);
        expect(file === undefined || (Number.isInteger(file.pid) && file.pid > 0)).toBe(true);
      }),
    );
  });
});

describe('isAlive', () => {
  it('tells a running process from one that ended', async () => {
    const child = spawn('sleep', ['60']);
    expect(isAlive(child.pid ?? 0)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(child.pid ?? 0)).toBe(false);
  });

  it('does not count a zombie', async () => {
    // The shell becomes a program that never collects its child.
    const parent = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 60']);
    const [line] = await once(parent.stdout, 'data');
    await expect.poll(() => isAlive(Number(line)), { timeout: 5_000 }).toBe(false);
    parent.kill('SIGKILL');
  });
});
