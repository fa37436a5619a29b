import type { Definitions } from '../definitions.ts';
import { type Json, type Node, pathOf, pushChildren, rootNode } from '../path/node.ts';
import type { Findings } from '../validate/issue.ts';

/** One run of profile checks over one resource. */
export interface Walk {
  /** The resource that is checked. */
  readonly resource: Node;
  /** Where it stands in the message. */
  readonly at: string;
  readonly findings: Findings;
  /** The resource that a reference names, where the message holds it. */
  readonly resolve: (reference: string) => Json | undefined;
  /** Profiles that are being checked on a value further up: a resource may refer to itself in a circle. */
  readonly open: readonly { readonly profile: string; readonly value: unknown }[];
}

/** A check of one value. */
export type Check = (node: Node, walk: Walk) => void;

/** The type that a resource says it has; what is no name of a type has no place in a path. */
export const typeOf = ({ resourceType }: Json): string =>
  typeof resourceType === 'string' && /^[A-Za-z]{1,64}$/.test(resourceType) ? resourceType : 'Resource';

/** The children of a node under a name, as nodes. */
export function childrenOf(node: Node, name: string, definitions: Definitions): Node[] {
  const out: Node[] = [];
  pushChildren(definitions, node, name, out);
  return out;
}

/** The place of a node, written after the place of the resource it belongs to. */
export function placeOf(node: Node, { resource, at }: Walk): string {
  const below = pathOf(node).slice(pathOf(resource).length).replace(/^\./, '');
  return below ? `${at}.${below}` : at;
}

/** What a Reference names, if the message holds it. */
export function resolved(node: Node, walk: Walk): Node | undefined {
  const reference = (node.value as Json | undefined)?.reference;
  const found = typeof reference === 'string' ? walk.resolve(reference) : undefined;
  return found && { ...rootNode(found, undefined), type: typeOf(found) };
}

/** The same run with findings that nobody sees: to ask whether something conforms. */
export const silent = (walk: Walk): Walk & { findings: Findings } => ({ ...walk, findings: [] });

/** Whether a run found an error. */
export const isClean = ({ findings }: Walk): boolean => !findings.some((one) => one.severity === 'error');
