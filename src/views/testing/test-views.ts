import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDefinitions } from '../../fhir/load.ts';
import { buildViews, isElementOf, readViews, type ViewFiles, type Views } from '../registry.ts';

const FOLDER = join(import.meta.dirname, '../../../profiles/views');

/** The project's own views, for tests. */
export async function ownViews(): Promise<Views> {
  const result = readViews(FOLDER, await knownElements());
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.views;
}

/** The project's files as a value that a test may change before it builds views from them. */
export function ownFiles(): {
  views: Map<string, unknown>;
  elements: Map<string, unknown>;
  valueSets: Map<string, unknown>;
} {
  return {
    views: readFolder(FOLDER),
    elements: readFolder(join(FOLDER, 'elements')),
    valueSets: readFolder(join(FOLDER, '../valuesets')),
  };
}

/** What the registry says of these files. */
export async function build(files: ViewFiles) {
  return buildViews(files, await knownElements());
}

/** Whether a path is an element of FHIR R4. */
export const knownElements = async (): Promise<(path: string) => boolean> => isElementOf(await loadDefinitions());

const readFolder = (folder: string): Map<string, unknown> =>
  new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => [name.slice(0, -'.json'.length), JSON.parse(readFileSync(join(folder, name), 'utf8'))]),
  );
