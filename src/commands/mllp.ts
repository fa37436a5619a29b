import { readFile } from 'node:fs/promises';
import { readConfig } from '../config.ts';
import { createMllpClient } from '../sources/hl7v2/mllp-client.ts';

/** `mllp send <file>`: sends the bytes of a file as one HL7 v2 message (or batch) over MLLP, as an engine would, and prints the answer, a segment a line. */
export async function mllp([what, file, port]: string[]): Promise<number> {
  const read = readConfig({ ...process.env, DATABASE_URL: undefined });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const to = port === undefined ? read.config.mllpPort : Number(port);
  if (what !== 'send' || !file || !Number.isInteger(to)) {
    console.error('Usage: gezinspoort mllp send <file> [port]');
    return 2;
  }
  const client = createMllpClient({ host: '127.0.0.1', port: to, timeoutMs: 30_000, maxBytes: 5_000_000 });
  try {
    const sent = await client.send(await readFile(file));
    if (!sent.ok) {
      console.error(`No answer (${sent.code}).`);
      return 1;
    }
    console.log(Buffer.from(sent.answer).toString('latin1').replaceAll('\r', '\n').trimEnd());
    return 0;
  } finally {
    await client.close();
  }
}
