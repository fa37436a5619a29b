import type { Definitions, ElementInfo } from '../definitions.ts';
import { type Json, jsonTold, type Node, pushChildren, pushValues } from './node.ts';

/** Appends the children of a node under one name. */
export type Reader = (node: Node, out: Node[]) => void;

/** True for a type of a logical model: a source's own record, whose elements are its JSON members and nothing beside them. */
export function isLogical(definitions: Definitions, type: string): boolean {
  const dot = type.indexOf('.');
  return definitions.type(dot < 0 ? type : type.slice(0, dot))?.kind === 'logical';
}

/** The one JSON type of a logical element: `undefined` where the message tells it. */
export const logicalType = (element: ElementInfo): string | undefined =>
  jsonTold(element) ? undefined : element.types[0];

/** How children of this name are read from nodes of one type; what the definitions say is looked up here, once. */
export function readerOf(definitions: Definitions, type: string | undefined, name: string): Reader {
  if (name in Object.prototype) return (node, out) => pushChildren(definitions, node, name, out);
  if (type === undefined) return plainReader(name, undefined, definitions);
  const element = isLogical(definitions, type) ? definitions.type(type)?.elements.get(name) : undefined;
  if (element) return plainReader(name, logicalType(element), definitions);
  return (node, out) => pushChildren(definitions, node, name, out);
}

/** Reads a member of a record as it stands. */
function plainReader(name: string, type: string | undefined, definitions: Definitions): Reader {
  return (node, out) => {
    const json = node.value as Json | null | undefined;
    if (typeof json !== 'object' || json === null) {
      pushChildren(definitions, node, name, out);
      return;
    }
    const value = json[name];
    if (value === undefined || value === null) return;
    if (Array.isArray(value)) pushValues(json, name, type, node, name, out);
    else out.push({ value, type, extra: undefined, parent: node, key: name, index: -1 });
  };
}

/** A reader for nodes of any type, which remembers how the last type was read: in one place of a map it is nearly always the same. */
export function cachedReader(definitions: Definitions, name: string): Reader {
  let type: string | undefined;
  let reader = readerOf(definitions, undefined, name);
  return (node, out) => {
    if (node.type !== type) {
      type = node.type;
      reader = readerOf(definitions, type, name);
    }
    reader(node, out);
  };
}
