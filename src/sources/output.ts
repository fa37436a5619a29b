import type { Bundle, Resource } from '@medplum/fhirtypes';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { type Issue, type Refusal, refuseAll } from '../fhir/problems.ts';
import { watch } from '../mapping/coverage.ts';
import type { CompiledMap } from '../mapping/index.ts';
import type { Hl7Message } from './hl7v2/types.ts';
import { writeHl7 } from './hl7v2/write.ts';
import { linked } from './linked.ts';
import { explains, type Losses } from './losses.ts';
import type { OutputKind } from './system.ts';

/** A Bundle in a system's own format: one JSON record, or HL7 v2 messages that go out one by one (without MLLP framing); none where nothing in the Bundle is for this output. */
export interface Written {
  readonly ok: true;
  readonly contentType: string;
  readonly messages: readonly Uint8Array[];
  /** What of the Bundle is not in them, each explained by losses.json: paths by resource type (`Condition.onsetDateTime`), never values. */
  readonly losses: readonly string[];
}

/** One output made ready: its map, and for JSON the schema that the record must fit. */
export interface Output {
  readonly kind: OutputKind;
  readonly map: CompiledMap;
  readonly check: ValidateFunction | undefined;
  readonly losses: Losses;
}

/**
 * Writes a Bundle in the format of one output. Pure. Refused, with the place and never the value: what does not fit the format (a weight that is no whole
 * number of grams, a text that is too long), and what neither a rule of the map reads nor a line of losses.json explains. `identifier`, `timestamp` and
 * `meta.source` (the URA of the sender) of the Bundle become the number, moment and sender of the message.
 */
export function writeOutput({ kind, map, check, losses }: Output, bundle: Bundle): Written | Refusal {
  const { input, unread } = watched(linked(bundle));
  const result = map.run(input, { newId: noId });
  if (!result.ok) {
    const issues = result.issues.map(
      ({ path, message }): Issue => ({ code: 'output-failed', path, expected: message }),
    );
    return refuseAll(issues, 'output-failed');
  }
  const left = unread();
  // Nothing in it is for this output (a report, where there are only measurements): nothing is sent, and nothing is missed.
  if (kind.contentType === 'application/hl7-v2' && messagesOf(result.target).length === 0)
    return { ok: true, contentType: kind.contentType, messages: [], losses: left };
  const unexplained = left.filter((path) => !explains(losses, kind.id, path));
  if (unexplained.length > 0)
    return refuseAll(
      unexplained.map((path) => ({ code: 'output-unexplained', path })),
      'output-unexplained',
    );
  return kind.contentType === 'application/json'
    ? writeJson(kind, check, result.target, left)
    : writeMessages(kind, result.target, left);
}

/** Ids are the gateway's: what leaves must not hold new ones. */
const noId = (): string => {
  throw new Error('A map that writes for a receiver makes no ids.');
};

/** The Bundle, watched resource by resource, so that what was not read is told by resource type. */
function watched(bundle: Bundle): { input: Bundle; unread(): string[] } {
  const all = (bundle.entry ?? []).map(({ resource }) => resource && watch(resource));
  const entry = (bundle.entry ?? []).map((one, index) => ({ ...one, resource: all[index]?.input as Resource }));
  return {
    input: { ...bundle, entry },
    unread: () => {
      const paths = (bundle.entry ?? []).flatMap(({ resource }, index) =>
        (all[index]?.unread() ?? [])
          .filter((path) => path !== 'resourceType' && path !== 'id' && path !== 'meta' && !path.startsWith('meta.'))
          .map((path) => `${resource?.resourceType}.${path}`),
      );
      return [...new Set(paths)].sort();
    },
  };
}

function writeJson(
  kind: OutputKind,
  check: ValidateFunction | undefined,
  record: unknown,
  losses: readonly string[],
): Written | Refusal {
  if (check && !check(record)) {
    const issues = (check.errors ?? [])
      .filter((one) => one.keyword !== 'if')
      .map((one): Issue => ({ code: 'output-failed', path: one.instancePath || '/', expected: one.message }));
    return refuseAll(issues, 'output-failed');
  }
  const messages = [Buffer.from(JSON.stringify(record), 'utf8')];
  return { ok: true, contentType: kind.contentType, messages, losses };
}

const messagesOf = (target: unknown): Hl7Message[] => (target as { messages?: Hl7Message[] }).messages ?? [];

/** Several messages from one Bundle get a number each: `X-1`, `X-2`. */
function writeMessages(kind: OutputKind, target: unknown, losses: readonly string[]): Written | Refusal {
  const all = messagesOf(target);
  const messages: Buffer[] = [];
  const issues: Issue[] = [];
  for (const [index, message] of all.entries()) {
    const controlId = all.length > 1 ? `${message.MSH?.controlId}-${index + 1}` : message.MSH?.controlId;
    const MSH = { ...message.MSH, ...(controlId === undefined ? {} : { controlId }) };
    const written = writeHl7({ ...message, MSH }, kind.charset ?? 'UNICODE UTF-8');
    if (written.ok) messages.push(written.bytes);
    else
      for (const { path, message: expected } of written.issues) issues.push({ code: 'output-failed', path, expected });
  }
  if (issues.length > 0) return refuseAll(issues, 'output-failed');
  return { ok: true, contentType: kind.contentType, messages, losses };
}
