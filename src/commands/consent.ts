import { createInterface } from 'node:readline';
import { decideLine } from '../consent/decide-lines.ts';

/** `consent decide`: a line in, a line out, until standard input ends. `consent due`: see there. */
export async function consent([what, ...more]: string[]): Promise<number> {
  if (what === 'due') return (await import('./consent-due.ts')).consentDue(more);
  if (what !== 'decide') {
    console.error(
      'Usage: gezinspoort consent decide < inputs.ndjson\n       gezinspoort consent due --organisation <id> [--days 60]',
    );
    return 2;
  }
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '' && !process.stdout.write(`${decideLine(line)}\n`))
      await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
  return 0;
}
