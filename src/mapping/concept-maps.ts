import type { ConceptMap, ConceptMapGroup } from '@medplum/fhirtypes';

/** A code with its system and display. */
export type Translated = { system: string | undefined; code: string; display: string | undefined };

/** A ConceptMap made ready: a code (with its system, where the source names one) to its target. */
export type Translator = (code: string, system: string | undefined) => Translated | undefined;

/** Relations that say "no such code on the other side" (R4 `equivalence`, R5 `relationship`). */
const NONE = new Set(['unmatched', 'disjoint', 'not-related-to']);
const BEST = new Set(['equal', 'equivalent']);

/** What R5 calls otherwise in the same places of a ConceptMap. */
type R5Target = { relationship?: string };
type R5Unmapped = { otherMap?: string };

const relationOf = (target: { equivalence?: string } & R5Target): string =>
  target.equivalence ?? target.relationship ?? '';

/**
 * Indexes a ConceptMap. Groups are tried in order, then their `unmapped` rule. A code that none maps gives `undefined`, which
 * the caller must not take for absence: FHIR R4, ConceptMap §4.10.
 */
export function compileConceptMap(
  conceptMap: ConceptMap,
  find: (url: string) => ConceptMap | undefined,
  depth = 0,
): Translator {
  const groups = (conceptMap.group ?? []).map((group) => compileGroup(group, find, depth));
  return (code, system) => {
    for (const group of groups) {
      const found = group.matches(system) ? group.lookup.get(code) : undefined;
      if (found) return found;
    }
    for (const group of groups) {
      if (!group.matches(system) || group.lookup.has(code)) continue;
      const found = group.unmapped?.(code, system);
      if (found) return found;
    }
    return undefined;
  };
}

type CompiledGroup = {
  matches(system: string | undefined): boolean;
  /** `null`: the map says that this code has no counterpart. */
  lookup: Map<string, Translated | null>;
  unmapped: Translator | undefined;
};

function compileGroup(
  group: ConceptMapGroup,
  find: (url: string) => ConceptMap | undefined,
  depth: number,
): CompiledGroup {
  const lookup = new Map<string, Translated | null>();
  for (const element of group.element ?? []) {
    const targets = (element.target ?? []).filter((target) => !NONE.has(relationOf(target)) && target.code);
    const best = targets.find((target) => BEST.has(relationOf(target))) ?? targets[0];
    const translated = best ? { system: group.target, code: best.code as string, display: best.display } : null;
    if (element.code !== undefined) lookup.set(element.code, translated);
  }
  return {
    matches: (system) => system === undefined || group.source === undefined || group.source === system,
    lookup,
    unmapped: compileUnmapped(group, find, depth),
  };
}

function compileUnmapped(
  group: ConceptMapGroup,
  find: (url: string) => ConceptMap | undefined,
  depth: number,
): Translator | undefined {
  const { unmapped } = group;
  if (!unmapped) return undefined;
  const mode: string = unmapped.mode ?? '';
  if (mode === 'provided' || mode === 'use-source-code')
    return (code) => ({ system: group.source ?? group.target, code, display: undefined });
  if (mode === 'fixed') {
    const fixed = { system: group.target, code: unmapped.code as string, display: unmapped.display };
    return () => fixed;
  }
  const url = unmapped.url ?? (unmapped as R5Unmapped).otherMap;
  const other = depth < 8 && url ? find(url) : undefined;
  if (!other) throw new Error('the ConceptMap refers to another one that is not known');
  return compileConceptMap(other, find, depth + 1);
}
