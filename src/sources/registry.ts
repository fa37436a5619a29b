import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from '@medplum/fhirtypes';
import type { Definitions } from '../fhir/definitions.ts';
import { type Refusal, refuse, refuseAll } from '../fhir/problems.ts';
import { loadSystem, type System } from './load-system.ts';
import { type Written, writeOutput } from './output.ts';
import { type ReadMessage, readerOf } from './readers.ts';
import { unreadElements } from './unread.ts';

export type { ReadMessage } from './readers.ts';

/** The systems of `mappings/`: reads a message in the system's own format, maps it to FHIR, and writes FHIR in that format. All pure. */
export interface Sources {
  has(source: string): boolean;
  read(source: string, contentType: string, bytes: Uint8Array): ReadMessage | Refusal;
  map(message: ReadMessage, newId: () => string): { readonly ok: true; readonly bundle: Bundle } | Refusal;
  /** The elements of its logical models that no map of the system reads, whatever the message. */
  unread(system: string): readonly string[];
  /** The way out: a Bundle of shared resources in the system's own format. Only what was released may be given to it. */
  write(system: string, output: string, bundle: Bundle): Written | Refusal;
}

/** Reads and compiles every folder of `dir`. A folder that cannot be right stops the start with the reason. A new source is a new folder. */
export async function loadSources(dir: string, definitions: Definitions): Promise<Sources> {
  const folders = (await readdir(dir, { withFileTypes: true }))
    .filter((one) => one.isDirectory())
    .map((one) => one.name);
  const systems = new Map<string, System>();
  for (const folder of folders.sort()) systems.set(folder, await loadSystem(join(dir, folder), folder, definitions));
  return {
    has: (source) => systems.has(source),
    read(source, contentType, bytes) {
      const system = systems.get(source);
      if (!system) return refuse('source-unknown');
      const found = readerOf(system, contentType);
      return found.ok ? found.read(bytes) : found;
    },
    map(message, newId) {
      const map = systems.get(message.source)?.maps.map(message.kind.map);
      const result = map?.run(message.body, { newId });
      if (!result) return refuse('source-unknown');
      if (result.ok) return { ok: true, bundle: result.target as Bundle };
      return refuseAll(
        result.issues.map(({ path, message: expected }) => ({
          code: 'mapping-failed',
          path: message.sentAs?.(path) ?? path,
          expected,
        })),
        'mapping-failed',
      );
    },
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
