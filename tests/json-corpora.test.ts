import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { readFhir } from '../src/exchange/fhir-in/read.ts';
import { intake } from '../src/exchange/intake.ts';
import type { Issue, Refusal } from '../src/fhir/problems.ts';
import { counter, sources } from '../src/sources/testing/maps-testkit.ts';
import { createVault } from '../src/store/vault.ts';
import { knowledge } from './support/knowledge.ts';
import { ownTime } from './support/own-time.ts';
import { showResult } from './support/results.ts';
import { sharedDir } from './support/shared.ts';

const shared = sharedDir();
const corpora = join(shared ?? '', 'corpora');
const ports = { ...knowledge, vault: createVault(Buffer.alloc(32, 3)) };
const NOW = new Date('2026-11-01T10:00:00Z');

type Read = { ok: true; bundle: Bundle } | Refusal;
const mapped = (source: string, contentType: string, bytes: Buffer): Read => {
  const message = sources.read(source, contentType, bytes);
  return message.ok ? sources.map(message, counter()) : message;
};

/** Every door that takes JSON, up to the patient. */
const DOORS: Record<string, (bytes: Buffer) => Read> = {
  'HiX consult': (bytes) => mapped('hix', 'application/json', bytes),
  'HiX STU3': (bytes) => mapped('hix', 'application/fhir+json; fhirVersion=3.0', bytes),
  'KD+ record': (bytes) => mapped('kdplus', 'application/json', bytes),
  'FHIR R4': (bytes) => readFhir(ports, bytes),
};

function push(read: (bytes: Buffer) => Read, bytes: Buffer): { issues: readonly Issue[]; milliseconds: number } {
  let issues: readonly Issue[] = [];
  const milliseconds = ownTime(() => {
    const bundle = read(bytes);
    const taken = bundle.ok ? intake(ports, bundle.bundle, 'sender', NOW) : bundle;
    if (!taken.ok) issues = taken.issues;
  });
  return { issues, milliseconds };
}

/** Larger bodies are refused at the door (413). */
const LARGEST = 5 * 1024 * 1024;

describe.skipIf(!shared)(
  'every JSON file of ../shared/corpora, at every door that takes JSON (skipped where absent)',
  () => {
    const files = readdirSync(corpora, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .map((name) => ({ name, bytes: readFileSync(join(corpora, name)) }))
      .filter(({ bytes }) => bytes.length <= LARGEST);

    it.for(Object.keys(DOORS))(
      '%s: taken in as valid FHIR, or refused with a code and a place, within a second',
      { timeout: 300_000 },
      (door, context) => {
        let taken = 0;
        for (const { name, bytes } of files) {
          const { issues, milliseconds } = push(DOORS[door] as (bytes: Buffer) => Read, bytes);
          expect([name, milliseconds < 1_000]).toEqual([name, true]);
          // Text that is no JSON has no place to name.
          const nowhere = issues.filter(({ code, path }) => path === undefined && code !== 'json-invalid');
          expect([name, nowhere]).toEqual([name, []]);
          if (issues.length === 0) taken += 1;
        }
        expect(files.length).toBeGreaterThan(2_000);
        showResult(context, {
          what: `corpora: JSON files at the door ${door}`,
          passed: files.length,
          of: files.length,
          note: `answered in time; ${taken} taken in, ${files.length - taken} refused with code and place`,
        });
      },
    );
  },
);
