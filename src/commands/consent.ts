import { createInterface } from 'node:readline';
import { decideLine } from '../consent/decide-lines.ts';

/** `consent decide`: a line in, a line out, until standard input ends. */
export async function consent([what]: string[]): Promise<number> {
  if (what !== 'decide') {
    console.error('Usage: gezinspoort consent decide < inputs.ndjson');
    return 2;
  }
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '' && !process.stdout.write(`${decideLine(line)}\n`))
      await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
  return 0;
}
