import { existsSync, readFileSync } from 'node:fs';
import { type Definitions, indexDefinitions } from './definitions.ts';
import { PACK_VERSION, type Pack, type PackedStructure } from './pack-types.ts';

/**
 * Reads the FHIR knowledge file and indexes it. Builds the file first where it is missing or of another version (an
 * install without scripts, an older checkout). `further`: logical models and profiles of this project.
 */
export async function loadDefinitions(further: PackedStructure[] = []): Promise<Definitions> {
  return indexDefinitions(await loadPack(), further);
}

/** The pack as it lies on disk, built when needed. */
export async function loadPack(): Promise<Pack> {
  // Imported only then: it pulls in the reader of the large definition files.
  const { PACK_FILE, writePack } = await import('./pack.ts');
  if (existsSync(PACK_FILE)) {
    const pack = JSON.parse(readFileSync(PACK_FILE, 'utf8')) as Pack;
    if (pack.version === PACK_VERSION) return pack;
  }
  return writePack(PACK_FILE);
}
