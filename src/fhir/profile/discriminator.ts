import type { Node } from '../path/node.ts';
import { membershipOf } from './binding.ts';
import type { Context } from './context.ts';
import type { Rule } from './rule.ts';
import { fits, wantedOf } from './value.ts';
import { type Check, childrenOf, isClean, resolved, silent, type Walk } from './walk.ts';

/** Whether an item belongs to a slice. */
export type Matches = (item: Node, walk: Walk) => boolean;

/** How the items of an element are told apart: one discriminator of its slicing. */
export interface Discriminator {
  readonly type: string;
  readonly path: string;
}

/** Compiles one discriminator for one slice; `undefined` where the slice says nothing at the discriminator's place. */
export function compileDiscriminator(
  { type, path }: Discriminator,
  slice: Rule,
  context: Context,
): Matches | undefined {
  const steps = stepsOf(path);
  const found = (item: Node, walk: Walk) => nodesAt(item, steps, walk, context);
  switch (type) {
    case 'value':
    case 'pattern': {
      const tests = expectations(slice, steps, context);
      return tests.length === 0
        ? undefined
        : (item, walk) => tests.every((test) => test.at(item, walk, context).some((node) => test.holds(node)));
    }
    case 'exists': {
      const element = ruleAt(slice, steps, context)?.element;
      if (element?.max === '0') return (item, walk) => found(item, walk).length === 0;
      return (element?.min ?? 0) > 0 ? (item, walk) => found(item, walk).length > 0 : undefined;
    }
    case 'type': {
      const types = typesAt(slice, steps, context);
      return types.length === 0
        ? undefined
        : (item, walk) => found(item, walk).some((node) => types.some((one) => isA(node, one, context)));
    }
    case 'profile': {
      const profiles = profilesAt(slice, steps, context);
      return profiles.length === 0
        ? undefined
        : (item, walk) => found(item, walk).some((node) => profiles.some((one) => conforms(node, one, walk)));
    }
    default:
      return undefined;
  }
}

/** `code.coding`, `individual.resolve()`, `extension('http://…')` as steps; `$this` is none. */
function stepsOf(path: string): string[] {
  const steps = path.match(/[\w$]+(?:\[x\])?(?:\([^)]*\))?/g) ?? [];
  return steps.filter((one) => one !== '$this');
}

const EXTENSION = /^extension\((?:url=)?'([^']*)'\)$/;

function nodesAt(item: Node, steps: readonly string[], walk: Walk, context: Context): Node[] {
  return steps.reduce<Node[]>(
    (nodes, step) =>
      nodes.flatMap((node) => {
        if (step === 'resolve()') return resolved(node, walk) ?? [];
        const type = /^ofType\((\w+)\)$/.exec(step)?.[1];
        if (type) return isA(node, type, context) ? node : [];
        const url = EXTENSION.exec(step)?.[1];
        if (url === undefined) return childrenOf(node, step, context.definitions);
        return childrenOf(node, 'extension', context.definitions).filter(
          (one) => (one.value as { url?: unknown }).url === url,
        );
      }),
    [item],
  );
}

/** The rule at a place below a slice; where the slice is silent, that of its type's profile. */
function ruleAt(rule: Rule, steps: readonly string[], context: Context): Rule | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return rule;
  const url = EXTENSION.exec(step)?.[1];
  const child =
    url === undefined
      ? rule.children.find((one) => one.name === step || one.name === `${step}[x]`)
      : rule.children
          .find((one) => one.name === 'extension')
          ?.slices.find((one) => profilesOf(one).some((profile) => profile === url));
  if (child) return ruleAt(child, rest, context);
  const [only, more] = profilesOf(rule);
  const root = only !== undefined && more === undefined ? context.rules(only) : undefined;
  return root && ruleAt(root, steps, context);
}

interface Expectation {
  at(item: Node, walk: Walk, context: Context): Node[];
  holds(node: Node): boolean;
}

/** Everything fixed at or below a place: a value, a pattern, or a required ValueSet. */
function expectations(slice: Rule, steps: readonly string[], context: Context): Expectation[] {
  const target = ruleAt(slice, steps, context);
  const own = target ? below(target, steps, context) : [];
  return own.length > 0 ? own : above(slice, steps, context);
}

function below(rule: Rule, steps: readonly string[], context: Context): Expectation[] {
  const at = (item: Node, walk: Walk) => nodesAt(item, steps, walk, context);
  const wanted = wantedOf(rule.element);
  if (wanted) return [{ at, holds: (node) => fits(node.value, wanted) }];
  const { binding } = rule.element ?? {};
  const valueSet = binding?.strength === 'required' ? binding.valueSet : undefined;
  const deeper = [...rule.children, ...rule.children.flatMap((one) => one.slices.filter(isRequired))].flatMap((one) =>
    below(one, [...steps, one.name], context),
  );
  if (deeper.length > 0) return deeper;
  if (valueSet && context.terminology.has(valueSet))
    return [{ at, holds: (node) => membershipOf(node.value, node.type ?? '', valueSet, context.terminology) === 'in' }];
  return [];
}

/** A pattern of an element further up can hold the value: `code` fixes what `code.coding.code` is. */
function above(slice: Rule, steps: readonly string[], context: Context): Expectation[] {
  for (let length = steps.length - 1; length >= 0; length--) {
    const start = steps.slice(0, length);
    const wanted = wantedOf(ruleAt(slice, start, context)?.element);
    if (wanted) {
      const at = (item: Node, walk: Walk) => nodesAt(item, start, walk, context);
      return [{ at, holds: (node) => fits(node.value, { ...wanted, exact: false }) }];
    }
  }
  // An extension whose definition is not at hand is still known by its url.
  const [url] = steps[0] === 'url' ? profilesOf(slice) : [];
  const at = (item: Node, walk: Walk) => nodesAt(item, steps, walk, context);
  return url === undefined ? [] : [{ at, holds: (node) => node.value === url }];
}

const isRequired = (rule: Rule): boolean => (rule.element?.min ?? 0) > 0;

/** Types at a place: of the element, or of what its references may name. */
function typesAt(slice: Rule, steps: readonly string[], context: Context): string[] {
  if (steps.at(-1) === 'resolve()') {
    const targets = ruleAt(slice, steps.slice(0, -1), context)?.element?.type?.flatMap(
      (one) => one.targetProfile ?? [],
    );
    return (targets ?? []).map((url) => context.structure(url)?.type ?? url.slice(url.lastIndexOf('/') + 1));
  }
  return (ruleAt(slice, steps, context)?.element?.type ?? []).map((one) => one.code);
}

function profilesAt(slice: Rule, steps: readonly string[], context: Context): Check[] {
  const isReference = steps.at(-1) === 'resolve()';
  const rule = ruleAt(slice, isReference ? steps.slice(0, -1) : steps, context);
  const urls = (rule?.element?.type ?? []).flatMap((one) => (isReference ? one.targetProfile : one.profile) ?? []);
  return urls.flatMap((url) => context.check(url) ?? []);
}

const profilesOf = (rule: Rule): string[] => (rule.element?.type ?? []).flatMap((one) => one.profile ?? []);

const isA = (node: Node, type: string, { definitions }: Context): boolean =>
  node.type !== undefined && definitions.isA(node.type, type);

/** Whether a value fits a profile, without anybody hearing of it. */
export function conforms(node: Node, check: Check, walk: Walk): boolean {
  const quiet = silent(walk);
  check(node, quiet);
  return isClean(quiet);
}
