import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `postmaster.pid` says of the server that wrote it. `port` is 0 until the server got that far. */
export interface PidFile {
  readonly pid: number;
  readonly port: number;
}

/** Reads the text of a `postmaster.pid`: line 1 the process, line 4 the port. Undefined when there is no number. */
export function parsePidFile(text: string): PidFile | undefined {
  const lines = text.split('\n');
  const pid = Math.abs(Number(lines[0]));
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid === 0) return undefined;
  return { pid, port: Number.isInteger(port) ? port : 0 };
}

/** The pid file of a cluster, or undefined when there is none that can be read. */
export async function readPidFile(cluster: string): Promise<PidFile | undefined> {
  return readFile(join(cluster, 'postmaster.pid'), 'utf8').then(parsePidFile, () => undefined);
}

/**
 * Makes a stale pid file harmless. PostgreSQL refuses to start while the process in the file lives, even when that
 * number went to another program since; it makes an exception for its own parent, which we are. The rest of the
 * file stays: with it PostgreSQL finds out whether children of the dead server still use its shared memory.
 */
export async function disownPidFile(cluster: string): Promise<void> {
  const path = join(cluster, 'postmaster.pid');
  const [, ...rest] = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, [String(process.pid), ...rest].join('\n'));
}

/** Whether a process runs; one that ended and only waits for its parent to notice (a zombie) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return status.charAt(status.lastIndexOf(')') + 2) !== 'Z';
  } catch {
    return true; // no /proc here, or gone just now: the next look tells
  }
}
