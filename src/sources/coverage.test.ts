import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { showResult } from '../../tests/support/results.ts';
import { watch } from '../mapping/coverage.ts';
import { type Dropped, isDropped, parseDropped } from './dropped.ts';
import { loadSources } from './registry.ts';
import type { SystemFile } from './system.ts';
import { contentTypeOf, definitions, file, json, MAPPINGS } from './testing/maps-testkit.ts';

const sources = await loadSources(MAPPINGS, definitions);
const systems = readdirSync(MAPPINGS, { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** What the maps leave unread of a sample, and what its reader left. */
function unread(system: string, dropped: Dropped, name: string, contentType: string): string[] {
  const message = sources.read(system, contentType, file(system, 'samples', name));
  if (!message.ok) throw new Error(`${system}/${name} is not read.`);
  const watched = watch(message.body, dropped.named);
  expect(sources.map({ ...message, body: watched.input }, randomUUID).ok).toBe(true);
  return [...watched.unread(), ...(message.left ?? [])];
}

describe.each(systems.map((one) => one.name))('the samples of %s', (system) => {
  const { inputs, samples = [] } = json<SystemFile>(system, 'system.json');
  const dropped = parseDropped(json(system, 'dropped.json'));
  const left = samples.map((sample) => ({
    name: sample.file,
    paths: inputs
      .filter((one) => one.id === sample.input)
      .flatMap((one) => unread(system, dropped, sample.file, contentTypeOf(one))),
  }));

  it.each(left)('$name: everything is read, or dropped.json says why not', ({ paths }) => {
    expect(paths.filter((path) => !isDropped(dropped, path))).toEqual([]);
  });

  it('need every line of dropped.json', (context) => {
    const all = [...left.flatMap((one) => one.paths), ...sources.unread(system)];
    const explained = left.filter(({ paths }) => paths.every((path) => isDropped(dropped, path)));
    showResult(context, {
      what: `coverage: samples of ${system} read whole`,
      passed: explained.length,
      of: left.length,
      note: `${dropped.dropped.length} elements dropped on purpose, each with reason and owner`,
    });
    for (const one of dropped.dropped) {
      expect([one.path, all.some((path) => isDropped({ dropped: [one] }, path))]).toEqual([one.path, true]);
    }
  });
});
