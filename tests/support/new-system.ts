import { readFileSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A source system that the project does not have: a maternity care organisation that sends one weight. Its files are those of the guide, by name. */
export const KRAAMZORG: Readonly<Record<string, string>> = filesOf(readFileSync('docs/connect-a-system.md', 'utf8'));

/** The files that a guide shows: a bold name on a line of its own, then a block with the content. */
function filesOf(guide: string): Record<string, string> {
  const blocks = guide.matchAll(/^\*\*(\S+)\*\*\n\n```\w*\n(.*?)^```$/gms);
  return Object.fromEntries([...blocks].map(([, name, content]) => [name, content]));
}

/** The guide's own message, about the child with this BSN. */
export const kraamzorgMessage = (bsn: string, born: string, number = 'KZ-1', grams = 2140) => ({
  ...(JSON.parse(KRAAMZORG['samples/weight.json'] as string) as { at: string }),
  number,
  child: { bsn, born },
  grams,
});

/** Writes a folder of mappings with the project's own systems and the given ones beside them. */
export async function mappingsWith(
  folder: string,
  systems: Record<string, Readonly<Record<string, string>>>,
): Promise<string> {
  await cp('mappings', folder, { recursive: true });
  await writeSystems(folder, systems);
  return folder;
}

/** Writes system folders, and nothing else. */
export async function writeSystems(
  folder: string,
  systems: Record<string, Readonly<Record<string, string>>>,
): Promise<string> {
  for (const [name, files] of Object.entries(systems)) {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name, file)), { recursive: true });
      await writeFile(join(folder, name, file), text);
    }
  }
  return folder;
}
