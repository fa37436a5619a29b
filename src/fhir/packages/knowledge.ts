import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import type { PackedStructure } from '../pack-types.ts';
import { createTerminology, type Terminology } from '../terminology.ts';
import type { FhirPackage } from './read.ts';

/** What loaded packages add to what the gateway knows of FHIR. */
export interface Knowledge {
  /** StructureDefinitions with a snapshot. */
  readonly structures: readonly PackedStructure[];
  readonly terminology: Terminology;
}

/** Takes StructureDefinitions, ValueSets and CodeSystems out of packages. A package with profiles but no snapshot at all cannot be used. */
export function knowledgeOf(packages: readonly FhirPackage[]): Knowledge {
  for (const { file, resources } of packages) {
    const profiles = listOf<PackedStructure>(resources, 'StructureDefinition');
    if (profiles.length > 0 && !profiles.some(hasSnapshot))
      throw new Error(`FHIR_PACKAGES: ${file}: its StructureDefinitions have no snapshot.`);
  }
  const resources = packages.flatMap((one) => one.resources);
  return {
    structures: listOf<PackedStructure>(resources, 'StructureDefinition').filter(hasSnapshot),
    terminology: createTerminology(
      listOf<ValueSet>(resources, 'ValueSet'),
      listOf<CodeSystem>(resources, 'CodeSystem'),
    ),
  };
}

const hasSnapshot = (structure: PackedStructure): boolean => structure.snapshot.element.length > 0;

const listOf = <T extends { resourceType: string }>(resources: readonly object[], type: T['resourceType']): T[] =>
  (resources as readonly T[]).filter((one) => one.resourceType === type);
