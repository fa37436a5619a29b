import { readFileSync } from 'node:fs';
import { parseMappingLanguage, structureMapTransform, TransformMapCollection } from '@medplum/core';
import type { ConceptMap } from '@medplum/fhirtypes';
import { packed, withStructures } from '../src/fhir/extend.ts';
import { loadDefinitions } from '../src/fhir/load.ts';
import { isSame } from '../src/mapping/conformance/index.ts';
import { compileMaps } from '../src/mapping/index.ts';
import { byHand, CONSULT, MODEL } from './consult.ts';
import { inTurns } from './in-turns.ts';

/**
 * One map (bench/consult.map, one consult to eight resources) on this engine and on `@medplum/core`, and the same written by hand, in one
 * run and in turns, so that a busy machine slows all three alike: `node bench/engine.ts`. The map keeps to what `@medplum/core` can parse
 * and run; what it makes of it is not right (bench/conformance.ts says what it lacks), which is not held against it here.
 */
export async function engine(): Promise<string[]> {
  const text = readFileSync(new URL('consult.map', import.meta.url), 'utf8');
  const conceptMaps = ['discipline', 'measurement'].map(
    (name) =>
      JSON.parse(
        readFileSync(new URL(`../mappings/hix/${name}.conceptmap.json`, import.meta.url), 'utf8'),
      ) as ConceptMap,
  );
  const definitions = withStructures(await loadDefinitions(), [packed(MODEL)]);
  const compiled = compileMaps([{ file: 'consult.map', text }], { definitions, conceptMaps });
  const map = compiled.map(compiled.urls[0] as string);
  const ours = map.run(CONSULT, { newId: () => 'id' });
  if (!ours.ok) throw new Error(JSON.stringify(ours.issues));
  if (!isSame(ours.target, byHand(CONSULT))) throw new Error('What is written by hand is not what the map gives.');

  const parsed = parseMappingLanguage(text);
  const collection = new TransformMapCollection([parsed, ...conceptMaps]);
  const [own = 0, theirs = 0, hand = 0] = inTurns([
    () => map.run(CONSULT, { newId: () => 'id' }),
    () => structureMapTransform(parsed, [{ type: 'BackboneElement', value: CONSULT }], collection),
    () => byHand(CONSULT),
  ]);
  return [
    `  this engine      median ${own.toFixed(1)} µs for eight resources`,
    `  @medplum/core    median ${theirs.toFixed(1)} µs: ${(theirs / own).toFixed(1)} times as long`,
    `  by hand          median ${hand.toFixed(1)} µs: this engine takes ${(own / hand).toFixed(1)} times as long`,
  ];
}

if (import.meta.main) console.log((await engine()).join('\n'));
