import { fault } from '../fault.ts';
import { castPrimitive, isPrimitive } from '../primitives.ts';
import { compileMany } from '../scope.ts';
import { newObject } from '../write.ts';
import {
  assertArity,
  callError,
  FRESH,
  literalText,
  made,
  parameter,
  single,
  type Transform,
  type TransformCall,
} from './kit.ts';

/** `copy(v)` and the plain `= v`. */
function copy(call: TransformCall): Transform {
  assertArity(call, 1, 1);
  const value = parameter(call, 0, 'value');
  const transform = single(value.type, (frame, run) => value.get(frame, run));
  return value.constant ? { ...transform, constant: value.constant } : transform;
}

/** `create('Type')`; the type may be left out where the element has only one. */
function create(call: TransformCall): Transform {
  assertArity(call, 0, 1);
  const { context, element } = call;
  const named = call.target.parameters.length === 1 ? literalText(call, 0, 'type') : undefined;
  const type = named === undefined ? onlyType(call) : (context.resolveType(named, 'target') ?? named);
  const info = context.definitions.type(type);
  if (!info) throw callError(call, `there is no type "${type}"`);
  if (info.abstract) throw callError(call, `${type} is abstract and cannot be created`);
  if (info.kind === 'primitive-type') {
    if (!element) throw callError(call, `a ${type} cannot be created without an element`);
    return single(type, () => made(undefined, type));
  }
  const shape = { type, isResource: info.kind === 'resource' };
  return single(type, () => made(newObject(shape), type));
}

function onlyType(call: TransformCall): string {
  const types = call.element?.types ?? [];
  if (types.length !== 1) throw callError(call, 'create() needs a type here');
  return types[0] as string;
}

/** `evaluate(ctx, expr)`, `evaluate(expr)` and the plain `= (expr)`. */
function evaluate(call: TransformCall): Transform {
  assertArity(call, 1, 2);
  const { target, scope, focus, context } = call;
  const [first, second] = target.parameters;
  const expression = second ?? first;
  if (!expression) throw callError(call, 'evaluate() lacks its expression');
  const text =
    expression.kind === 'expression'
      ? expression.text
      : expression.kind === 'variable'
        ? expression.name
        : expression.type === 'string' && second
          ? String(expression.value)
          : JSON.stringify(expression.value);
  let at = focus;
  if (second) {
    if (first?.kind !== 'variable') throw callError(call, 'evaluate() takes a variable first');
    const variable = scope.sources.get(first.name) ?? scope.targets.get(first.name);
    if (!variable) throw callError(call, `there is no variable "${first.name}" here`);
    at = variable;
  }
  return compileMany(text, target.line, scope, at, context);
}

/** `cast(v, 'type')`: the map's explicit word that a value is of a primitive type. Without a type: as the element asks. */
function cast(call: TransformCall): Transform {
  assertArity(call, 1, 2);
  const value = parameter(call, 0, 'value');
  const type = call.target.parameters.length === 2 ? literalText(call, 1, 'type') : onlyType(call);
  const known = call.context.resolveType(type, 'target') ?? type;
  if (!isPrimitive(call.context.definitions, known)) throw callError(call, `cast() makes primitive types, not ${type}`);
  return single(known, (frame, run) => {
    const node = value.get(frame, run);
    if (!node || node.value === undefined) return undefined;
    const result = castPrimitive(node.value, known);
    if (result === undefined) throw fault('cast-failed', node, `the value is no ${known}`);
    const { extra, parent, key, index } = node;
    return { value: result, type: known, extra, parent, key: key || FRESH, index };
  });
}

export const valueTransforms = { copy, create, evaluate, cast };
