import type { Node } from '../path/node.ts';
import { report, unchecked } from '../validate/issue.ts';
import type { Context } from './context.ts';
import { compileDiscriminator, conforms, type Matches } from './discriminator.ts';
import type { Rule } from './rule.ts';
import { type Check, placeOf, type Walk } from './walk.ts';

/** Checks how the items of one element fall into its slices. `place`: where the element stands. */
export type SlicingCheck = (items: readonly Node[], place: string, walk: Walk) => void;

interface Slice {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly matches: Matches;
  readonly check: Check;
}

/** What slices an element when a differential does not say: extensions by url, a choice by type (FHIR R4, ElementDefinition.slicing). */
const DEFAULTS = new Map([
  ['extension', { type: 'value', path: 'url' }],
  ['modifierExtension', { type: 'value', path: 'url' }],
]);

/**
 * Compiles the slicing of an element: each item belongs to the first slice that its discriminators name; slices have their own cardinality and content; a closed
 * slicing allows nothing else. Slices that cannot be told apart from what is at hand are reported as not checked.
 */
export function compileSlicing(
  rule: Rule,
  context: Context,
  compileItem: (slice: Rule) => Check,
): SlicingCheck | undefined {
  if (rule.slices.length === 0) return undefined;
  const fallback = DEFAULTS.get(rule.name) ?? { type: 'type', path: '$this' };
  const { discriminator = rule.element?.slicing ? [] : [fallback], rules } = rule.element?.slicing ?? {};
  const slices: Slice[] = [];
  let unclear = false;
  for (const slice of rule.slices) {
    const check = compileItem(slice);
    const tests = discriminator.map((one) => compileDiscriminator(one, slice, context));
    // Without discriminators, what conforms to a slice belongs to it.
    const matches: Matches | undefined =
      discriminator.length === 0
        ? (item, walk) => conforms(item, check, walk)
        : tests.every((one) => one !== undefined)
          ? (item, walk) => tests.every((test) => test(item, walk))
          : undefined;
    if (!matches) {
      unclear = true;
      continue;
    }
    const { min = 0, max = '*' } = slice.element ?? {};
    const name = slice.id.slice(slice.id.lastIndexOf(':') + 1);
    slices.push({ name, min, max: max === '*' ? Number.POSITIVE_INFINITY : Number(max), matches, check });
  }
  const needsMessage = discriminator.some((one) => one.path.includes('resolve()'));
  return (items, place, walk) => {
    const counts = new Map<Slice, number>();
    let rest = 0;
    for (const item of items) {
      const slice = slices.find((one) => one.matches(item, walk));
      if (slice) {
        counts.set(slice, (counts.get(slice) ?? 0) + 1);
        slice.check(item, walk);
      } else {
        rest += 1;
        if (rules === 'closed' && !unclear && !needsMessage)
          report(walk.findings, 'slice', placeOf(item, walk), 'expected one of the slices that the profile allows');
      }
    }
    for (const slice of slices) {
      const count = counts.get(slice) ?? 0;
      // What a reference names may stand outside the message: then an item without a slice may still belong to it.
      if (count < slice.min && !(needsMessage && rest > 0))
        report(walk.findings, 'slice', place, `expected at least ${slice.min} of the slice ${slice.name}`);
      if (count > slice.max)
        report(walk.findings, 'slice', place, `expected at most ${slice.max} of the slice ${slice.name}`);
    }
    if (unclear && rest > 0)
      unchecked(walk.findings, place, `the slices of ${rule.id} cannot be told apart from what is loaded`);
  };
}
