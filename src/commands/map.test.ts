import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sharedDir } from '../../tests/support/shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'gezinspoort-map-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const run = (...args: string[]) =>
  spawnSync(process.execPath, ['src/cli.ts', 'map', ...args], { encoding: 'utf8', timeout: 25_000 });

const MAP = `map 'http://example.org/person' = 'person'
uses 'http://example.org/StructureDefinition/Person' alias Mens as source
uses 'http://hl7.org/fhir/StructureDefinition/Patient' alias Patient as target
imports 'http://example.org/name'
group Main(source src : Mens, target patient : Patient) {
  src.surname as surname -> patient.name as name then Name(surname, name);
  src.born as born -> patient.birthDate = cast(born, 'date') "born";
  src.sex as sex -> patient.gender = translate(sex, 'http://example.org/sex', 'code') "sex";
}
`;
const NAME = `map 'http://example.org/name' = 'name'
group Name(source text, target name) { text -> name.family = text "family"; }
`;
const SEX = {
  resourceType: 'ConceptMap',
  url: 'http://example.org/sex',
  status: 'draft',
  group: [
    {
      source: 'http://example.org/s',
      target: 'http://hl7.org/fhir/administrative-gender',
      element: [{ code: 'v', target: [{ code: 'female', equivalence: 'equal' }] }],
    },
  ],
};

describe('map run', () => {
  const map = write('person.map', MAP);
  write('name.map', NAME);
  write('broken.map', 'this is no map');
  write('sex.json', JSON.stringify(SEX));

  it('prints the result; imports and concept maps come from the folder of the map, an unknown source type is untyped', () => {
    const input = write('input.json', JSON.stringify({ surname: 'Voorbeeld', born: '2026-03-01', sex: 'v' }));
    const { status, stdout, stderr } = run('run', map, input);
    expect({ status, stderr, result: JSON.parse(stdout || 'null') }).toEqual({
      status: 0,
      stderr: '',
      result: { resourceType: 'Patient', name: [{ family: 'Voorbeeld' }], birthDate: '2026-03-01', gender: 'female' },
    });
  });

  it('says on standard error where the input is wrong and which rule says so, without the value', () => {
    const input = write('wrong.json', JSON.stringify({ surname: 'Voorbeeld', born: 'ooit', sex: 'v' }));
    const { status, stdout, stderr } = run('run', map, input);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^born: .*person › Main › born, line 7\]/);
    expect(stderr).not.toContain('ooit');
  });

  it('with --structures a source is typed, so an element that it does not have stops the map', () => {
    const structures = mkdtempSync(join(folder, 'structures-'));
    const person = (...names: string[]) => ({
      resourceType: 'StructureDefinition',
      id: 'Person',
      url: 'http://example.org/StructureDefinition/Person',
      name: 'Mens',
      status: 'draft',
      kind: 'logical',
      abstract: false,
      type: 'Mens',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Element',
      derivation: 'specialization',
      differential: {
        element: [
          { id: 'Mens', path: 'Mens', min: 0, max: '1' },
          ...names.map((name) => ({
            id: `Mens.${name}`,
            path: `Mens.${name}`,
            min: 0,
            max: '1',
            type: [{ code: 'string' }],
          })),
        ],
      },
    });
    const input = write('input.json', JSON.stringify({ surname: 'Voorbeeld' }));
    writeFileSync(join(structures, 'person.json'), JSON.stringify(person('surname', 'born', 'sex')));
    expect(run('run', map, input, '--structures', structures)).toMatchObject({ status: 0, stderr: '' });
    writeFileSync(join(structures, 'person.json'), JSON.stringify(person('surname', 'born')));
    const { status, stderr } = run('run', map, input, '--structures', structures);
    expect(status).toBe(1);
    expect(stderr).toMatch(/person\.map:8 .*"?sex"?/);
  });

  it('a wrong syntax is named with its line', () => {
    const { status, stderr } = run('run', join(folder, 'broken.map'), write('empty.json', '{}'));
    expect(status).toBe(1);
    expect(stderr).toContain('broken.map:1 ');
  });

  it('runs the maps of this repository', () => {
    const { status, stdout, stderr } = run(
      'run',
      'mappings/kdplus/contact.map',
      'mappings/kdplus/samples/yonathan-contact.json',
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ resourceType: 'Bundle' });
  });

  it.each([
    ['no input', ['run', map]],
    ['another word', ['walk', map, 'x']],
    ['an unknown option', ['run', map, 'x', '--fast']],
  ])('%s: usage', (_name, args) => {
    expect(run(...args)).toMatchObject({ status: 2, stdout: '' });
  });

  it('a file that is not JSON is named, not quoted', () => {
    const input = write('text.txt', 'geheim');
    const { status, stderr } = run('run', map, input);
    expect([status, stderr]).toEqual([1, `${input} is not JSON.\n`]);
  });
});

describe('map model, map coverage', () => {
  it('prints the logical model of a schema, as it stands beside the maps', () => {
    const url = 'http://gezinspoort.nl/fhir/StructureDefinition/hix-consult';
    const { status, stdout, stderr } = run('model', 'mappings/hix/consult.schema.json', url);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(readFileSync('mappings/hix/consult.logical.json', 'utf8'));
  });

  it('prints that of HL7 v2 as it is read', () => {
    const { status, stdout } = run('model', 'hl7v2', 'http://example.org/message');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'logical', name: 'Message' });
  });

  it('lists what the maps of a system never read, with what dropped.json says', () => {
    const { status, stdout } = run('coverage', 'kdplus');
    expect(status).toBe(0);
    expect(stdout).toContain('referralKnownToFamily (dropped.json says why)\n');
  });

  it('an unknown system is an error', () => {
    expect(run('coverage', 'nowhere')).toMatchObject({ status: 1, stdout: '' });
  });
});

const shared = sharedDir();
describe.skipIf(!shared)('map run on the cases of the FHIR community', () => {
  const cases = join(shared ?? '', 'corpora/fhir-test-cases/r5/structure-mapping');
  it('qr2pat-gender', () => {
    const { stdout } = run('run', join(cases, 'qr2pat-gender.map'), join(cases, 'qr.json'));
    expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(join(cases, 'qr2pat-gender-res.json'), 'utf8')));
  });
});
