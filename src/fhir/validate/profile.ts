import type { Definitions } from '../definitions.ts';
import type { PackedElement, PackedStructure } from '../pack-types.ts';
import { type Json, type Node, pathOf, pushChildren } from '../path/node.ts';
import { checkConstraints } from './constraints.ts';
import { type Findings, report } from './issue.ts';

/**
 * Checks a resource against a profile's own rules: cardinality, fixed and pattern values, and invariants of the elements that it
 * names. Slices are not evaluated: this project's profiles say with an invariant what a slice would.
 */
export function checkProfile(
  profile: PackedStructure,
  node: Node,
  path: string,
  definitions: Definitions,
  findings: Findings,
): void {
  for (const element of profile.snapshot.element) {
    const steps = element.path.split('.').slice(1);
    if (element.sliceName !== undefined) continue;
    if (steps.length === 0) {
      checkConstraints(element.constraint ?? [], node, node, path, definitions, findings);
      continue;
    }
    const last = steps.pop() as string;
    for (const parent of descend(node, steps, definitions)) {
      checkElement(element, last, parent, node, path, definitions, findings);
    }
  }
}

function descend(node: Node, steps: string[], definitions: Definitions): Node[] {
  return steps.reduce<Node[]>((nodes, step) => nodes.flatMap((each) => children(each, step, definitions)), [node]);
}

function children(node: Node, name: string, definitions: Definitions): Node[] {
  const out: Node[] = [];
  pushChildren(definitions, node, name, out);
  return out;
}

function checkElement(
  element: PackedElement,
  name: string,
  parent: Node,
  resource: Node,
  path: string,
  definitions: Definitions,
  findings: Findings,
): void {
  const items = children(parent, name, definitions);
  const at = `${place(parent, resource, path)}.${name}`;
  const max = element.max === undefined || element.max === '*' ? Number.POSITIVE_INFINITY : Number(element.max);
  if (items.length < (element.min ?? 0)) report(findings, 'required', at, `expected at least ${element.min}`);
  if (items.length > max) report(findings, 'too-many', at, `expected at most ${max}`);
  const [rule, wanted] = Object.entries(element).find(([key]) => /^(fixed|pattern)[A-Z]/.test(key)) ?? [];
  for (const item of items) {
    const where = place(item, resource, path);
    if (rule !== undefined && !matches(item.value, wanted, rule.startsWith('fixed'))) {
      report(findings, 'pattern', where, 'expected the value that the profile fixes');
    }
    checkConstraints(element.constraint ?? [], item, resource, where, definitions, findings);
  }
}

/** The place of a node below the resource, written after the resource's own path. */
function place(node: Node, resource: Node, path: string): string {
  const below = pathOf(node).slice(pathOf(resource).length).replace(/^\./, '');
  return below ? `${path}.${below}` : path;
}

/** A pattern asks that all it holds is there; a fixed value that there is nothing else (FHIR R4 §ElementDefinition). */
function matches(value: unknown, wanted: unknown, exact: boolean): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(value) || (exact && value.length !== wanted.length)) return false;
    return wanted.every((each) => value.some((item) => matches(item, each, exact)));
  }
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(wanted);
  if (exact && Object.keys(value).length !== keys.length) return false;
  return keys.every((key) => matches((value as Json)[key], (wanted as Json)[key], exact));
}
