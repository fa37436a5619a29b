import { spawn } from 'node:child_process';
import { embeddedFailure } from './failure.ts';

/** A system account that PostgreSQL's programs run under instead of root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL gets an environment of its own: none of the gateway's settings and secrets, messages in English,
 * and a folder to stand in that every account can enter.
 */
const ENVIRONMENT: Record<string, string | undefined> = {
  PATH: process.env.PATH,
  SystemRoot: process.env.SystemRoot,
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** How to spawn a program under `account` (undefined: as ourselves). */
export function spawnAs(account: Account | undefined) {
  return { cwd: '/', env: ENVIRONMENT, ...(account ?? {}) };
}

/**
 * Runs a program to its end. Its output goes to file descriptor `output` (default: nowhere).
 * Resolves to the exit code, or undefined when it could not be started or was killed.
 */
export function run(
  program: string,
  args: readonly string[],
  account: Account | undefined,
  output: number | 'ignore' = 'ignore',
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...spawnAs(account), stdio: ['ignore', output, output] });
    child.on('error', () => resolve(undefined));
    child.on('exit', (code) => resolve(code ?? undefined));
  });
}

/**
 * Whether `account` can enter `folder`, tried as that account: permission bits of every parent, access lists and
 * mount options all count. Without an account (not root) the answer is yes.
 */
export async function canEnter(folder: string, account: Account | undefined): Promise<boolean> {
  if (account === undefined) return true;
  return (await run('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], account)) === 0;
}

/** The numeric ids of a named account, or undefined when the machine does not know it. */
async function lookUp(name: string): Promise<Account | undefined> {
  const uid = await idOf('-u', name);
  const gid = await idOf('-g', name);
  return uid === undefined || gid === undefined || uid === 0 ? undefined : { uid, gid };
}

function idOf(kind: '-u' | '-g', name: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const child = spawn('id', [kind, name], { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.on('data', (part) => {
      text += part;
    });
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => resolve(code === 0 && /^\d+\s*$/.test(text) ? Number(text) : undefined));
  });
}

/**
 * The account PostgreSQL runs under: undefined (ourselves) unless we are root, which PostgreSQL refuses; then the
 * system account `postgres`, made when the machine has none. Rejects with `embedded-account`.
 */
export async function postgresAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const known = await lookUp('postgres');
  if (known) return known;
  await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'], {
    uid: 0,
    gid: 0,
  });
  const made = await lookUp('postgres');
  if (made) return made;
  throw embeddedFailure(
    'embedded-account',
    'PostgreSQL refuses to run as root, and there is no account "postgres" and none could be made with useradd. ' +
      'Make that account, start the gateway as an ordinary user, or set DATABASE_URL.',
  );
}
