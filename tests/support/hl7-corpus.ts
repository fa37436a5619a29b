import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { intake } from '../../src/exchange/intake.ts';
import { withSendersPlaces } from '../../src/exchange/senders-places.ts';
import { loadDefinitions } from '../../src/fhir/load.ts';
import type { Issue } from '../../src/fhir/problems.ts';
import { readBatch } from '../../src/sources/hl7v2/batch.ts';
import { loadSources } from '../../src/sources/registry.ts';
import { createVault } from '../../src/store/vault.ts';
import { knowledge } from './knowledge.ts';
import { ownTime } from './own-time.ts';

/** What became of one message of a file. */
export interface Hl7Outcome {
  readonly file: string;
  /** Position in the file, from 0: a batch holds several. */
  readonly index: number;
  readonly bytes: Uint8Array;
  /** `taken`: a valid Bundle that the gateway takes in; `bundle`: a valid Bundle that is refused for whom or what it is about; else refused on the way. */
  readonly result: 'taken' | 'bundle' | 'refused';
  readonly issues: readonly Issue[];
  /** Processor time of reading, mapping and validating. */
  readonly milliseconds: number;
}

const ports = { ...knowledge, vault: createVault(Buffer.alloc(32, 5)) };
const sources = await loadSources('mappings', await loadDefinitions());

/** Every HL7 v2 file below a folder, through reader, maps, validation and the door's own checks, as messages of HiX. Throws where any of these does. */
export function hl7Outcomes(folder: string): Hl7Outcome[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(hl7|txt|xml)$/.test(name),
  );
  return names.sort().flatMap((file) => {
    const bytes = readFileSync(join(folder, file));
    const batch = readBatch(bytes);
    if (batch && !batch.ok) {
      const { path, message: expected } = batch.issue;
      return [
        {
          file,
          index: 0,
          bytes,
          result: 'refused',
          issues: [{ code: 'hl7-invalid', path, expected }],
          milliseconds: 0,
        },
      ];
    }
    return (batch?.batch.messages ?? [bytes]).map((message, index) => ({
      file,
      index,
      bytes: message,
      ...outcomeOf(message),
    }));
  });
}

function outcomeOf(bytes: Uint8Array): Pick<Hl7Outcome, 'result' | 'issues' | 'milliseconds'> {
  let outcome: Pick<Hl7Outcome, 'result' | 'issues'> = { result: 'refused', issues: [] };
  const milliseconds = ownTime(() => {
    outcome = judgedHl7(bytes);
  });
  return { ...outcome, milliseconds };
}

/** One message through reader, maps, validation and the door's own checks. */
export function judgedHl7(bytes: Uint8Array): Pick<Hl7Outcome, 'result' | 'issues'> {
  const message = sources.read('hix', 'application/hl7-v2', bytes);
  if (!message.ok) return { result: 'refused', issues: message.issues };
  const mapped = sources.map(message, randomUUID);
  if (!mapped.ok) return { result: 'refused', issues: mapped.issues };
  const taken = intake(ports, mapped.bundle, 'hospital', new Date());
  if (taken.ok) return { result: 'taken', issues: [] };
  const { issues } = withSendersPlaces(sources, message, taken);
  return { result: issues.some((one) => one.code === 'fhir-invalid') ? 'refused' : 'bundle', issues };
}

/** Counts per outcome, the most frequent first: `refused: version-unsupported` → 412. */
export function countOutcomes(outcomes: readonly Hl7Outcome[]): [outcome: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { result, issues } of outcomes) {
    const name = [result, issues[0]?.code].filter(Boolean).join(': ');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}
