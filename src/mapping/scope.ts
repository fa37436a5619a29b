import { type Condition, compileCondition, compilePath, type Path, type PathScope } from '../fhir/path/compile.ts';
import type { Node } from '../fhir/path/node.ts';
import { rootNode } from '../fhir/path/node.ts';
import { type Types, walkReads } from '../fhir/path/reads.ts';
import { compileConceptMap } from './concept-maps.ts';
import { fault, mapError } from './fault.ts';
import type { Frame, RuleContext, Run, Scope, Value, Variable } from './model.ts';
import type { Parameter } from './parse/ast.ts';

/** A scope with one more variable. */
export function declare(scope: Scope, mode: 'sources' | 'targets', name: string, variable: Variable): Scope {
  return { ...scope, [mode]: new Map(scope[mode]).set(name, variable) };
}

/** Looks a name up for reading: sources first, then targets. */
export function lookup(scope: Scope, name: string): Variable | undefined {
  return scope.sources.get(name) ?? scope.targets.get(name);
}

/** A compiled expression, and the types that it can give where those are known. */
export type Expression = { path: Path; types: Types };

/**
 * Compiles a FHIRPath expression of a rule; faults in it are faults of the map. A bare name is a variable where there is
 * one, else an element of the input, whose type (where that is known) is `input`.
 */
export function compileExpression(
  text: string,
  line: number,
  scope: Scope,
  input: string | undefined,
  context: RuleContext,
): Expression {
  const path = expression(line, context, () =>
    compilePath(text, {
      definitions: context.definitions,
      slotOf: (name) => lookup(scope, name)?.slot,
      conceptMap: tables(context),
    }),
  );
  return { path, types: tellReads(text, line, input, (name) => lookup(scope, name), context) };
}

/** Tells what an expression reads, and gives its types; an element that no type at hand has is a fault of the map. */
function tellReads(
  text: string,
  line: number,
  input: string | undefined,
  variableOf: (name: string, marked: boolean) => Variable | undefined,
  context: RuleContext,
): Types {
  const known = (type: string | undefined): Types => (type === undefined ? undefined : [type]);
  return walkReads(text, known(input), {
    definitions: context.definitions,
    variable: (name, marked) => {
      const variable = variableOf(name, marked);
      return variable ? (variable.types ?? known(variable.type)) : 'none';
    },
    read: context.read,
    unknown: (types, name) => {
      throw mapError('unknown-element', context.place, line, `${types.join(' or ')} has no element "${name}"`);
    },
  });
}

/**
 * Compiles a condition on a source, whose items are of type `item`. A bare name is an element of the source, or the source's own variable, as R5 has it; one
 * that an outer variable shares is refused, because either reading could be meant.
 */
export function compileWhere(
  text: string,
  line: number,
  own: string | undefined,
  item: string | undefined,
  scope: Scope,
  context: RuleContext,
): Condition {
  const variableOf = (name: string, marked: boolean): Variable | undefined => {
    const variable = lookup(scope, name);
    if (!marked && variable && name !== own) {
      throw new Error(`"${name}" is a variable and may be an element: write %${name} or $this.${name}`);
    }
    return variable;
  };
  const slotOf = (name: string, marked: boolean): number | undefined => variableOf(name, marked)?.slot;
  const { definitions } = context;
  const condition = expression(line, context, () =>
    compileCondition(text, { definitions, slotOf, conceptMap: tables(context) }, item),
  );
  tellReads(text, line, item, variableOf, context);
  return condition;
}

/** ConceptMaps as `mapsTo` in an expression sees them. */
const tables =
  (context: RuleContext): PathScope['conceptMap'] =>
  (url) => {
    const conceptMap = context.findConceptMap(url);
    if (!conceptMap) return undefined;
    const translator = compileConceptMap(conceptMap, context.findConceptMap);
    return (code, system) => translator(code, system)?.code;
  };

function expression<Compiled>(line: number, context: RuleContext, compile: () => Compiled): Compiled {
  try {
    return compile();
  } catch (error) {
    throw mapError('bad-expression', context.place, line, (error as Error).message);
  }
}

/**
 * Compiles a parameter of a transform or dependent group to a value. `focus`: the variable whose elements an expression
 * can name without a prefix.
 */
export function compileParameter(
  parameter: Parameter,
  line: number,
  scope: Scope,
  focus: Variable | undefined,
  context: RuleContext,
): Value {
  if (parameter.kind === 'literal') {
    const node = rootNode(parameter.value, parameter.type);
    return { type: parameter.type, get: () => node, constant: node };
  }
  if (parameter.kind === 'variable') {
    const variable = lookup(scope, parameter.name);
    if (!variable) {
      throw mapError('unknown-variable', context.place, line, `there is no variable "${parameter.name}" here`);
    }
    const { slot } = variable;
    return { type: variable.type, types: variable.types, get: (frame) => frame.slots[slot] };
  }
  const many = compileMany(parameter.text, line, scope, focus, context);
  return {
    type: many.type,
    types: many.types,
    get: (frame, run) => {
      const items = many.get(frame, run);
      if (items.length > 1) throw fault('too-many-values', items[0], 'the expression gives more than one value');
      return items[0];
    },
  };
}

/** Compiles an expression that may give several values. */
export function compileMany(
  text: string,
  line: number,
  scope: Scope,
  focus: Variable | undefined,
  context: RuleContext,
): { type: string | undefined; types: Types; get(frame: Frame, run: Run): Node[] } {
  const { path, types } = compileExpression(text, line, scope, focus?.type, context);
  const slot = focus?.slot;
  return {
    type: soleRecord(types, context),
    types: types && types.length > 1 ? types : undefined,
    get: (frame) => {
      const self = slot === undefined ? undefined : frame.slots[slot];
      frame.self = self;
      return path(self ? [self] : [], frame);
    },
  };
}

/** The one type of what an expression gives, where that is a record: what is read of it can then be checked too. */
function soleRecord(types: Types, context: RuleContext): string | undefined {
  const [type] = types ?? [];
  const info = types?.length === 1 ? context.definitions.type(type as string) : undefined;
  return info && info.kind !== 'primitive-type' && !info.abstract ? info.name : undefined;
}
