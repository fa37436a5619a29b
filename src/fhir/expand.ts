import type { CodeSystem, CodeSystemConcept, ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes';
import type { PackedValueSet } from './pack-types.ts';

/** Code systems and value sets by canonical url. */
export type Terminology = { codeSystems: Map<string, CodeSystem>; valueSets: Map<string, ValueSet> };

/** Above this number of codes a set is left to a terminology service. */
const MAX_CODES = 2000;

/**
 * Expands a ValueSet to its codes per system, or `undefined` where it cannot be enumerated from what is at hand
 * (no or incomplete code system, filters other than `is-a`, too many codes). FHIR R4, ValueSet §4.9 (expansion).
 */
export function expandValueSet(url: string, terminology: Terminology, depth = 0): PackedValueSet | undefined {
  const valueSet = terminology.valueSets.get(url);
  if (!valueSet?.compose || depth > 8) return undefined;
  const codes = new Map<string, Set<string>>();
  for (const include of valueSet.compose.include) {
    const part = expandInclude(include, terminology, depth);
    if (!part) return undefined;
    for (const [system, list] of Object.entries(part)) {
      const known = codes.get(system) ?? new Set();
      for (const code of list) known.add(code);
      codes.set(system, known);
    }
  }
  for (const exclude of valueSet.compose.exclude ?? []) {
    const part = expandInclude(exclude, terminology, depth);
    if (!part) return undefined;
    for (const [system, list] of Object.entries(part)) for (const code of list) codes.get(system)?.delete(code);
  }
  const size = [...codes.values()].reduce((sum, set) => sum + set.size, 0);
  if (size === 0 || size > MAX_CODES) return undefined;
  return Object.fromEntries([...codes].map(([system, set]) => [system, [...set]]));
}

function expandInclude(
  include: ValueSetComposeInclude,
  terminology: Terminology,
  depth: number,
): PackedValueSet | undefined {
  const imported = (include.valueSet ?? []).map((url) => expandValueSet(bare(url), terminology, depth + 1));
  if (imported.some((set) => !set)) return undefined;
  const own = include.system ? expandSystem(include, terminology) : undefined;
  if (include.system && !own) return undefined;
  const sets = [...(own ? [own] : []), ...(imported as PackedValueSet[])];
  return sets.reduce((left, right) => intersect(left, right));
}

function expandSystem(include: ValueSetComposeInclude, terminology: Terminology): PackedValueSet | undefined {
  const system = include.system as string;
  if (include.concept) return { [system]: include.concept.map((concept) => concept.code) };
  const codeSystem = terminology.codeSystems.get(system);
  if (!codeSystem?.concept || codeSystem.content !== 'complete') return undefined;
  let allowed = new Set(listCodes(codeSystem.concept, codeSystem));
  for (const filter of include.filter ?? []) {
    if (filter.property !== 'concept' || !['is-a', 'descendent-of'].includes(filter.op)) return undefined;
    const below = new Set(descendants(codeSystem, filter.value));
    if (filter.op === 'descendent-of') below.delete(filter.value);
    allowed = allowed.intersection(below);
  }
  return { [system]: [...allowed] };
}

function listCodes(concepts: CodeSystemConcept[], codeSystem: CodeSystem): string[] {
  return concepts.flatMap((concept) => [
    ...(isAbstract(concept) ? [] : [concept.code]),
    ...listCodes(concept.concept ?? [], codeSystem),
  ]);
}

function isAbstract(concept: CodeSystemConcept): boolean {
  return (concept.property ?? []).some(
    (property) => property.code === 'notSelectable' && property.valueBoolean === true,
  );
}

/** A code and all below it: by nesting, and by the `subsumedBy` property that the v3 code systems use. */
function descendants(codeSystem: CodeSystem, root: string): string[] {
  const childrenOf = new Map<string, string[]>();
  const walk = (concepts: CodeSystemConcept[], parent: string | undefined): void => {
    for (const concept of concepts) {
      const parents = (concept.property ?? [])
        .filter((property) => property.code === 'subsumedBy')
        .map((property) => property.valueCode as string);
      for (const above of parent ? [parent, ...parents] : parents) {
        childrenOf.set(above, [...(childrenOf.get(above) ?? []), concept.code]);
      }
      walk(concept.concept ?? [], concept.code);
    }
  };
  walk(codeSystem.concept ?? [], undefined);
  const found = new Set([root]);
  for (const code of found) for (const child of childrenOf.get(code) ?? []) found.add(child);
  return [...found];
}

function intersect(left: PackedValueSet, right: PackedValueSet): PackedValueSet {
  const result: PackedValueSet = {};
  for (const [system, codes] of Object.entries(left)) {
    const other = new Set(right[system] ?? []);
    result[system] = codes.filter((code) => other.has(code));
  }
  return result;
}

const bare = (url: string): string => url.split('|')[0] as string;
