import { parseMappingLanguage, structureMapTransform, TransformMapCollection, type TypedValue } from '@medplum/core';
import type { StructureMap } from '@medplum/fhirtypes';
import { loadDefinitions } from '../src/fhir/load.ts';
import {
  CONCEPT_MAPS,
  CONSTRUCTS,
  type ConstructCase,
  conformanceResults,
  isSame,
} from '../src/mapping/conformance/index.ts';

/** The constructs of the mapping language, tried on this engine and on that of `@medplum/core`: run `node bench/conformance.ts`. */
export function conformance(): { ours: number; theirs: number; total: number; failed: string[] } {
  const failed = CONSTRUCTS.filter((one) => !passes(one)).map(({ construct }) => construct);
  const { passed, total } = conformanceResults(definitions);
  return { ours: passed, theirs: total - failed.length, total, failed };
}

/**
 * Whether `@medplum/core` does what the case asks. It gives no reasons and no places: any error counts for a refusal and for a fault.
 * What it logs is what it writes to the console.
 */
function passes({ maps, input, expected }: ConstructCase): boolean {
  const logged: string[] = [];
  const { log } = console;
  console.log = (...parts: unknown[]) => void logged.push(parts.map(String).join(' '));
  try {
    const parsed = maps.map((text) => parseMappingLanguage(text));
    const [main] = parsed as [StructureMap];
    const results = structureMapTransform(
      main,
      [typed(main, 'source', input), typed(main, 'target', {})],
      new TransformMapCollection([...parsed, ...structuredClone(CONCEPT_MAPS)]),
    );
    if (!('target' in expected)) return false;
    const [target] = countIds(results.map(({ value }) => value as unknown)) as object[];
    const { resourceType } = expected.target as { resourceType?: string };
    return (
      isSame({ ...(resourceType ? { resourceType } : {}), ...target }, expected.target) &&
      isSame(logged, expected.log ?? [])
    );
  } catch {
    return !('target' in expected);
  } finally {
    console.log = log;
  }
}

/** A value with the type that the first group says it has. */
function typed(map: StructureMap, mode: 'source' | 'target', value: unknown): TypedValue {
  const alias = map.group[0]?.input.find((one) => one.mode === mode)?.type;
  const url = map.structure?.find((one) => one.alias === alias)?.url;
  return { type: url?.slice(url.lastIndexOf('/') + 1) ?? alias ?? 'BackboneElement', value: structuredClone(value) };
}

/** Random ids as `id-1`, `id-2`, … in the order in which they stand. */
function countIds(value: unknown): unknown {
  const seen = new Map<string, string>();
  const text = JSON.stringify(value).replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
    const known = seen.get(id) ?? `id-${seen.size + 1}`;
    seen.set(id, known);
    return known;
  });
  return JSON.parse(text);
}

const definitions = await loadDefinitions();

if (import.meta.main) {
  const { ours, theirs, total, failed } = conformance();
  console.log(
    `constructs of the mapping language: this engine ${ours} of ${total}, @medplum/core 5.2.13 ${theirs} of ${total}`,
  );
  console.log(failed.map((name) => `  not in @medplum/core: ${name}`).join('\n'));
}
