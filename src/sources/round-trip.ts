import type { Bundle } from '@medplum/fhirtypes';
import { covers, type Losses } from './losses.ts';
import type { ReadMessage, Sources } from './registry.ts';

/** What came of one message that became FHIR and was written again in its own format. */
export interface RoundTrip {
  readonly system: string;
  readonly input: string;
  /** Values in the message. */
  readonly elements: number;
  /** Those that came back unchanged. */
  readonly back: number;
  /** Paths of the others, each once. */
  readonly losses: readonly string[];
  /** Losses that no line of losses.json explains, and lines that explain nothing here. */
  readonly unexplained: readonly string[];
}

/** What the gateway itself adds to a Bundle that goes out: number, moment and the URA of the sender. */
export interface Envelope {
  readonly messageId: string;
  readonly at: Date;
  readonly ura?: string;
}

/** The resources of a release as the Bundle that `Sources.write` takes. */
export const outgoing = (bundle: Bundle, { messageId, at, ura }: Envelope): Bundle => ({
  ...bundle,
  identifier: { system: 'http://gezinspoort.nl/fhir/NamingSystem/message', value: messageId },
  timestamp: at.toISOString(),
  ...(ura === undefined ? {} : { meta: { source: `urn:oid:2.16.528.1.1007.3.3.${ura}` } }),
});

/**
 * A message → FHIR → the same format again, compared value by value. `again` reads what was written (for JSON the record itself, for HL7 v2 the named
 * structure by our own reader). Throws where any of the steps refuses.
 */
export function roundTrip(
  sources: Sources,
  message: ReadMessage,
  losses: Losses,
  again: (written: Uint8Array) => unknown,
  newId: () => string,
): RoundTrip {
  const { source: system, kind, body } = message;
  const trip = losses.roundTrips[kind.id];
  if (!trip) throw new Error(`losses.json of ${system} does not say how ${kind.id} goes back.`);
  const mapped = sources.map(message, newId);
  if (!mapped.ok) throw new Error(`${system} ${kind.id} is not mapped.`);
  const bundle = outgoing(mapped.bundle, {
    messageId: message.messageId ?? 'round-trip',
    at: new Date(),
    ura: message.senderUra,
  });
  const written = sources.write(system, trip.output, bundle);
  if (!written.ok) throw new Error(`${system} ${trip.output} refuses ${JSON.stringify(written.issues)}`);
  const [result] = written.messages;
  const lost = missing(body, result && again(result), '', losses.named);
  const paths = [...new Set(lost)].sort();
  return {
    system,
    input: kind.id,
    elements: countOf(body),
    back: countOf(body) - lost.length,
    losses: paths,
    unexplained: paths.filter((path) => !trip.losses.some((one) => covers(one, path))),
  };
}

type Json = { readonly [key: string]: unknown };

/** The values that a message holds. */
export const countOf = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 1
    : Object.values(value).reduce((sum: number, one) => sum + countOf(one), 0);

/**
 * The paths of values of `source` that `result` does not hold in the same place. The items of a list may stand in another order: each is compared with the
 * item that it resembles most. `named`: the member that says what an item is; it stands in paths (`elements[630].value`) and must be the same.
 */
export function missing(source: unknown, result: unknown, path: string, named?: string): string[] {
  if (typeof source !== 'object' || source === null) return source === result ? [] : [path];
  if (Array.isArray(source)) return missingItems(source, Array.isArray(result) ? result : [], path, named);
  const other = (typeof result === 'object' && result !== null ? result : {}) as Json;
  return Object.entries(source).flatMap(([key, value]) =>
    missing(value, other[key], path === '' ? key : `${path}.${key}`, named),
  );
}

function missingItems(items: readonly unknown[], results: readonly unknown[], path: string, named?: string): string[] {
  const left = new Set(results);
  const lost: string[] = [];
  // Those that came back whole take their counterparts first.
  const open = items.filter((item) => {
    const same = [...left].find((one) => missing(item, one, path, named).length === 0);
    if (same === undefined) return true;
    left.delete(same);
    return false;
  });
  for (const item of open) {
    const name = named === undefined ? undefined : (item as Json | null)?.[named];
    const at = typeof name === 'number' ? `${path}[${name}]` : path;
    const candidates = [...left].filter(
      (one) => name === undefined || (one as Json | null)?.[named as string] === name,
    );
    const tried = candidates.map((one) => ({ one, lost: missing(item, one, at, named) }));
    const best = tried.sort((a, b) => a.lost.length - b.lost.length)[0];
    if (best) left.delete(best.one);
    lost.push(...(best ? best.lost : missing(item, undefined, at, named)));
  }
  return lost;
}
