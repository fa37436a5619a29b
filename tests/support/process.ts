import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A `gezinspoort` command as a process of its own, with what it has said so far. */
export interface Running {
  readonly child: ChildProcess;
  readonly output: { out: string; err: string };
  /** Waits until the log says that the gateway is ready; rejects with everything it said when it ends first or takes a minute. */
  ready(): Promise<{ port: number }>;
  /** Its exit code, once it has ended by itself. */
  ended(): Promise<number | null>;
  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Runs `gezinspoort <args>` in `cwd` (default: this checkout) with exactly this environment beside PATH, HOME and TMPDIR. */
export function run(args: readonly string[], env: Record<string, string> = {}, cwd = ROOT): Running {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  const child = spawn(process.execPath, ['src/cli.ts', ...args], {
    cwd,
    env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.err += chunk;
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const ended = async (): Promise<number | null> => {
    if (!hasEnded()) await once(child, 'close');
    return child.exitCode;
  };
  return {
    child,
    output,
    ended,
    async ready() {
      for (const until = Date.now() + 60_000; Date.now() < until && !hasEnded(); ) {
        const line = output.out.split('\n').find((one) => one.includes('"event":"ready"'));
        if (line) return JSON.parse(line) as { port: number };
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`The gateway did not become ready:\n${output.out}\n${output.err}`);
    },
    async signal(name) {
      if (hasEnded()) return;
      child.kill(name);
      await once(child, 'close');
    },
  };
}

/** What a person does who types a command: runs it to its end with this input. */
export async function command(
  args: readonly string[],
  env: Record<string, string> = {},
  input = '',
): Promise<{ code: number | null; out: string; err: string }> {
  const { child, output, ended } = run(args, env);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  const code = await ended();
  return { code, ...output };
}
