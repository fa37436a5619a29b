import { indexStructureDefinitionBundle } from '@medplum/core';
import type { StructureDefinition } from '@medplum/fhirtypes';
import { type ElementInfo, type TypeInfo, typesOf } from './elements.ts';
import type { Pack, PackedStructure, PackedValueSet } from './pack-types.ts';

export type { ElementInfo, TypeInfo } from './elements.ts';

/** FHIR knowledge: types, their elements, and the codes of enumerable required value sets. */
export type Definitions = {
  /** A type by name: `Observation`, `Quantity`, or a nested one as its path: `Observation.component`. */
  type(name: string): TypeInfo | undefined;
  /** An element of a type: `('Observation', 'value')`, `('Observation', 'value[x]')`, `('Observation.component', 'code')`. */
  element(typeName: string, elementName: string): ElementInfo | undefined;
  /** The type that a canonical url of a StructureDefinition defines: `http://…/StructureDefinition/Patient` → `Patient`. */
  typeOfUrl(url: string): string | undefined;
  /** Codes per system of an enumerable ValueSet. */
  valueSet(url: string): PackedValueSet | undefined;
  /** True when `typeName` is `ancestor` or is derived from it: `('Patient', 'Resource')`. */
  isA(typeName: string, ancestor: string): boolean;
  /** A profile (derivation `constraint`) by canonical url. */
  profile(url: string): PackedStructure | undefined;
};

/**
 * Indexes the pack and any further StructureDefinitions (logical models, profiles) for mapping and validation, and makes
 * them known to the FHIR library, whose FHIRPath and search work on its own index.
 */
export function indexDefinitions(pack: Pack, further: PackedStructure[] = []): Definitions {
  const structures = [...pack.structures, ...further];
  // The library keeps what it needs; the trimmed definitions lack only texts.
  indexStructureDefinitionBundle(pack.structures as unknown as StructureDefinition[]);
  const types = new Map<string, TypeInfo>();
  const byUrl = new Map<string, string>();
  const profiles = new Map<string, PackedStructure>();
  for (const structure of structures) {
    if (structure.derivation === 'constraint') {
      profiles.set(structure.url, structure);
      if (structure.type !== 'Quantity') continue; // Age, Duration, … are types of their own in element lists.
    }
    const [root] = structure.snapshot.element;
    for (const type of typesOf(structure)) types.set(type.name, type);
    byUrl.set(structure.url, root?.path ?? structure.name);
  }
  return {
    type: (name) => types.get(name),
    element: (typeName, elementName) => {
      const type = types.get(typeName);
      return type?.elements.get(elementName.endsWith('[x]') ? elementName.slice(0, -3) : elementName);
    },
    typeOfUrl: (url) => byUrl.get(url),
    valueSet: (url) => pack.valueSets[url],
    isA: (typeName, ancestor) => isA(types, typeName, ancestor),
    profile: (url) => profiles.get(url),
  };
}

function isA(types: Map<string, TypeInfo>, typeName: string, ancestor: string): boolean {
  let name: string | undefined = typeName;
  while (name) {
    if (name === ancestor) return true;
    name = types.get(name)?.base;
  }
  return false;
}
