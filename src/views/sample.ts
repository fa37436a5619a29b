import type { Resource } from '@medplum/fhirtypes';
import { CATEGORY_SYSTEM } from '../fhir/extensions.ts';
import type { Branch, Node, TypeView } from './types.ts';

/** A document may hold a section in a section without end. */
const DEEPEST = 6;

/**
 * A resource with every element that a tree allows, each text of it the same, and with what no tree allows: narrative, contained resources, extensions.
 * Not valid FHIR, and of nobody: to see what a projection lets through.
 */
export function sampleOf(type: string, tree: TypeView, text: string, category: string, label?: string): Resource {
  return {
    ...filled(tree.root, text, 0),
    resourceType: type,
    id: 'sample',
    meta: {
      security: [
        { system: CATEGORY_SYSTEM, code: `cat-${category}` },
        ...(label === undefined ? [] : [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: label }]),
      ],
    },
    text: { status: 'generated', div: UNLISTED },
    contained: [{ resourceType: 'Basic', id: UNLISTED }],
    extension: [{ url: UNLISTED, valueString: UNLISTED }],
    unlisted: UNLISTED,
  } as unknown as Resource;
}

/** Stands wherever no list of elements reaches. */
export const UNLISTED = 'unlisted';

function filled(branch: Branch, text: string, depth: number): Record<string, unknown> {
  const made: Record<string, unknown> = { extension: [{ url: UNLISTED }] };
  for (const [key, node] of branch.children) {
    const value = contentOf(node, text, depth + 1);
    if (value !== undefined) made[key] = value;
    if (node.kind === 'leaf') made[`_${key}`] = { extension: [{ url: UNLISTED, valueString: text }] };
  }
  return made;
}

function contentOf(node: Node, text: string, depth: number): unknown {
  if (node.kind === 'branch') return depth > DEEPEST ? undefined : filled(node, text, depth);
  return { string: text, number: 7, boolean: true }[node.json];
}
