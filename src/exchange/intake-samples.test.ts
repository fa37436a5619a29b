import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { knowledge } from '../../tests/support/knowledge.ts';
import type { SystemFile } from '../sources/system.ts';
import { bundleOf, contentTypeOf, file, json, MAPPINGS } from '../sources/testing/maps-testkit.ts';
import { createVault } from '../store/vault.ts';
import { intake } from './intake.ts';

const ports = { ...knowledge, vault: createVault(Buffer.alloc(32, 7)) };
const NOW = new Date('2026-11-01T10:00:00Z');
const SAMPLES = readdirSync(MAPPINGS, { withFileTypes: true })
  .filter((one) => one.isDirectory())
  .flatMap(({ name: system }) => {
    const { inputs, samples = [] } = json<SystemFile>(system, 'system.json');
    return samples.flatMap((sample) =>
      inputs
        .filter((one) => one.id === sample.input)
        .map((kind) => ({ system, file: sample.file, contentType: contentTypeOf(kind) })),
    );
  });

/** The types that the sets `full`, `identity` and `directory` name. */
const SEEN = new Set(
  ['full', 'identity', 'directory'].flatMap((set) => {
    const text = readFileSync(join(MAPPINGS, '../profiles/views/elements', `${set}.json`), 'utf8');
    return Object.keys((JSON.parse(text) as { types: object }).types);
  }),
);

describe('every sample of every source', () => {
  it.each(SAMPLES)(
    '$system/$file is taken in: valid, labelled, and nothing twice',
    ({ system, file: name, contentType }) => {
      const taken = intake(ports, bundleOf(system, file(system, 'samples', name), contentType), 'sender', NOW);
      expect(taken.ok ? [] : taken.issues).toEqual([]);
    },
  );

  it('gives only types that the fullest view knows, so that somebody can see them', () => {
    const types = SAMPLES.flatMap(({ system, file: name, contentType }) => {
      const taken = intake(ports, bundleOf(system, file(system, 'samples', name), contentType), 'sender', NOW);
      return taken.ok ? taken.items.map((one) => one.resource.resourceType) : [];
    });
    // A consent that stands in a record decides nothing and goes to nobody (docs/decisions/0014): the register is asked, not the record.
    expect([...new Set(types)].filter((type) => !SEEN.has(type))).toEqual(['Consent']);
  });
});
