import type { Definitions } from '../definitions.ts';
import type { PackedConstraint } from '../pack-types.ts';
import { type Condition, compileCondition } from '../path/compile.ts';
import type { Node } from '../path/node.ts';
import { type Findings, report } from './issue.ts';

/** Compiled invariants, by expression; they belong to the definitions that they were compiled with. */
const cache = new WeakMap<Definitions, Map<string, Condition | null>>();

/** Invariants that the walk itself checks, more strictly or more cheaply: narrative (txt), local references (ref), and what only warns. */
const OWN = new Set(['txt-1', 'txt-2', 'ele-1', 'dom-6', 'ref-1']);

/** Checks the invariants of a type, element or profile on one value. `resource`: the resource that it stands in. */
export function checkConstraints(
  constraints: PackedConstraint[],
  node: Node,
  resource: Node,
  path: string,
  definitions: Definitions,
  findings: Findings,
): void {
  for (const constraint of constraints) {
    if (constraint.severity !== 'error' || OWN.has(constraint.key) || !constraint.expression) continue;
    const condition = compiled(constraint, definitions);
    if (condition === null) continue;
    let holds = false;
    try {
      holds = condition(node, { slots: [], self: node, index: 0, resource });
    } catch {
      // An expression that cannot be evaluated on this value: the value is not what the rule speaks of.
    }
    if (!holds) report(findings, 'invariant', path, `rule ${constraint.key}: ${constraint.human}`);
  }
}

/** Whether an invariant can be evaluated here, or is checked by the walk itself. */
export const isSupported = (constraint: PackedConstraint, definitions: Definitions): boolean =>
  OWN.has(constraint.key) || compiled(constraint, definitions) !== null;

/** `null` for an expression that this FHIRPath does not support; a test lists those. */
function compiled(constraint: PackedConstraint, definitions: Definitions): Condition | null {
  const known = cache.get(definitions) ?? new Map<string, Condition | null>();
  cache.set(definitions, known);
  const { expression } = constraint;
  let condition = known.get(expression);
  if (condition === undefined) {
    condition = compileOrNull(expression, definitions);
    known.set(expression, condition);
  }
  return condition;
}

/** Compiles an invariant, `null` where it needs what is not supported here. */
export function compileOrNull(expression: string, definitions: Definitions): Condition | null {
  try {
    return compileCondition(expression, { definitions, slotOf: () => undefined });
  } catch {
    return null;
  }
}
