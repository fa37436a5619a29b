import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ConceptMap, StructureDefinition } from '@medplum/fhirtypes';
import { packed } from '../fhir/extend.ts';
import type { PackedStructure } from '../fhir/pack-types.ts';
import { type MapText, readMap } from '../mapping/index.ts';
import { isImported } from '../mapping/link.ts';
import { hl7Models } from '../sources/hl7v2/model.ts';

/** A map with what it needs from the files around it. The map itself comes first. */
export interface BesideMap {
  readonly maps: MapText[];
  readonly conceptMaps: ConceptMap[];
  readonly structures: PackedStructure[];
}

/**
 * Reads a map file, the maps that it imports, and ConceptMaps and StructureDefinitions from its folder and from `folder`; the models of HL7 v2 are known as well.
 * Other maps in the folders are not read as maps: what is wrong with them is not this map's.
 */
export function besideMap(file: string, folder: string | undefined): BesideMap {
  const own = { file, text: readFileSync(file, 'utf8') };
  const folders = [...new Set([dirname(file), ...(folder === undefined ? [] : [folder])].map((one) => resolve(one)))];
  const others = folders.flatMap((one) => filesOf(one, '.map')).filter((one) => one !== resolve(file));
  const jsons = folders.flatMap((one) => filesOf(one, '.json').map((name) => ({ folder: one, resource: json(name) })));
  return {
    maps: withImports(own, others),
    conceptMaps: jsons.map((one) => one.resource).filter(isOfType<ConceptMap>('ConceptMap')),
    structures: [
      ...jsons
        .map((one) => one.resource)
        .filter(isOfType<StructureDefinition>('StructureDefinition'))
        .map(packed),
      ...hl7Models(),
    ],
  };
}

const filesOf = (folder: string, ending: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));

function withImports(own: MapText, files: string[]): MapText[] {
  const others = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    try {
      return [{ file, text, ...headOf({ file, text }) }];
    } catch {
      return [];
    }
  });
  const found = [{ ...own, ...headOf(own) }];
  for (const one of found) {
    for (const pattern of one.imports) {
      found.push(...others.filter((other) => !found.includes(other) && isImported(pattern, other.url)));
    }
  }
  return found.map(({ file, text }) => ({ file, text }));
}

function headOf(map: MapText): { url: string; imports: string[] } {
  const { url, imports } = readMap(map);
  return { url, imports: imports.map((one) => one.url) };
}

function json(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

const isOfType =
  <T extends { resourceType: string }>(type: T['resourceType']) =>
  (resource: unknown): resource is T =>
    (resource as T | undefined)?.resourceType === type;
