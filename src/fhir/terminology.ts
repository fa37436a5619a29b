import type { CodeSystem, CodeSystemConcept, ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes';

/** Whether a code belongs to a ValueSet: `unknown` where that cannot be told from what is at hand. */
export type Membership = 'in' | 'out' | 'unknown';

/** Answers what ValueSets hold, without a terminology server. */
export interface Terminology {
  has(valueSet: string): boolean;
  /** `system` undefined: an element of type `code`, which names none. */
  membership(valueSet: string, system: string | undefined, code: string): Membership;
}

type Filter = NonNullable<ValueSetComposeInclude['filter']>[number];

/** One concept with the codes directly above it. */
interface Concept {
  readonly parents: readonly string[];
  readonly selectable: boolean;
}

interface System {
  readonly complete: boolean;
  readonly concepts: ReadonlyMap<string, Concept>;
}

/** More levels of ValueSets within ValueSets than anybody means; ends a circle. */
const MAX_DEPTH = 12;

/**
 * Decides membership from the composition of ValueSets (FHIR R4, ValueSet §4.9): by system, concept, other ValueSets and exclusion, and by `is-a` and
 * `descendent-of` in code systems that are at hand completely. A code of a system that is not at hand is `unknown` only where the ValueSet could hold it.
 */
export function createTerminology(valueSets: readonly ValueSet[], codeSystems: readonly CodeSystem[]): Terminology {
  const sets = new Map(valueSets.map((one) => [one.url ?? '', one]));
  const systems = new Map(codeSystems.map((one) => [one.url ?? '', readSystem(one)]));

  const ofSet = (url: string, system: string | undefined, code: string, depth: number): Membership => {
    const set = sets.get(bare(url));
    if (!set || depth > MAX_DEPTH) return 'unknown';
    if (!set.compose) return ofExpansion(set, system, code);
    const part = (one: ValueSetComposeInclude) => ofInclude(one, system, code, depth);
    return and(anyOf(set.compose.include.map(part)), not(anyOf((set.compose.exclude ?? []).map(part))));
  };
  const ofInclude = (
    include: ValueSetComposeInclude,
    system: string | undefined,
    code: string,
    depth: number,
  ): Membership => {
    const own = include.system ? ofSystem(include, system, code) : 'in';
    return (include.valueSet ?? []).reduce<Membership>(
      (all, url) => and(all, ofSet(url, system, code, depth + 1)),
      own,
    );
  };
  const ofSystem = (include: ValueSetComposeInclude, system: string | undefined, code: string): Membership => {
    if (system !== undefined && system !== include.system) return 'out';
    if (include.concept) return include.concept.some((one) => one.code === code) ? 'in' : 'out';
    const known = systems.get(include.system ?? '');
    const concept = known?.concepts.get(code);
    if (!known || (!concept && !known.complete)) return 'unknown';
    if (!concept?.selectable) return 'out';
    return (include.filter ?? []).reduce<Membership>((all, one) => and(all, passes(known, code, one)), 'in');
  };
  return {
    has: (valueSet) => sets.has(bare(valueSet)),
    membership: (valueSet, system, code) => ofSet(valueSet, system, code, 0),
  };
}

function ofExpansion({ expansion }: ValueSet, system: string | undefined, code: string): Membership {
  const contains = expansion?.contains;
  if (!contains) return 'unknown';
  const found = contains.some((one) => one.code === code && (system === undefined || one.system === system));
  return found ? 'in' : expansion.total === contains.length ? 'out' : 'unknown';
}

function passes(system: System, code: string, { property, op, value }: Filter): Membership {
  if (property !== 'concept' || (op !== 'is-a' && op !== 'descendent-of')) return 'unknown';
  if (!system.complete) return 'unknown';
  if (code === value) return op === 'is-a' ? 'in' : 'out';
  return isBelow(system, code, value, new Set()) ? 'in' : 'out';
}

function isBelow(system: System, code: string, above: string, seen: Set<string>): boolean {
  if (seen.has(code)) return false;
  seen.add(code);
  const parents = system.concepts.get(code)?.parents ?? [];
  return parents.includes(above) || parents.some((one) => isBelow(system, one, above, seen));
}

function readSystem({ content, concept }: CodeSystem): System {
  const concepts = new Map<string, Concept>();
  const walk = (list: readonly CodeSystemConcept[], above: string | undefined): void => {
    for (const one of list) {
      const properties = one.property ?? [];
      const named = properties
        .filter(({ code }) => code === 'subsumedBy' || code === 'parent')
        .flatMap(({ valueCode }) => valueCode ?? []);
      concepts.set(one.code, {
        parents: above === undefined ? named : [above, ...named],
        selectable: !properties.some(({ code, valueBoolean }) => code === 'notSelectable' && valueBoolean),
      });
      walk(one.concept ?? [], one.code);
    }
  };
  walk(concept ?? [], undefined);
  return { complete: content === 'complete' && concepts.size > 0, concepts };
}

const not = (one: Membership): Membership => (one === 'in' ? 'out' : one === 'out' ? 'in' : 'unknown');
const and = (one: Membership, other: Membership): Membership =>
  one === 'out' || other === 'out' ? 'out' : one === 'in' && other === 'in' ? 'in' : 'unknown';
const anyOf = (all: readonly Membership[]): Membership =>
  all.includes('in') ? 'in' : all.includes('unknown') ? 'unknown' : 'out';
const bare = (url: string): string => url.split('|')[0] as string;
