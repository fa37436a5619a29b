import type { StructureDefinition } from '@medplum/fhirtypes';
import type { Definitions } from './definitions.ts';
import { type TypeInfo, typesOf } from './elements.ts';
import type { PackedStructure } from './pack-types.ts';

/** Definitions with further types, such as the logical models of one system; those found first are the further ones. The base is not touched. */
export function withStructures(base: Definitions, structures: readonly PackedStructure[]): Definitions {
  if (structures.length === 0) return base;
  const types = new Map<string, TypeInfo>();
  const byUrl = new Map<string, string>();
  for (const structure of structures) {
    const [root] = structure.snapshot.element;
    for (const type of typesOf(structure)) types.set(type.name, type);
    byUrl.set(structure.url, root?.path ?? structure.name);
  }
  const type = (name: string): TypeInfo | undefined => types.get(name) ?? base.type(name);
  const isA = (name: string, ancestor: string): boolean => {
    if (name === ancestor) return true;
    const own = types.get(name);
    if (!own) return base.isA(name, ancestor);
    return own.base !== undefined && isA(own.base, ancestor);
  };
  return {
    ...base,
    type,
    element: (typeName, name) =>
      types.get(typeName)?.elements.get(name.endsWith('[x]') ? name.slice(0, -3) : name) ??
      base.element(typeName, name),
    typeOfUrl: (url) => byUrl.get(url) ?? base.typeOfUrl(url),
    isA,
  };
}

/** A logical model is often written as a differential only: what it adds to its base is all that it has of its own. */
export const packed = (structure: StructureDefinition): PackedStructure =>
  ({ ...structure, snapshot: structure.snapshot ?? structure.differential }) as unknown as PackedStructure;
