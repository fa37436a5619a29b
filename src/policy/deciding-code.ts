import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of `src/` that make a decision what it is. */
const FOLDERS = ['consent', 'views', 'exchange', 'policy'];

let known: string | undefined;

/** Names the code that decides: a hash of its source files. Two gateways with the same one decide alike on the same receipt. */
export function decidingCode(): string {
  known ??= hashOf(join(import.meta.dirname, '..'));
  return known;
}

function hashOf(source: string): string {
  const hash = createHash('sha256');
  for (const folder of FOLDERS) {
    for (const name of readdirSync(join(source, folder)).sort()) {
      if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
      hash
        .update(`${folder}/${name}\0`)
        .update(readFileSync(join(source, folder, name)))
        .update('\0');
    }
  }
  return hash.digest('hex').slice(0, 16);
}
