import type { ElementInfo } from '../fhir/definitions.ts';
import type { Node } from '../fhir/path/node.ts';
import { fault, mapError } from './fault.ts';
import type { Frame, RuleContext, Run, Scope, Shared, Step, TargetNode, Variable } from './model.ts';
import type { Target } from './parse/ast.ts';
import { compilePlacing, isFresh, makeSlot } from './placing.ts';
import { declare } from './scope.ts';
import { compileTransform, type Transform } from './transforms/index.ts';
import { childHolder, makeElement, type Slot } from './write.ts';

/** A compiled target: the scope with its variable, and the step that writes. */
export type CompiledTarget = { scope: Scope; step: Step; element: ElementInfo | undefined };

/**
 * Compiles `ctx.element = transform(…) as x share …` (FHIR R5 §mapping-language, rule targets). Types and JSON keys come from
 * the StructureDefinition; a name or type that it does not have is a fault of the map. `focus`: the rule's source.
 */
export function compileTarget(target: Target, scope: Scope, focus: Variable, context: RuleContext): CompiledTarget {
  if (target.context === undefined) return compileFree(target, scope, focus, context);
  const parent = scope.targets.get(target.context);
  if (!parent) {
    throw mapError('unknown-variable', context.place, target.line, `there is no target "${target.context}" here`);
  }
  if (target.element === undefined) {
    if (target.transform) {
      throw mapError('no-element', context.place, target.line, 'a value needs an element to be written to');
    }
    const inner = target.variable ? declare(scope, 'targets', target.variable, parent) : scope;
    return { scope: inner, step: () => {}, element: undefined };
  }
  return compileWrite(target, parent, scope, focus, context);
}

/** A transform without a place: its value is only kept in a variable. */
function compileFree(target: Target, scope: Scope, focus: Variable, context: RuleContext): CompiledTarget {
  const value = compileTransform(target, undefined, scope, focus, context);
  const variable = { slot: context.newSlot(), type: value.type, types: value.types };
  const inner = target.variable ? declare(scope, 'targets', target.variable, variable) : scope;
  const { one } = value;
  const step: Step = (frame, run) => {
    const items = one && !run.trace ? undefined : read(value, frame, run);
    if (items && items.length > 1)
      throw fault('too-many-values', items[0], 'a variable holds one value, the expression gives more');
    const item = items ? items[0] : one?.(frame, run);
    // A variable may be written to several places, each of which then needs a copy of its own.
    const kept = item && isFresh(item) && typeof item.value === 'object' ? { ...item, key: '' } : item;
    run.trace?.carry(item, kept);
    frame.slots[variable.slot] = kept;
  };
  return { scope: inner, step, element: undefined };
}

/** The values of a transform; a trace sees what they are made from. */
function read(value: Transform, frame: Frame, run: Run): Node[] {
  return run.trace ? run.trace.reading(() => value.get(frame, run)) : value.get(frame, run);
}

function compileWrite(
  target: Target,
  parent: Variable,
  scope: Scope,
  focus: Variable,
  context: RuleContext,
): CompiledTarget {
  const element = elementOf(target, parent, context);
  if (target.isStep && element.isArray) {
    const message = `a path goes through the list "${element.name}": make its item first, with a name`;
    throw mapError('list-in-path', context.place, target.line, message);
  }
  const variable: Variable = { slot: context.newSlot(), type: undefined };
  const isShared = target.listMode === 'share';
  // Nobody asks for what is written without a name: it needs no node.
  const isNamed = target.variable !== undefined || isShared;
  const rule = { ...context.place, line: target.line };
  let step: Step;
  if (target.transform === undefined) {
    const slot = onlySlot(element, target, context);
    variable.type = slot.type;
    step = (frame, run) => {
      const holder = frame.slots[parent.slot] as TargetNode | undefined;
      if (!holder) return;
      const make = (): TargetNode => {
        const made = makeElement(holder, slot, target, run);
        run.trace?.wrote(made, undefined, rule, false);
        return made;
      };
      frame.slots[variable.slot] = isShared ? sharedElement(run, holder, target, make) : make();
    };
  } else {
    const value = compileTransform(target, element, scope, focus, context);
    const place = compilePlacing(element, value.type, target, context);
    const { one } = value;
    variable.type = place.type;
    step = (frame, run) => {
      // A target whose own value was absent is not there: what would go below it is absent too.
      const holder = frame.slots[parent.slot] as TargetNode | undefined;
      const from = frame.slots[focus.slot];
      frame.slots[variable.slot] = undefined;
      if (!holder) return;
      if (one && !isShared && !run.trace) {
        const item = one(frame, run);
        if (item && isNamed) frame.slots[variable.slot] = place.write(holder, item, from, run);
        else if (item) place.put(holder, item, from, run);
        return;
      }
      for (const item of read(value, frame, run)) {
        const make = (): TargetNode => {
          const written = place.write(holder, item, from, run);
          run.trace?.wrote(written, item, rule, element.name === '');
          return written;
        };
        frame.slots[variable.slot] = isShared ? sharedElement(run, holder, target, make) : make();
      }
    };
    const put = isNamed || !value.constant ? undefined : place.constant(value.constant);
    if (put) {
      const traced = step;
      step = (frame, run) => {
        if (run.trace) {
          traced(frame, run);
          return;
        }
        const holder = frame.slots[parent.slot] as TargetNode | undefined;
        if (holder) put(holder, frame.slots[focus.slot], run);
      };
    }
  }
  const inner = target.variable ? declare(scope, 'targets', target.variable, variable) : scope;
  return { scope: inner, step, element };
}

/**
 * The element that rules share under one name; each parent has its own. The first that one rule makes is the first of the others
 * too, the second the second: a rule that makes more goes on with new ones (code system map-target-list-mode, `share`).
 */
function sharedElement(run: Run, parent: TargetNode, target: Target, make: () => TargetNode): TargetNode {
  const json = childHolder(parent);
  const names = run.shared.get(json) ?? new Map<string, Shared>();
  run.shared.set(json, names);
  const name = target.shareId as string;
  const known = names.get(name) ?? { nodes: [], taken: new Map() };
  names.set(name, known);
  const at = known.taken.get(target) ?? 0;
  const element = known.nodes[at] ?? make();
  known.nodes[at] = element;
  known.taken.set(target, at + 1);
  return element;
}

/** The definition of the element that a target names; a name that the type does not have is a fault of the map. */
export function elementOf(target: Target, parent: Variable, context: RuleContext): ElementInfo {
  const name = target.element as string;
  const type = parent.type === undefined ? undefined : context.definitions.type(parent.type);
  if (!type) {
    const message = `the type of "${target.context}" is not known, so "${name}" cannot be written`;
    throw mapError('unknown-type', context.place, target.line, message);
  }
  if (type.kind === 'primitive-type' && name === 'value') return ownValue(type.name);
  const element = type.elements.get(name) ?? narrow(type.byKey.get(name), name);
  if (!element || element.max === 0) {
    throw mapError('unknown-element', context.place, target.line, `${type.name} has no element "${name}"`);
  }
  return element;
}

/** `family.value = 'x'`: a primitive's value is itself. */
function ownValue(type: string): ElementInfo {
  return {
    name: '',
    path: `${type}.value`,
    types: [type],
    isArray: false,
    choice: false,
    min: 0,
    max: 1,
    keys: new Map([[type, '']]),
    targets: [],
    requiredValueSet: undefined,
    constraints: [],
  };
}

/** `valueString` names one type of `value[x]`. */
function narrow(element: ElementInfo | undefined, key: string): ElementInfo | undefined {
  if (!element) return undefined;
  const keys = new Map([...element.keys].filter(([, own]) => own === key));
  return { ...element, keys, types: [...keys.keys()] };
}

/** The slot of an element that is made without a transform: its type must be certain. */
function onlySlot(element: ElementInfo, target: Target, context: RuleContext): Slot {
  const [type] = element.types;
  const isOpen = element.types.length !== 1 || context.definitions.type(type as string)?.abstract === true;
  if (isOpen && !['Element', 'BackboneElement'].includes(type as string)) {
    const message = `"${element.name}" may have several types: create('…') one, or give a value`;
    throw mapError('type-not-certain', context.place, target.line, message);
  }
  return makeSlot(element, type as string, context.definitions);
}

/** Everything a simple copy (`a.b -> c.d`) needs to write one item. */
export function compileCopy(
  element: ElementInfo,
  valueType: string | undefined,
  target: Target,
  parent: Variable,
  context: RuleContext,
): (frame: Frame, item: Node, run: Run) => void {
  const place = compilePlacing(element, valueType, target, context);
  const rule = { ...context.place, line: target.line };
  return (frame, item, run) => {
    const holder = frame.slots[parent.slot] as TargetNode | undefined;
    if (!holder) return;
    const written = place.write(holder, item, item, run);
    run.trace?.wrote(written, item, rule, element.name === '');
  };
}
