import { type Atom, DotAtom, SymbolAtom } from '@medplum/core';
import type { Definitions } from '../definitions.ts';
import { type Node, typeNameOf } from './node.ts';

/** A type specifier: `Quantity`, `FHIR.Quantity`, `System.String`. */
export type TypeSpecifier = { system: boolean; name: string };

/** Reads a type specifier from the syntax tree. */
export function typeFromAtom(atom: Atom | undefined): TypeSpecifier {
  if (atom instanceof SymbolAtom) return { system: false, name: atom.name };
  if (atom instanceof DotAtom && atom.left instanceof SymbolAtom && atom.right instanceof SymbolAtom) {
    return { system: atom.left.name === 'System', name: atom.right.name };
  }
  return { system: false, name: '' };
}

/** True when the item has the type or one derived from it. System types match the FHIR primitive of the same kind. */
export function isOfType(item: Node, type: TypeSpecifier, definitions: Definitions): boolean {
  const own = typeNameOf(item);
  if (own === undefined) return false;
  if (!type.system && definitions.isA(own, type.name)) return true;
  const system = SYSTEM.get(type.name);
  return system?.has(own) === true && (type.system || item.type === undefined || /^[A-Z]/.test(type.name));
}

const SYSTEM = new Map<string, Set<string>>(
  Object.entries({
    String: new Set(['string', 'code', 'id', 'uri', 'url', 'canonical', 'markdown', 'oid', 'uuid', 'base64Binary']),
    Boolean: new Set(['boolean']),
    Integer: new Set(['integer', 'positiveInt', 'unsignedInt']),
    Decimal: new Set(['decimal']),
    Date: new Set(['date']),
    DateTime: new Set(['dateTime', 'instant']),
    Time: new Set(['time']),
  }),
);
