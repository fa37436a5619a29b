import { readFileSync } from 'node:fs';
import { validateResource } from '@medplum/core';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { loadDefinitions } from '../src/fhir/load.ts';
import { FAULTS, SOUND } from '../src/fhir/testing/faults.ts';
import { validate } from '../src/fhir/validate.ts';
import { inTurns } from './in-turns.ts';

/**
 * Validation of a Bundle of ten resources here and by `@medplum/core`, in one run and in turns, and how many of the twelve faults (with all
 * their like) each catches: `node bench/validation.ts`.
 */
export async function validation(): Promise<string[]> {
  const definitions = await loadDefinitions();
  const whole = JSON.parse(readFileSync('mappings/hix/samples/luuk-consult.expected.json', 'utf8')) as Bundle;
  const bundle = { ...whole, entry: (whole.entry ?? []).slice(0, 10) };
  const theirs = (resource: object): boolean => {
    try {
      validateResource(resource as Resource);
      return true;
    } catch {
      return false;
    }
  };
  const ours = (resource: object): boolean => validate(resource, definitions).length === 0;
  const resources = bundle.entry.flatMap((one) => one.resource ?? []);
  if (![...SOUND, ...resources].every((one) => ours(one) && theirs(one)))
    throw new Error('A sound resource is refused.');
  const caught = (accepts: (resource: object) => boolean): number =>
    FAULTS.filter(({ like }) => like.every((one) => !accepts(one))).length;
  const [own = 0, other = 0] = inTurns([() => resources.map(ours), () => resources.map(theirs)], 300);
  return [
    `  this validator   median ${own.toFixed(0)} µs for ${resources.length} resources, ${caught(ours)} of ${FAULTS.length} faults`,
    `  @medplum/core    median ${other.toFixed(0)} µs: ${(other / own).toFixed(1)} times as long, ${caught(theirs)} of ${FAULTS.length} faults`,
  ];
}

if (import.meta.main) console.log((await validation()).join('\n'));
