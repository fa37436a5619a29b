import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Observation } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../tests/support/data-dir.ts';
import { KRAAMZORG, kraamzorgMessage, writeSystems } from '../../tests/support/new-system.ts';
import { loadDefinitions } from '../fhir/load.ts';
import { loadSources, type Sources } from './registry.ts';

const definitions = await loadDefinitions();
let root: string;
beforeAll(async () => {
  root = await temporaryFolder();
});
afterAll(() => rm(root, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;
async function load(systems: Record<string, Files>): Promise<Sources> {
  return loadSources(await writeSystems(join(root, randomUUID()), systems), definitions);
}
const problem = (systems: Record<string, Files>): Promise<string> =>
  load(systems).then(
    () => 'it starts',
    (error: Error) => error.message,
  );
/** The new system with changes to its system.json. */
function changed(system: Record<string, unknown>, input: Record<string, unknown> = {}): Record<string, Files> {
  const file = JSON.parse(KRAAMZORG['system.json'] ?? '');
  return {
    kraamzorg: {
      ...KRAAMZORG,
      'system.json': JSON.stringify({ ...file, inputs: [{ ...file.inputs[0], ...input }], ...system }),
    },
  };
}
const withFile = (name: string, text: string) => ({ kraamzorg: { ...KRAAMZORG, [name]: text } });
const without = (name: string) => ({
  kraamzorg: Object.fromEntries(Object.entries(KRAAMZORG).filter(([one]) => one !== name)),
});
const [input] = JSON.parse(KRAAMZORG['system.json'] ?? '').inputs;

describe('a folder that is right', () => {
  let sources: Sources;
  const read = (value: unknown, contentType = 'application/json', source = 'kraamzorg') =>
    sources.read(source, contentType, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
  beforeAll(async () => {
    sources = await load({ kraamzorg: KRAAMZORG });
  });

  it('is a source by its name, and no other is', () => {
    expect(sources.has('kraamzorg')).toBe(true);
    for (const other of ['hix', '', '__proto__', 'constructor', '../kraamzorg']) expect(sources.has(other)).toBe(false);
  });

  it('reads and maps a message', () => {
    const message = read(kraamzorgMessage('999903147', '2026-05-04'));
    if (!message.ok) throw new Error(message.issues[0].code);
    expect(message).toMatchObject({ messageId: 'KZ-1', senderUra: undefined, referralKnown: false });
    const mapped = sources.map(message, randomUUID);
    const resources = mapped.ok ? (mapped.bundle.entry ?? []).map((one) => one.resource) : [];
    expect(resources.map((one) => one?.resourceType)).toEqual(['Patient', 'Observation']);
    expect((resources[1] as Observation).valueQuantity).toMatchObject({ value: 2140, unit: 'g' });
  });

  it.each(['application/json', 'Application/JSON', 'application/json; charset=utf-8', ' application/json '])(
    'takes %j',
    (type) => expect(read(kraamzorgMessage('999903147', '2026-05-04'), type).ok).toBe(true),
  );

  it.each<[string, unknown, string, string | undefined, string]>([
    ['another source', {}, 'application/json', 'epic', 'source-unknown'],
    ['another content type', {}, 'text/xml', undefined, 'content-type-unknown'],
    ['no content type', {}, '', undefined, 'content-type-unknown'],
    ['a content type that this source does not send', {}, 'application/hl7-v2', undefined, 'content-type-unknown'],
    ['no JSON', '{', 'application/json', undefined, 'json-invalid'],
    ['an empty body', '', 'application/json', undefined, 'json-invalid'],
    ['another shape', {}, 'application/json', undefined, 'schema-invalid'],
  ])('refuses %s', (_name, value, type, source, code) => {
    const result = read(value, type, source);
    expect(result.ok ? 'ok' : result.issues[0].code).toBe(code);
  });

  it('names every place that is wrong and what was expected, and repeats no value', () => {
    const result = read({ ...kraamzorgMessage('abc-sentinel', 'sentinel-date'), grams: 'sentinel', extra: 'sentinel' });
    const issues = result.ok ? [] : result.issues;
    expect(issues.map((one) => one.path).sort()).toEqual(['/', '/child/born', '/child/bsn', '/grams']);
    expect(issues.every((one) => one.expected)).toBe(true);
    expect(JSON.stringify(issues)).not.toContain('sentinel');
  });

  it('marks a referral as known to the family only where the message says exactly so', async () => {
    sources = await load(changed({}, { referralKnown: { pointer: '/grams', equals: 2140 }, senderUra: '/at' }));
    expect(read(kraamzorgMessage('999903147', '2026-05-04'))).toMatchObject({
      referralKnown: true,
      senderUra: '2026-05-12',
      senderPath: '/at',
    });
    expect(read(kraamzorgMessage('999903147', '2026-05-04', 'KZ-1', 2141))).toMatchObject({ referralKnown: false });
  });
});

describe('a folder that cannot be right stops the start and is named', () => {
  it.each<[string, Record<string, Files>, string]>([
    ['no system.json', without('system.json'), 'system.json'],
    ['a system.json that is no JSON', withFile('system.json', '{'), 'system.json'],
    ['another name than its folder', changed({ system: 'other' }), 'must name its own folder'],
    ['a name that cannot stand in an address', { 'A B': { ...KRAAMZORG } }, 'must name its own folder'],
    ['no inputs', changed({ inputs: [] }), '/inputs'],
    ['a field that nobody knows', changed({ retries: 3 }), 'additional'],
    ['a content type that cannot be read', changed({}, { contentType: 'text/csv' }), '/inputs/0/contentType'],
    ['a place that is no JSON pointer', changed({}, { messageId: 'number' }), '/inputs/0/messageId'],
    ['a map that is not there', changed({}, { map: 'http://example.org/StructureMap/other' }), 'weight-json'],
    ['a schema that is not there', without('weight.schema.json'), 'weight.schema.json'],
    ['a schema that is no JSON', withFile('weight.schema.json', 'x'), 'weight.schema.json'],
    [
      'a schema with a word that does not exist',
      withFile('weight.schema.json', '{"type":"object","requird":["a"]}'),
      'requird',
    ],
    ['a map that cannot be read', withFile('weight.map', 'map "x'), 'weight.map'],
    ['a table that is no JSON', withFile('x.conceptmap.json', '{'), 'x.conceptmap.json'],
    ['JSON without a schema: nothing would check it', changed({}, { schema: undefined }), 'schema'],
    [
      'HL7 v2 without a message type',
      changed({}, { contentType: 'application/hl7-v2', schema: undefined }),
      'messageType',
    ],
    ['two inputs that cannot be told apart', changed({ inputs: [input, { ...input, id: 'second' }] }), 'second'],
  ])('%s', async (_name, systems, named) => {
    const message = await problem(systems);
    expect(message).toContain(named);
    expect(message).toContain(`mappings/${Object.keys(systems)[0]}`);
  });

  it('one of many is enough', async () => {
    const message = await problem({ ...changed({ system: 'other' }), zorg: {} });
    expect(message).toContain('mappings/kraamzorg');
  });
});
