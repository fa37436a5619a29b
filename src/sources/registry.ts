import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle, ConceptMap, StructureDefinition } from '@medplum/fhirtypes';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import canonicalize from 'canonicalize';
import type { Definitions } from '../fhir/definitions.ts';
import { packed, withStructures } from '../fhir/extend.ts';
import { parseJson } from '../fhir/json/strict-json.ts';
import { type Refusal, refuse, refuseAll } from '../fhir/problems.ts';
import { type CompiledMaps, compileMaps } from '../mapping/index.ts';
import { hl7Models } from './hl7v2/model.ts';
import { readHl7 } from './hl7v2/read.ts';
import { sentAs } from './hl7v2/sent-as.ts';
import { type BdsFile, parseBds } from './hl7v3/bds.ts';
import { readHl7v3 } from './hl7v3/read.ts';
import { parseLosses } from './losses.ts';
import { misfits } from './misfits.ts';
import { type Output, type Written, writeOutput } from './output.ts';
import { atPointer, valuesAtPointer } from './pointer.ts';
import { checkSystem, type InputKind, type Marker, type SystemFile } from './system.ts';

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
  /** What makes the message what it is: bytes, or one writing of all content where it may be written in several ways. */
  readonly content: Uint8Array | string;
  /** What the reader left on purpose, for the coverage: paths that dropped.json explains. */
  readonly left?: readonly string[];
  /** A place in the body as the sender knows it, where the format names places in its own way. */
  readonly sentAs?: (path: string) => string | undefined;
}

/** The systems of `mappings/`: reads a message in the system's own format, maps it to FHIR, and writes FHIR in that format. All pure. */
export interface Sources {
  has(source: string): boolean;
  read(source: string, contentType: string, bytes: Uint8Array): ReadMessage | Refusal;
  map(message: ReadMessage, newId: () => string): { readonly ok: true; readonly bundle: Bundle } | Refusal;
  /** The way out: a Bundle of shared resources in the system's own format. Only what was released may be given to it. */
  write(system: string, output: string, bundle: Bundle): Written | Refusal;
}

interface System {
  readonly file: SystemFile;
  readonly maps: CompiledMaps;
  readonly schemas: ReadonlyMap<string, ValidateFunction>;
  readonly elements: ReadonlyMap<string, BdsFile>;
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
      if (type === 'application/hl7-v2') return readMessage(source, kinds, bytes);
      return type === 'application/xml'
        ? readDossier(source, kinds, system, bytes)
        : readRecord(source, kinds, system, bytes);
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
    write(system, output, bundle) {
      const found = systems.get(system)?.outputs.get(output);
      return found ? writeOutput(found, bundle) : refuse('output-unknown');
    },
  };
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
  const elements = new Map<string, BdsFile>();
  const recognised = new Set<string>();
  const ajv = addFormats.default(new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, verbose: false }));
  const compiled = new Map<string, ValidateFunction>();
  // Inputs that are read into the same record share its schema.
  const schema = async (one: string) => {
    const check = compiled.get(one) ?? ajv.compile((await json(one)) as object);
    compiled.set(one, check);
    return check;
  };
  for (const kind of file.inputs) {
    // A message must fit exactly one input, and every record must be checked against something.
    const hl7 = isHl7(kind);
    if (hl7 && !kind.messageType) throw new Error(`input ${kind.id} needs a messageType.`);
    if (!hl7 && !kind.schema) throw new Error(`input ${kind.id} needs a schema.`);
    const key = hl7 ? `${kind.contentType} ${kind.messageType}` : kind.contentType;
    if (recognised.has(key)) throw new Error(`input ${kind.id} cannot be told apart from another input.`);
    recognised.add(key);
    if (!maps.urls.includes(kind.map)) throw new Error(`no map with the url of input ${kind.id}.`);
    if (kind.contentType === 'application/xml' && !(kind.elements && kind.interactions))
      throw new Error(`input ${kind.id} needs elements and interactions.`);
    if (kind.schema) schemas.set(kind.id, await schema(kind.schema));
    if (kind.elements) elements.set(kind.id, parseBds(await json(kind.elements)));
  }
  const outputs = new Map<string, Output>();
  const losses = parseLosses(
    names.includes('losses.json') ? await json('losses.json') : { outputs: {}, roundTrips: {} },
  );
  for (const kind of file.outputs ?? []) {
    if (outputs.has(kind.id)) throw new Error(`output ${kind.id} stands twice.`);
    if (!maps.urls.includes(kind.map)) throw new Error(`no map with the url of output ${kind.id}.`);
    const check = kind.schema === undefined ? undefined : await schema(kind.schema);
    outputs.set(kind.id, { kind, map: maps.map(kind.map), check, losses });
  }
  return { file, maps, schemas, elements, outputs };
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
  // A record that was only written anew (spaces, order of members) is the same message.
  const read = found(source, kind, parsed.value, canonicalize(parsed.value) ?? '');
  return misfit(system, read) ?? read;
}

/** HL7 v3: read into the record that the schema describes, and checked as if it had come as JSON; places are named as they were sent. */
function readDossier(
  source: string,
  kinds: readonly InputKind[],
  system: System,
  bytes: Uint8Array,
): ReadMessage | Refusal {
  const kind = kinds[0] as InputKind;
  const elements = system.elements.get(kind.id);
  if (!elements) return refuse('source-unknown');
  const reading = readHl7v3(bytes, elements, kind.interactions ?? {});
  if (!reading.ok) {
    const code = reading.unknownInteraction ? 'message-type-unknown' : 'xml-invalid';
    return refuseAll(
      reading.problems.map(({ path, message }) => ({ code, path, expected: message })),
      code,
    );
  }
  const { record, left, content, sentAs } = reading;
  const message = found(source, kind, record, canonicalize(content) ?? '');
  const read = { ...message, left, sentAs, senderPath: sentAs('/ura') };
  return misfit(system, read) ?? read;
}

/** Every place where a record is not what its schema asks for. */
function misfit(system: System, { kind, body, sentAs }: ReadMessage): Refusal | undefined {
  const check = system.schemas.get(kind.id);
  if (!check || check(body)) return undefined;
  const issues = misfits(check).map(({ path, expected }) => ({
    code: 'schema-invalid' as const,
    path: sentAs?.(path) ?? (path || '/'),
    expected,
  }));
  return refuseAll(issues, 'schema-invalid');
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
  const { message } = reading;
  const kind = kinds.find((one) => one.messageType === message.type);
  if (!kind) return refuse('message-type-unknown', 'MSH-9');
  return { ...found(source, kind, message, bytes), sentAs: (path) => sentAs(message, path) };
}

function found(source: string, kind: InputKind, body: unknown, content: Uint8Array | string): ReadMessage {
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
    content,
    messageId: text(messageId),
    senderUra: text(senderUra),
    senderPath: senderUra,
    // Never deduced: only where the message says so in the place the source is configured with.
    referralKnown: referralKnown !== undefined && isMarked(body, referralKnown),
  };
}

/** The family knows of the referral: of each of them, where the message has several. */
function isMarked(body: unknown, { pointer, equals }: Marker): boolean {
  const values = valuesAtPointer(body, pointer);
  return values.length > 0 && values.every((value) => value === equals);
}
