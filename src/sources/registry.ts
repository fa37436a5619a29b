import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle, ConceptMap, StructureDefinition } from '@medplum/fhirtypes';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Definitions } from '../fhir/definitions.ts';
import { packed, withStructures } from '../fhir/extend.ts';
import { parseJson } from '../fhir/json/strict-json.ts';
import type { PackedStructure } from '../fhir/pack-types.ts';
import { type Refusal, refuse, refuseAll } from '../fhir/problems.ts';
import { type CompiledMaps, compileMaps, type LineageEntry, type RunArguments } from '../mapping/index.ts';
import { hl7Models } from './hl7v2/model.ts';
import { readHl7 } from './hl7v2/read.ts';
import { sentAs } from './hl7v2/sent-as.ts';
import type { Hl7Message } from './hl7v2/types.ts';
import { parseLosses } from './losses.ts';
import { type Output, type Written, writeOutput } from './output.ts';
import { atPointer } from './pointer.ts';
import { checkSystem, type InputKind, type SystemFile } from './system.ts';
import { unreadElements } from './unread.ts';

/** A message that was read and fits its format, not yet mapped. */
export interface ReadMessage {
  readonly ok: true;
  readonly source: string;
  readonly kind: InputKind;
  readonly body: unknown;
  readonly messageId?: string;
  readonly senderUra?: string;
  readonly senderPath?: string;
  readonly referralKnown: boolean;
}

/** The systems of `mappings/`: reads a message in the system's own format, maps it to FHIR, and writes FHIR in that format. All pure. */
export interface Sources {
  has(source: string): boolean;
  read(source: string, contentType: string, bytes: Uint8Array): ReadMessage | Refusal;
  map(message: ReadMessage, newId: () => string): { readonly ok: true; readonly bundle: Bundle } | Refusal;
  /** As `map`, with where each element comes from. It takes longer: for whoever asks. */
  trace(message: ReadMessage, newId: () => string): Traced | Refusal;
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

interface System {
  readonly file: SystemFile;
  readonly maps: CompiledMaps;
  readonly models: readonly PackedStructure[];
  readonly schemas: ReadonlyMap<string, ValidateFunction>;
  readonly outputs: ReadonlyMap<string, Output>;
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
      const type = contentType.split(';')[0]?.trim().toLowerCase();
      // JSON is UTF-8 (RFC 8259 §8.1); a sender that says otherwise has garbled names to find.
      if (type === 'application/json' && /charset=(?!"?utf-8)/i.test(contentType))
        return refuse('content-type-unknown');
      const kinds = system.file.inputs.filter((one) => one.contentType === type);
      if (kinds.length === 0) return refuse('content-type-unknown');
      return type === 'application/hl7-v2'
        ? readMessage(source, kinds, bytes)
        : readRecord(source, kinds, system, bytes);
    },
    map: (message, newId) => mapMessage(systems.get(message.source), message, { newId }),
    trace: (message, newId) => mapMessage(systems.get(message.source), message, { newId, trace: true }),
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
      path: isHl7(message.kind) ? (sentAs(message.body as Hl7Message, path) ?? path) : path,
      expected,
    })),
    'mapping-failed',
  );
}

/** Loads one folder; whatever is wrong with it, the folder is named. */
async function loadSystem(folder: string, name: string, definitions: Definitions): Promise<System> {
  try {
    return await readSystem(folder, name, definitions);
  } catch (error) {
    throw new Error(`mappings/${name}: ${error instanceof Error ? error.message : 'cannot be read.'}`);
  }
}

async function readSystem(folder: string, name: string, definitions: Definitions): Promise<System> {
  const names = await readdir(folder);
  const read = async (file: string) => readFile(join(folder, file), 'utf8');
  const json = async (file: string): Promise<unknown> => {
    const text = await read(file);
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`${file} is not JSON.`);
    }
  };
  const file = await json('system.json');
  if (!checkSystem(file))
    throw new Error(
      `system.json ${(checkSystem.errors ?? []).map((one) => `${one.instancePath} ${one.message}`).join('; ')}`,
    );
  if (file.system !== name) throw new Error('system.json must name its own folder as system.');
  const ending = (end: string) => names.filter((one) => one.endsWith(end)).sort();
  const sources = await Promise.all(
    ending('.map').map(async (one) => ({ file: `${name}/${one}`, text: await read(one) })),
  );
  const conceptMaps = await Promise.all(ending('.conceptmap.json').map(async (one) => (await json(one)) as ConceptMap));
  const models = await Promise.all(
    ending('.logical.json').map(async (one) => packed((await json(one)) as StructureDefinition)),
  );
  const all = withStructures(definitions, [...models, ...hl7Models()]);
  const maps = compileMaps(sources, { definitions: all, conceptMaps });
  const schemas = new Map<string, ValidateFunction>();
  const recognised = new Set<string>();
  const ajv = addFormats.default(new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, verbose: false }));
  for (const kind of file.inputs) {
    // A message must fit exactly one input, and every record must be checked against something.
    const hl7 = isHl7(kind);
    if (hl7 && !kind.messageType) throw new Error(`input ${kind.id} needs a messageType.`);
    if (!hl7 && !kind.schema) throw new Error(`input ${kind.id} needs a schema.`);
    const key = hl7 ? `${kind.contentType} ${kind.messageType}` : kind.contentType;
    if (recognised.has(key)) throw new Error(`input ${kind.id} cannot be told apart from another input.`);
    recognised.add(key);
    if (!maps.urls.includes(kind.map)) throw new Error(`no map with the url of input ${kind.id}.`);
    if (kind.schema) schemas.set(kind.id, ajv.compile((await json(kind.schema)) as object));
  }
  const outputs = new Map<string, Output>();
  const losses = parseLosses(
    names.includes('losses.json') ? await json('losses.json') : { outputs: {}, roundTrips: {} },
  );
  for (const kind of file.outputs ?? []) {
    if (outputs.has(kind.id)) throw new Error(`output ${kind.id} stands twice.`);
    if (!maps.urls.includes(kind.map)) throw new Error(`no map with the url of output ${kind.id}.`);
    const check = kind.schema === undefined ? undefined : ajv.compile((await json(kind.schema)) as object);
    outputs.set(kind.id, { kind, map: maps.map(kind.map), check, losses });
  }
  return { file, maps, models, schemas, outputs };
}

const isHl7 = (kind: InputKind): boolean => kind.contentType === 'application/hl7-v2';

function readRecord(
  source: string,
  kinds: readonly InputKind[],
  system: System,
  bytes: Uint8Array,
): ReadMessage | Refusal {
  const parsed = parseJson(bytes);
  if (!parsed.ok) return refuse('json-invalid', undefined, parsed.message);
  const kind = kinds[0] as InputKind;
  const check = system.schemas.get(kind.id);
  if (check && !check(parsed.value)) {
    const issues = (check.errors ?? [])
      .filter((one) => one.keyword !== 'if')
      .map((one) => ({ code: 'schema-invalid' as const, path: one.instancePath || '/', expected: expectation(one) }));
    return refuseAll(issues, 'schema-invalid');
  }
  return found(source, kind, parsed.value);
}

/** What the schema asks for, from the schema's side only: allowed values, bounds, names; never the value that came. */
function expectation({ message, params }: NonNullable<ValidateFunction['errors']>[number]): string {
  const extra: unknown = params.additionalProperty;
  if (typeof extra === 'string') return /^[A-Za-z]{1,40}$/.test(extra) ? `no member ${extra}` : 'no further members';
  if (Array.isArray(params.allowedValues)) return `one of ${params.allowedValues.slice(0, 20).join(', ')}`;
  return message ?? 'another value';
}

function readMessage(source: string, kinds: readonly InputKind[], bytes: Uint8Array): ReadMessage | Refusal {
  const reading = readHl7(bytes);
  if (!reading.ok)
    return refuseAll(
      reading.issues.map(({ code, path, message }) => ({
        code: code === 'hl7-version' ? 'version-unsupported' : 'hl7-invalid',
        path,
        expected: message,
      })),
      'hl7-invalid',
    );
  const { processingId } = reading.message.MSH;
  if (processingId !== 'P')
    return refuse('hl7-invalid', 'MSH-11', 'P: test and training messages do not belong in this gateway');
  const kind = kinds.find((one) => one.messageType === reading.message.type);
  return kind ? found(source, kind, reading.message) : refuse('message-type-unknown', 'MSH-9');
}

function found(source: string, kind: InputKind, body: unknown): ReadMessage {
  const text = (pointer: string | undefined) => {
    const value = pointer === undefined ? undefined : atPointer(body, pointer);
    return typeof value === 'string' ? value : undefined;
  };
  const { messageId, senderUra, referralKnown } = kind;
  return {
    ok: true,
    source,
    kind,
    body,
    messageId: text(messageId),
    senderUra: text(senderUra),
    senderPath: senderUra,
    // Never deduced: only where the message says so in the place the source is configured with.
    referralKnown: referralKnown !== undefined && atPointer(body, referralKnown.pointer) === referralKnown.equals,
  };
}
