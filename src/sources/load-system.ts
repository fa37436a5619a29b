import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConceptMap, StructureDefinition } from '@medplum/fhirtypes';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Definitions } from '../fhir/definitions.ts';
import { packed, withStructures } from '../fhir/extend.ts';
import type { PackedStructure } from '../fhir/pack-types.ts';
import { type CompiledMaps, compileMaps } from '../mapping/index.ts';
import { type Dropped, NOTHING_DROPPED, parseDropped } from './dropped.ts';
import { hl7Models } from './hl7v2/model.ts';
import { type BdsFile, parseBds } from './hl7v3/bds.ts';
import { namesIn } from './left-behind.ts';
import { parseLosses } from './losses.ts';
import type { Output } from './output.ts';
import { checkSystem, type InputKind, type OutputKind, type SystemFile } from './system.ts';

/** One folder of `mappings/`, read, checked and compiled. */
export interface System {
  readonly file: SystemFile;
  readonly maps: CompiledMaps;
  readonly models: readonly PackedStructure[];
  readonly schemas: ReadonlyMap<string, ValidateFunction>;
  /** By input: the names that its schema knows; none for HL7 v2, whose names are this project's own. */
  readonly names: ReadonlyMap<string, ReadonlySet<string>>;
  readonly elements: ReadonlyMap<string, BdsFile>;
  readonly dropped: Dropped;
  readonly outputs: ReadonlyMap<string, Output>;
}

/** Loads one folder; whatever is wrong with it, the folder is named. */
export async function loadSystem(path: string, name: string, definitions: Definitions): Promise<System> {
  try {
    return await readSystem(await openFolder(path), name, definitions);
  } catch (error) {
    throw new Error(`mappings/${name}: ${error instanceof Error ? error.message : 'cannot be read.'}`);
  }
}

interface Folder {
  has(file: string): boolean;
  text(file: string): Promise<string>;
  json(file: string): Promise<unknown>;
  /** The content of all files with this ending. */
  all<T>(ending: string, read: (file: string) => Promise<T>): Promise<T[]>;
  /** A JSON Schema, compiled; inputs and outputs of the same record share it. */
  schema(file: string): Promise<ValidateFunction>;
}

async function openFolder(path: string): Promise<Folder> {
  const names = (await readdir(path)).sort();
  // Unoptimised code: optimising takes three quarters of the time to compile, and whoever starts a gateway waits for it.
  const code = { optimize: false };
  const ajv = addFormats.default(
    new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, verbose: false, code }),
  );
  const compiled = new Map<string, ValidateFunction>();
  const text = async (file: string) => readFile(join(path, file), 'utf8');
  const json = async (file: string): Promise<unknown> => {
    const content = await text(file);
    try {
      return JSON.parse(content);
    } catch {
      throw new Error(`${file} is not JSON.`);
    }
  };
  return {
    has: (file) => names.includes(file),
    text,
    json,
    all: (ending, read) => Promise.all(names.filter((one) => one.endsWith(ending)).map(read)),
    async schema(file) {
      const check = compiled.get(file) ?? ajv.compile((await json(file)) as object);
      compiled.set(file, check);
      return check;
    },
  };
}

async function readSystem(folder: Folder, name: string, definitions: Definitions): Promise<System> {
  const file = await folder.json('system.json');
  if (!checkSystem(file))
    throw new Error(
      `system.json ${(checkSystem.errors ?? []).map((one) => `${one.instancePath} ${one.message}`).join('; ')}`,
    );
  if (file.system !== name) throw new Error('system.json must name its own folder as system.');
  const texts = await folder.all('.map', async (one) => ({ file: `${name}/${one}`, text: await folder.text(one) }));
  const conceptMaps = await folder.all('.conceptmap.json', async (one) => (await folder.json(one)) as ConceptMap);
  const models = await folder.all('.logical.json', async (one) =>
    packed((await folder.json(one)) as StructureDefinition),
  );
  const maps = compileMaps(texts, {
    definitions: withStructures(definitions, [...models, ...hl7Models()]),
    conceptMaps,
  });
  return {
    file,
    maps,
    models,
    ...(await readInputs(folder, file.inputs, maps)),
    dropped: folder.has('dropped.json') ? parseDropped(await folder.json('dropped.json')) : NOTHING_DROPPED,
    outputs: await readOutputs(folder, file.outputs ?? [], maps),
  };
}

/** A message must fit exactly one input, and every record must be checked against something. */
async function readInputs(
  folder: Folder,
  inputs: readonly InputKind[],
  maps: CompiledMaps,
): Promise<Pick<System, 'schemas' | 'names' | 'elements'>> {
  const schemas = new Map<string, ValidateFunction>();
  const names = new Map<string, ReadonlySet<string>>();
  const elements = new Map<string, BdsFile>();
  const recognised = new Set<string>();
  for (const kind of inputs) {
    const hl7 = kind.contentType === 'application/hl7-v2';
    if (hl7 && !kind.messageType) throw new Error(`input ${kind.id} needs a messageType.`);
    if (!hl7 && !kind.schema) throw new Error(`input ${kind.id} needs a schema.`);
    if (kind.contentType === 'application/xml' && !(kind.elements && kind.interactions))
      throw new Error(`input ${kind.id} needs elements and interactions.`);
    const key = [kind.contentType, kind.messageType, kind.fhirVersion].join(' ');
    if (recognised.has(key)) throw new Error(`input ${kind.id} cannot be told apart from another input.`);
    recognised.add(key);
    if (!maps.urls.includes(kind.map)) throw new Error(`no map with the url of input ${kind.id}.`);
    if (kind.schema) {
      schemas.set(kind.id, await folder.schema(kind.schema));
      names.set(kind.id, namesIn(await folder.json(kind.schema)));
    }
    if (kind.elements) elements.set(kind.id, parseBds(await folder.json(kind.elements)));
  }
  return { schemas, names, elements };
}

async function readOutputs(
  folder: Folder,
  kinds: readonly OutputKind[],
  maps: CompiledMaps,
): Promise<ReadonlyMap<string, Output>> {
  const outputs = new Map<string, Output>();
  const losses = parseLosses(
    folder.has('losses.json') ? await folder.json('losses.json') : { outputs: {}, roundTrips: {} },
  );
  for (const kind of kinds) {
    if (outputs.has(kind.id)) throw new Error(`output ${kind.id} stands twice.`);
    if (!maps.urls.includes(kind.map)) throw new Error(`no map with the url of output ${kind.id}.`);
    const check = kind.schema === undefined ? undefined : await folder.schema(kind.schema);
    outputs.set(kind.id, { kind, map: maps.map(kind.map), check, losses });
  }
  return outputs;
}
