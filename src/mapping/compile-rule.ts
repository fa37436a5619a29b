import type { ElementInfo } from '../fhir/definitions.ts';
import type { Node } from '../fhir/path/node.ts';
import { type CompiledSource, compileSource } from './compile-source.ts';
import { compileCopy, compileTarget, elementOf } from './compile-target.ts';
import { fault, mapError, record } from './fault.ts';
import type { FoundGroup, Frame, Match, RuleContext, Scope, Step, Value, Variable } from './model.ts';
import type { Dependent, Parameter, Rule, Source, Target } from './parse/ast.ts';
import { compileParameter } from './scope.ts';

/**
 * Compiles a rule: its sources as nested loops, and for each match its targets, nested rules and dependent groups. A fault
 * ends that match only, so that a run reports every fault and not just the first.
 */
export function compileRule(rule: Rule, scope: Scope, context: RuleContext): Step {
  let inner = scope;
  const sources: CompiledSource[] = [];
  for (const source of rule.sources) {
    const compiled = compileSource(source, inner, context);
    sources.push(compiled);
    inner = compiled.scope;
  }
  const last = (sources.at(-1) as CompiledSource).variable;
  const body = isCopy(rule) ? compileCopyRule(rule, inner, last, context) : compileBody(rule, inner, last, context);
  const { place } = context;
  const matches = (frame: Frame) =>
    sources.map(({ variable }, index): Match => [rule.sources[index] as Source, frame.slots[variable.slot]]);
  const guarded: Step = (frame, run) => {
    try {
      if (run.trace) run.trace.within(matches(frame), () => body(frame, run));
      else body(frame, run);
    } catch (error) {
      record(run, place, rule.line, frame.slots[last.slot], error);
    }
  };
  return sources.reduceRight<Step>((next, source) => source.wrap(next), guarded);
}

/** Compiles rules that stand beside each other. */
export function compileRules(rules: Rule[], scope: Scope, context: RuleContext): Step[] {
  return rules.map((rule) => compileRule(rule, scope, context.within(rule)));
}

function compileBody(rule: Rule, scope: Scope, focus: Variable, context: RuleContext): Step {
  const steps: Step[] = [];
  let inner = scope;
  for (const target of rule.targets) {
    const compiled = compileTarget(target, inner, focus, context);
    steps.push(compiled.step);
    inner = compiled.scope;
  }
  steps.push(...rule.dependents.map((dependent) => compileDependent(dependent, inner, focus, context)));
  steps.push(...compileRules(rule.rules, inner, context));
  return sequence(steps);
}

function sequence(steps: Step[]): Step {
  const [first, second] = steps;
  if (!first) return () => {};
  if (!second) return first;
  if (steps.length === 2) {
    return (frame, run) => {
      first(frame, run);
      second(frame, run);
    };
  }
  return (frame, run) => {
    for (const step of steps) step(frame, run);
  };
}

/** `then Group(a, b)` */
function compileDependent(dependent: Dependent, scope: Scope, focus: Variable, context: RuleContext): Step {
  const { place } = context;
  const { line, name } = dependent;
  const group = context.findGroup(name);
  if (!group) throw mapError('unknown-group', place, line, `there is no group "${name}"`);
  if (group.inputs.length !== dependent.parameters.length) {
    const counts = `${group.inputs.length} inputs, not ${dependent.parameters.length}`;
    throw mapError('wrong-inputs', place, line, `the group "${name}" takes ${counts}`);
  }
  const values = dependent.parameters.map((parameter, index): Value => {
    const input = group.inputs[index];
    if (input?.mode === 'target' && parameter.kind === 'variable') {
      const variable = scope.targets.get(parameter.name);
      if (!variable) throw mapError('unknown-variable', place, line, `there is no target "${parameter.name}" here`);
      return { type: variable.type, get: (frame: Frame) => frame.slots[variable.slot] };
    }
    if (input?.mode === 'target') throw mapError('wrong-inputs', place, line, `"${name}" takes a target here`);
    return compileParameter(parameter, line, scope, focus, context);
  });
  const types = values.map((value, index) => inputType(value.type, group, index, name, line, context));
  const call = context.groupFor(group.key, types);
  for (const [at, value] of values.entries()) {
    // Of a value that is one of several records, each is checked against what the group reads of it.
    for (const type of value.types ?? []) context.groupFor(group.key, types.with(at, type));
  }
  return (frame, run) => {
    const { trace } = run;
    const inputs: Node[] = new Array(values.length);
    for (let index = 0; index < values.length; index++) {
      const value = values[index] as Value;
      inputs[index] = (trace ? trace.reading(() => value.get(frame, run)) : value.get(frame, run)) as Node;
    }
    call(inputs, run);
  };
}

/** What the group sees: the type that is given, or the one it declares. */
function inputType(
  given: string | undefined,
  group: FoundGroup,
  index: number,
  name: string,
  line: number,
  context: RuleContext,
): string | undefined {
  const declared = group.inputs[index]?.type;
  if (given === undefined || declared === undefined) return given ?? declared;
  if (context.definitions.isA(given, declared)) return given;
  if (context.definitions.isA(declared, given)) return declared;
  throw mapError('wrong-type', context.place, line, `the group "${name}" takes ${declared} here, not ${given}`);
}

/** `a.b -> c.d;` and nothing more: mapped by type. */
function isCopy(rule: Rule): boolean {
  const [source] = rule.sources;
  const [target, ...more] = rule.targets.filter((each) => !each.isStep);
  if (rule.sources.length !== 1 || more.length > 0 || rule.rules.length > 0 || rule.dependents.length > 0) return false;
  return (
    target?.context !== undefined &&
    target.element !== undefined &&
    target.transform === undefined &&
    target.variable === undefined &&
    source?.element !== undefined
  );
}

/** Names the target of a simple copy, which has no name in the map. */
const COPY = '#copy';

/** A simple copy with the steps that its path takes (`a.b -> c.d.e`). */
function compileCopyRule(rule: Rule, scope: Scope, source: Variable, context: RuleContext): Step {
  const steps: Step[] = [];
  let inner = scope;
  for (const target of rule.targets.filter((each) => each.isStep)) {
    const compiled = compileTarget(target, inner, source, context);
    steps.push(compiled.step);
    inner = compiled.scope;
  }
  return sequence([...steps, compileDefault(rule, inner, source, context)]);
}

/**
 * A simple copy: through the default group for the two types where there is one (`<<types>>`, `<<type+>>`), or for the type of the
 * source where only the message tells what the target is (`<<type+>>`), else as it is, which only equal types and primitives allow.
 */
function compileDefault(rule: Rule, scope: Scope, source: Variable, context: RuleContext): Step {
  const target = rule.targets.at(-1) as Target;
  const parent = scope.targets.get(target.context as string);
  if (!parent)
    throw mapError('unknown-variable', context.place, rule.line, `there is no target "${target.context}" here`);
  const element = elementOf(target, parent, context);
  const types = element.types;
  const group = types.length === 1 ? context.defaultGroup(source.type, types[0] as string) : undefined;
  if (group) {
    const { step: make, scope: made } = compileTarget({ ...target, variable: COPY }, scope, source, context);
    const slot = made.targets.get(COPY) as Variable;
    const call = context.groupFor(group.key, [source.type, types[0]]);
    return (frame, run) => {
      make(frame, run);
      call([frame.slots[source.slot] as Node, frame.slots[slot.slot] as Node], run);
    };
  }
  const bySource = compileBySource(element, target, scope, source, context);
  const copy = compileCopy(element, source.type, target, parent, context);
  return (frame, run) => {
    const item = frame.slots[source.slot] as Node;
    const typed = item.type === undefined ? undefined : bySource.get(item.type);
    if (typed) {
      typed(frame, run);
      return;
    }
    if (item.type === undefined && typeof item.value === 'object') {
      throw fault('no-default-group', item, 'an untyped record is not copied as it is: say how it is mapped');
    }
    copy(frame, item, run);
  };
}

/** For an element of several or open types: the default groups that the type of the source alone calls, by that type. */
function compileBySource(
  element: ElementInfo,
  target: Target,
  scope: Scope,
  source: Variable,
  context: RuleContext,
): ReadonlyMap<string, Step> {
  const { definitions } = context;
  const [only] = element.types;
  const isOpen = element.types.length !== 1 || definitions.type(only as string)?.abstract === true;
  const steps = new Map<string, Step>();
  if (!isOpen) return steps;
  for (const group of context.defaultGroupsBySource()) {
    const [from, to] = group.inputs;
    const [given, made] = [from?.type, to?.type];
    if (given === undefined || made === undefined || steps.has(given)) continue;
    if (!element.types.some((type) => definitions.isA(made, type))) continue;
    const parameters: Parameter[] = [{ kind: 'literal', type: 'string', value: made }];
    const creation: Target = { ...target, transform: 'create', parameters, variable: COPY };
    const { step: make, scope: inner } = compileTarget(creation, scope, source, context);
    const slot = inner.targets.get(COPY) as Variable;
    const call = context.groupFor(group.key, [given, made]);
    steps.set(given, (frame, run) => {
      make(frame, run);
      call([frame.slots[source.slot] as Node, frame.slots[slot.slot] as Node], run);
    });
  }
  return steps;
}
