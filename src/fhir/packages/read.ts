import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { list, type ReadEntry } from 'tar';
import { type Slim, slim } from './slim.ts';

/** What a FHIR package says about itself (its `package.json`), as far as it is read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly fhirVersions: readonly string[];
  readonly dependencies: readonly string[];
}

/** One package: its manifest and what is used of its conformance resources. */
export interface FhirPackage {
  readonly file: string;
  readonly manifest: Manifest;
  readonly resources: readonly Slim[];
}

/** Packages that say what this gateway brings itself; others may depend on them without their being there. */
const BUILT_IN = /^hl7\.(fhir\.r4\.core|fhir\.core|terminology)/;

/**
 * Reads every `.tgz` of a folder as a FHIR package (FHIR R4, NPM package specification). Throws with file and reason when one cannot be used or lacks
 * another one: the gateway does not start with less knowledge than its operator thinks.
 */
export function readPackages(folder: string): FhirPackage[] {
  const names = filesOf(folder);
  if (names.length === 0) throw new Error(`FHIR_PACKAGES: there is no .tgz file in ${folder}.`);
  const packages = names.map((name) => readPackage(join(folder, name), name));
  const present = new Set(packages.map((one) => one.manifest.name));
  for (const { file, manifest } of packages) {
    const missing = manifest.dependencies.find((one) => !present.has(one) && !BUILT_IN.test(one));
    if (missing) throw new Error(`FHIR_PACKAGES: ${file} needs the package ${missing}, which is not there.`);
  }
  return packages;
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.tgz'))
      .sort();
  } catch {
    throw new Error(`FHIR_PACKAGES: ${folder} is not a folder that can be read.`);
  }
}

function readPackage(path: string, file: string): FhirPackage {
  const fail = (reason: string): Error => new Error(`FHIR_PACKAGES: ${file}: ${reason}`);
  const resources: Slim[] = [];
  let manifest: Manifest | undefined;
  let broken: string | undefined;
  const take = (name: string, text: string): void => {
    const json = parse(text);
    if (!json) broken ??= name;
    else if (name === 'package.json') manifest = manifestOf(json);
    else resources.push(...[slim(json)].filter((one) => one !== undefined));
  };
  try {
    list({ file: path, sync: true, strict: true, onReadEntry: (entry) => collect(entry, take) });
  } catch {
    throw fail('is not a readable .tgz archive.');
  }
  if (broken !== undefined) throw fail(`${broken} is not JSON.`);
  if (!manifest) throw fail('has no package/package.json with a name and a version.');
  if (manifest.fhirVersions.length > 0 && !manifest.fhirVersions.some((one) => one.startsWith('4.0')))
    throw fail(`is for FHIR ${manifest.fhirVersions.join(', ')}; this gateway speaks R4 (4.0.1).`);
  return { file, manifest, resources };
}

/** Files of the folder `package` itself: its subfolders hold examples and texts. */
const FILE = /^package\/([^/]+\.json)$/;

/** Each file is read, parsed and reduced before the next: a package of 40 MB must not be in memory whole. */
function collect(entry: ReadEntry, take: (name: string, text: string) => void): void {
  const name = FILE.exec(entry.path)?.[1];
  if (name === undefined || name.startsWith('.')) {
    entry.resume();
    return;
  }
  const chunks: Buffer[] = [];
  entry.on('data', (chunk: Buffer) => chunks.push(chunk));
  entry.on('end', () => take(name, Buffer.concat(chunks).toString('utf8')));
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function manifestOf(json: Record<string, unknown>): Manifest | undefined {
  const { name, version, fhirVersions, 'fhir-version-list': listed, dependencies } = json;
  if (typeof name !== 'string' || typeof version !== 'string') return undefined;
  const versions = [fhirVersions, listed].find(Array.isArray) as string[] | undefined;
  return { name, version, fhirVersions: versions ?? [], dependencies: Object.keys((dependencies as object) ?? {}) };
}
