import type { Definitions } from '../../fhir/definitions.ts';
import { compileMaps, MapError } from '../index.ts';
import type { ConstructCase, Outcome } from './case.ts';
import { CONCEPT_MAPS } from './concept-maps.ts';
import { DECLARATIONS } from './declarations.ts';
import { REFUSALS } from './refusals.ts';
import { SOURCES } from './sources.ts';
import { TARGETS } from './targets.ts';
import { TRANSFORMS } from './transforms.ts';

export type { ConstructCase, Outcome } from './case.ts';
export { CONCEPT_MAPS } from './concept-maps.ts';

/** Every construct of the language that is tried. */
export const CONSTRUCTS: readonly ConstructCase[] = [
  ...DECLARATIONS,
  ...SOURCES,
  ...TARGETS,
  ...TRANSFORMS,
  ...REFUSALS,
];

/** What this engine makes of a case; ids count from `id-1`. */
export function outcomeOf({ maps, input }: ConstructCase, definitions: Definitions): Outcome {
  const texts = maps.map((text, index) => ({ file: `${index}.map`, text }));
  let count = 0;
  try {
    const compiled = compileMaps(texts, { definitions, conceptMaps: CONCEPT_MAPS });
    const result = compiled.map(compiled.urls[0] as string).run(input, { newId: () => `id-${++count}` });
    if (!result.ok) return { faults: result.issues.map(({ code, path }) => `${code} ${path}`) };
    const target = result.target as object;
    return result.log.length > 0 ? { target, log: result.log } : { target };
  } catch (error) {
    if (error instanceof MapError) return { refused: error.code };
    throw error;
  }
}

/** Runs the whole suite: how many constructs there are and how many give what the standard asks. */
export function conformanceResults(definitions: Definitions): { passed: number; total: number } {
  const passed = CONSTRUCTS.filter((one) => isSame(outcomeOf(one, definitions), one.expected));
  return { passed: passed.length, total: CONSTRUCTS.length };
}

/** Whether two outcomes are one, whatever the order of members. */
export const isSame = (left: unknown, right: unknown): boolean => canonical(left) === canonical(right);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
