// A process that starts the embedded PostgreSQL of the DATA_DIR in its first argument, says so on one line, and stays
// until a line comes in (then it stops the server) or it is killed.
import { once } from 'node:events';
import { startEmbedded } from '../../src/store/embedded/start.ts';

const [, , dataDir = ''] = process.argv;
try {
  const { adopted, connectionString, stop } = await startEmbedded({ dataDir, log: () => {} });
  console.log(JSON.stringify({ adopted, connectionString }));
  await once(process.stdin, 'data');
  await stop();
  process.stdin.destroy();
} catch (error) {
  console.log(JSON.stringify({ code: (error as { code?: string }).code, message: (error as Error).message }));
}
