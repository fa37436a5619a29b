import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, Observation, Resource } from '@medplum/fhirtypes';
import { loadDefinitions } from '../../fhir/load.ts';
import { loadSources, type ReadMessage } from '../registry.ts';
import type { InputKind } from '../system.ts';

// What the tests of the maps share: the real registry on the real folder.

/** The folder with one sub-folder per source system. */
export const MAPPINGS = join(import.meta.dirname, '../../../mappings');
/** The FHIR knowledge that maps are compiled and results are validated with. */
export const definitions = await loadDefinitions();
/** The source systems of this project, read and compiled. */
export const sources = await loadSources(MAPPINGS, definitions);

export type Json = Record<string, unknown>;

/** Bytes of a file below `mappings/`. */
export const file = (...path: string[]): Buffer => readFileSync(join(MAPPINGS, ...path));
/** A JSON file below `mappings/`. */
export const json = <T>(...path: string[]): T => JSON.parse(file(...path).toString('utf8')) as T;
/** A JSON message as it arrives. */
export const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** Ids that count, so that a Bundle can be compared as a whole. */
export function counter(): () => string {
  let count = 0;
  return () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`;
}

/** What a sender of this kind of message writes in Content-Type. */
export const contentTypeOf = ({ contentType, fhirVersion }: InputKind): string =>
  fhirVersion ? `${contentType}; fhirVersion=${fhirVersion}` : contentType;

/** Reads a message that must be readable. */
export function read(source: string, body: Uint8Array, contentType = 'application/json'): ReadMessage {
  const message = sources.read(source, contentType, body);
  if (!message.ok) throw new Error(`refused: ${JSON.stringify(message.issues)}`);
  return message;
}

/** Reads and maps a message that must be right. */
export function bundleOf(source: string, body: Uint8Array, contentType?: string): Bundle {
  const result = sources.map(read(source, body, contentType), counter());
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.issues)}`);
  return result.bundle;
}

/** The places that a refusal names, from reading or from mapping; empty where the message is accepted. */
export function refusedAt(source: string, body: Uint8Array, contentType = 'application/json'): (string | undefined)[] {
  const message = sources.read(source, contentType, body);
  const result = message.ok ? sources.map(message, counter()) : message;
  return result.ok ? [] : result.issues.map((issue) => issue.path);
}

/** The resources of a Bundle, in order. */
export const resources = (bundle: Bundle): Resource[] => (bundle.entry ?? []).flatMap((entry) => entry.resource ?? []);

/** The Observations of a Bundle, in order. */
export const observations = (bundle: Bundle): Observation[] =>
  resources(bundle).filter((resource): resource is Observation => resource.resourceType === 'Observation');
