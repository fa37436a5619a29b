import type { ElementInfo } from '../../fhir/definitions.ts';
import { type Node, rootNode } from '../../fhir/path/node.ts';
import type { Types } from '../../fhir/path/reads.ts';
import { mapError } from '../fault.ts';
import type { Frame, RuleContext, Run, Scope, Value, Variable } from '../model.ts';
import type { Parameter, Target } from '../parse/ast.ts';
import { compileParameter } from '../scope.ts';

/**
 * A compiled transform: the type it gives where that is certain, and its values (none where the input has none). `one` gives the same
 * where there is never more than one value; `constant` where no input changes it.
 */
export type Transform = {
  type: string | undefined;
  get(frame: Frame, run: Run): Node[];
  one?: (frame: Frame, run: Run) => Node | undefined;
  constant?: Node;
  /** The types that it may give, where those are known and several. */
  types?: Types;
};

/** What a transform is compiled from. */
export type TransformCall = {
  target: Target;
  /** The element that the result goes to, when it goes to one. */
  element: ElementInfo | undefined;
  scope: Scope;
  /** The rule's source: the place of errors and the focus of expressions. */
  focus: Variable;
  context: RuleContext;
};

/** The key of nodes that a transform made and nobody else holds: they are written without a copy. */
export const FRESH = '#made';

const NOTHING: Node[] = [];

/** A result made by a transform. */
export const made = (value: unknown, type: string | undefined): Node => rootNode(value, type, FRESH);

/** A transform of at most one value. */
export function single(type: string | undefined, one: (frame: Frame, run: Run) => Node | undefined): Transform {
  return {
    type,
    one,
    get: (frame, run) => {
      const node = one(frame, run);
      return node ? [node] : NOTHING;
    },
  };
}

/** Compiles parameter `index`, or fails where it is missing. */
export function parameter(call: TransformCall, index: number, what: string): Value {
  const given = call.target.parameters[index];
  if (!given) throw callError(call, `${call.target.transform}() lacks its ${what}`);
  return compileParameter(given, call.target.line, call.scope, call.focus, call.context);
}

/** All parameters. */
export function parameters(call: TransformCall): Value[] {
  return call.target.parameters.map((_, index) => parameter(call, index, 'parameter'));
}

/** A parameter that the map must spell out, such as a type or the url of a concept map. */
export function literalText(call: TransformCall, index: number, what: string): string {
  const given: Parameter | undefined = call.target.parameters[index];
  if (given?.kind !== 'literal' || given.type !== 'string') {
    throw callError(call, `${call.target.transform}() takes its ${what} as a text in the map`);
  }
  return given.value as string;
}

/** Fails unless the number of parameters lies within bounds. */
export function assertArity(call: TransformCall, min: number, max: number): void {
  const count = call.target.parameters.length;
  if (count < min || count > max) {
    const range = min === max ? `${min}` : `${min} to ${max}`;
    throw callError(call, `${call.target.transform}() takes ${range} parameters, not ${count}`);
  }
}

/** A fault of the map in this transform. */
export function callError(call: TransformCall, message: string): Error {
  return mapError('bad-transform', call.context.place, call.target.line, message);
}

/** The text of a scalar; `undefined` where there is none. */
export function textOf(node: Node | undefined): string | undefined {
  const value = node?.value;
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}
