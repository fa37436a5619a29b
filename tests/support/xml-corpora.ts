import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { intake } from '../../src/exchange/intake.ts';
import type { Issue, ProblemCode } from '../../src/fhir/problems.ts';
import { sources } from '../../src/sources/testing/maps-testkit.ts';
import { createVault } from '../../src/store/vault.ts';
import { knowledge } from './knowledge.ts';
import { ownTime } from './own-time.ts';
import { sharedDir } from './shared.ts';

/** What became of one XML message: taken in as valid FHIR, or refused with reasons. */
export interface XmlOutcome {
  readonly file: string;
  readonly text: string;
  readonly issues: readonly Issue[];
  readonly milliseconds: number;
}

const ports = { ...knowledge, vault: createVault(Buffer.alloc(32, 7)) };

/** Sends a message through reader, schema, maps and intake (validation, labels), as the door does, and measures it. */
export function pushXml(file: string, bytes: Buffer): XmlOutcome {
  let issues: readonly Issue[] = [];
  const milliseconds = ownTime(() => {
    const message = sources.read('kdplus', 'application/xml', bytes);
    const mapped = message.ok ? sources.map(message, () => crypto.randomUUID()) : message;
    const taken = mapped.ok ? intake(ports, mapped.bundle, 'jgz', new Date('2026-11-01T10:00:00Z')) : mapped;
    if (!taken.ok) issues = taken.issues;
  });
  return { file, text: bytes.toString('utf8'), issues, milliseconds };
}

/** The XML files of the shared corpora, and the lines of the attack lists that are XML; empty without the corpora. */
export function xmlCorpora(): { file: string; bytes: Buffer }[] {
  const shared = sharedDir();
  if (!shared) return [];
  const corpora = join(shared, 'corpora');
  const files = readdirSync(corpora, { recursive: true, encoding: 'utf8' });
  const messages = files
    .filter((file) => file.endsWith('.xml'))
    .map((file) => ({ file: relative(corpora, join(corpora, file)), bytes: readFileSync(join(corpora, file)) }));
  const attacks = readFileSync(join(corpora, 'naughty-strings/fuzzdb/xml/xml-attacks.txt'), 'utf8').split('\n');
  const lines = attacks.map((line, index) => ({
    file: `naughty-strings/xml-attacks:${index + 1}`,
    bytes: Buffer.from(line.replace(/^"|"$/g, '').replaceAll('""', '"')),
  }));
  return [...messages, ...lines];
}

/** Per first code (`accepted` where there is none) how many messages: a row of the table of results. */
export function countOutcomes(outcomes: readonly XmlOutcome[]): Partial<Record<ProblemCode | 'accepted', number>> {
  const counts: Partial<Record<ProblemCode | 'accepted', number>> = {};
  for (const { issues } of outcomes) {
    const code = issues[0]?.code ?? 'accepted';
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}
