import { parseArgs } from 'node:util';
import { readConfig } from './config.ts';
import { startDemo } from './demo/start.ts';
import { type Role, startGateway } from './gateway.ts';
import { createLog, errorCode } from './log.ts';

const ROLES: readonly Role[] = ['api', 'worker', 'all'];

/** Starts the gateway and runs until SIGINT or SIGTERM; a second signal ends it at once. */
export async function serve(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { role: { type: 'string', default: 'all' } } });
  const role = ROLES.find((one) => one === values.role);
  const read = readConfig(process.env);
  const problems = [
    ...(role ? [] : [`--role: must be one of ${ROLES.join(', ')}.`]),
    ...(read.ok ? [] : read.problems),
  ];
  if (!read.ok || !role || problems.length > 0) {
    console.error(['The gateway does not start:', ...problems.map((one) => `  ${one}`)].join('\n'));
    return 2;
  }
  const { config } = read;
  // With the demo's transcript on the screen, the log goes to a file beside the data.
  const showDemo = config.demo === 'auto' && role === 'all';
  const log = createLog(config.logLevel, showDemo ? await logFile(config.dataDir) : undefined);
  const ended = signal();
  const gateway = await startGateway(config, role, log);
  const demo = showDemo
    ? await startDemo(gateway, config, log).catch(
        (error) => void log.error({ event: 'demo-failed', code: errorCode(error) }),
      )
    : undefined;
  log.info({ event: 'stopping', signal: await ended });
  await demo?.stop();
  await gateway.stop();
  // Kept connections of libraries would hold the process for some seconds more; everything of ours has ended.
  setTimeout(() => process.exit(0), 50);
  return 0;
}

function signal(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.once(name, () => {
        process.once(name, () => process.exit(1));
        resolve(name);
      });
    }
  });
}

async function logFile(dataDir: string): Promise<{ write(line: string): void }> {
  const { createWriteStream } = await import('node:fs');
  const { mkdir } = await import('node:fs/promises');
  await mkdir(dataDir, { recursive: true });
  return createWriteStream(`${dataDir}/gezinspoort.log`, { flags: 'a', mode: 0o600 });
}
