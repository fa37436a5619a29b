import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from '@medplum/fhirtypes';
import type { Definitions } from '../fhir/definitions.ts';
import { type Refusal, refuse, refuseAll } from '../fhir/problems.ts';
import type { LineageEntry, RunArguments } from '../mapping/index.ts';
import { type Dropped, NOTHING_DROPPED } from './dropped.ts';
import { leftBehind } from './left-behind.ts';
import { loadSystem, type System } from './load-system.ts';
import { type Written, writeOutput } from './output.ts';
import { type ReadMessage, readerOf } from './readers.ts';
import { unreadElements } from './unread.ts';

export type { ReadMessage } from './readers.ts';

/** The systems of `mappings/`: reads a message in the system's own format, maps it to FHIR, and writes FHIR in that format. All pure. */
export interface Sources {
  readonly names: readonly string[];
  has(source: string): boolean;
  read(source: string, contentType: string, bytes: Uint8Array): ReadMessage | Refusal;
  map(message: ReadMessage, newId: () => string): { readonly ok: true; readonly bundle: Bundle } | Refusal;
  /** As `map`, with where each element comes from. It takes longer: for whoever asks. */
  trace(message: ReadMessage, newId: () => string): Traced | Refusal;
  /** The elements of a message that its reader or the maps left, counted by path, without values. */
  leftBehind(message: ReadMessage): ReadonlyMap<string, number>;
  /** What of a system's messages is left behind on purpose. */
  dropped(source: string): Dropped;
  /** The elements of its logical models that no map of the system reads, whatever the message. */
  unread(system: string): readonly string[];
  /** The way out: a Bundle of shared resources in the system's own format. Only what was released may be given to it. */
  write(system: string, output: string, bundle: Bundle): Written | Refusal;
}

/** A mapped message with its lineage. Paths into the message are those of the body that the map read; `asSent` gives them as the sender knows them. */
export interface Traced {
  readonly ok: true;
  readonly bundle: Bundle;
  readonly lineage: readonly LineageEntry[];
}

/** Reads and compiles every folder of `dir`. A folder that cannot be right stops the start with the reason. A new source is a new folder. */
export async function loadSources(dir: string, definitions: Definitions): Promise<Sources> {
  const folders = (await readdir(dir, { withFileTypes: true }))
    .filter((one) => one.isDirectory())
    .map((one) => one.name);
  const systems = new Map<string, System>();
  for (const folder of folders.sort()) systems.set(folder, await loadSystem(join(dir, folder), folder, definitions));
  return {
    names: [...systems.keys()],
    has: (source) => systems.has(source),
    read(source, contentType, bytes) {
      const system = systems.get(source);
      if (!system) return refuse('source-unknown');
      const found = readerOf(system, contentType);
      return found.ok ? found.read(bytes) : found;
    },
    map: (message, newId) => mapMessage(systems.get(message.source), message, { newId }),
    trace: (message, newId) => mapMessage(systems.get(message.source), message, { newId, trace: true }),
    leftBehind(message) {
      const system = systems.get(message.source);
      const run = (body: unknown) => void mapMessage(system, { ...message, body }, { newId: () => '' });
      const counts = leftBehind(
        message.body,
        run,
        system?.dropped ?? NOTHING_DROPPED,
        system?.names.get(message.kind.id),
      );
      for (const path of message.left ?? []) counts.set(path, (counts.get(path) ?? 0) + 1);
      return counts;
    },
    dropped: (source) => systems.get(source)?.dropped ?? NOTHING_DROPPED,
    unread(system) {
      const found = systems.get(system);
      return found ? unreadElements(found.models, found.maps.reads) : [];
    },
    write(system, output, bundle) {
      const found = systems.get(system)?.outputs.get(output);
      return found ? writeOutput(found, bundle) : refuse('output-unknown');
    },
  };
}

function mapMessage(system: System | undefined, message: ReadMessage, args: RunArguments): Traced | Refusal {
  const result = system?.maps.map(message.kind.map).run(message.body, args);
  if (!result) return refuse('source-unknown');
  if (result.ok) return { ok: true, bundle: result.target as Bundle, lineage: result.lineage ?? [] };
  return refuseAll(
    result.issues.map(({ path, message: expected }) => ({
      code: 'mapping-failed',
      path: message.sentAs?.(path) ?? path,
      expected,
    })),
    'mapping-failed',
  );
}
