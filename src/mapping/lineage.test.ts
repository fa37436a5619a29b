import { describe, expect, it } from 'vitest';
import { loadDefinitions } from '../fhir/load.ts';
import { compileMaps } from './index.ts';

const definitions = await loadDefinitions();

/** The values of the result: place, sources, conditions, and the rule by name and line. */
function lineage(rules: string, input: object): [string, string[], string[], string][] {
  const text = `map 'http://example.org/m' = 'm'
uses 'http://hl7.org/fhir/StructureDefinition/Patient' alias Patient as target
group Main(source src, target patient : Patient) {
${rules} }
${rules.includes('then Name(') ? 'group Name(source text, target name) { text -> name.family = text "inner"; }' : ''}`;
  const map = compileMaps([{ file: 'm.map', text }], { definitions, conceptMaps: [] }).map('m');
  const result = map.run(input, { newId: () => 'id', trace: true });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  expect(result.target).toEqual((map.run(input, { newId: () => 'id' }) as { target: unknown }).target);
  return (result.lineage ?? [])
    .filter((one) => one.holdsValue && one.target !== 'Patient')
    .map(({ target, sources, conditions, rule }) => [
      target,
      [...sources],
      [...conditions],
      `${rule.rule} ${rule.line}`,
    ]);
}

describe('lineage', () => {
  it('names the element that a value is taken from, and the rule', () => {
    expect(lineage('src.born as born -> patient.birthDate = born "born";', { born: '2026-03-01' })).toEqual([
      ['Patient.birthDate', ['born'], [], 'born 4'],
    ]);
  });

  it('tells a constant, with what it stands for, from a value', () => {
    const rules = `src.phones as phone -> patient.telecom as telecom,
      telecom.system = 'phone',
      telecom.value = phone "phone";`;
    expect(lineage(rules, { phones: ['06', '07'] })).toEqual([
      ['Patient.telecom[0].system', [], ['phones[0]'], 'phone 5'],
      ['Patient.telecom[0].value', ['phones[0]'], [], 'phone 6'],
      ['Patient.telecom[1].system', [], ['phones[1]'], 'phone 5'],
      ['Patient.telecom[1].value', ['phones[1]'], [], 'phone 6'],
    ]);
  });

  it('tells what a value is made from apart from what only decides, in rules and inside expressions', () => {
    const rules = `src.list as one where (kind = 1) then {
      one -> patient.language = (code & '-' & %src.list.where(kind = 2).code) "both";
    } "one";`;
    const list = [
      { kind: 1, code: 'nl' },
      { kind: 2, code: 'NL' },
    ];
    expect(lineage(rules, { list })).toEqual([
      ['Patient.language', ['list[0].code', 'list[1].code'], ['list[0].kind', 'list[1].kind', 'list[0]'], 'both 5'],
    ]);
  });

  it('follows a value through variables, transforms, casts and groups', () => {
    const rules = `src.a as a -> (a & 'x') as b, append(b, 'y') as c, patient.name as name then {
      a then Name(c, name) "call";
    } "a";
    src.n as n -> patient.multipleBirth = cast(n, 'integer') "n";`;
    expect(lineage(rules, { a: 'z', n: '2' })).toEqual([
      ['Patient.name[0].family', ['a'], [], 'inner 8'],
      ['Patient.multipleBirthInteger', ['n'], [], 'n 7'],
    ]);
  });

  it('gives the places of the finished result, after items went before others and empty ones went away', () => {
    const rules = `src.none as none -> patient.name as name "never";
    src.all as given -> patient.name as empty, patient.name as name, name.given = given, name.given = 'Eerst' as other first "given";
    src.last as given -> patient.name as name first, name.text = given "text";`;
    expect(lineage(rules, { all: ['Jip'], last: 'Voor' })).toEqual([
      ['Patient.name[0].text', ['last'], [], 'text 6'],
      ['Patient.name[1].given[0]', [], ['all[0]'], 'given 5'],
      ['Patient.name[1].given[1]', ['all[0]'], [], 'given 5'],
    ]);
  });

  it('counts an item of a list of values that stays empty out', () => {
    const rules = `src -> patient.name as name then {
      src.a as a -> name.given as hollow, name.given as given, given.value = a "a";
    } "name";`;
    expect(lineage(rules, { a: 'Jip' })).toEqual([['Patient.name[0].given[0]', ['a'], [], 'a 5']]);
  });

  it('gives each value of an element that was copied whole its own source', () => {
    const rules = 'src.name as name -> patient.name = name "name";';
    const name = { given: ['Jip', 'Jop'], _given: [{ id: 'g' }], period: { start: '2026' } };
    expect(lineage(rules, { name })).toEqual([
      ['Patient.name[0].given[0]', ['name.given[0]'], [], 'name 4'],
      ['Patient.name[0].given[1]', ['name.given[1]'], [], 'name 4'],
      ['Patient.name[0]._given[0].id', ['name._given[0].id'], [], 'name 4'],
      ['Patient.name[0].period.start', ['name.period.start'], [], 'name 4'],
    ]);
  });

  it('names a typed source by its JSON keys, extensions of values among them', () => {
    const text = `map 'http://example.org/o' = 'o'
uses 'http://hl7.org/fhir/StructureDefinition/Observation' alias Observation as source
uses 'http://hl7.org/fhir/StructureDefinition/Observation' alias Observation as target
group Main(source src : Observation, target out : Observation) {
  src.value : Quantity as value -> out.value = create('Quantity') as quantity then { value.value as number -> quantity.value = number "number"; } "value";
  src.status as status -> out.status = status "status";
}`;
    const map = compileMaps([{ file: 'o.map', text }], { definitions, conceptMaps: [] }).map('o');
    const input = {
      resourceType: 'Observation',
      status: 'final',
      _status: { extension: [{ url: 'http://example.org/x', valueCode: 'y' }] },
      valueQuantity: { value: 3 },
    };
    const result = map.run(input, { newId: () => 'id', trace: true });
    const places = (result.ok ? (result.lineage ?? []) : []).filter((one) => one.sources.length > 0);
    expect(places.filter((one) => one.holdsValue).map((one) => [one.target, ...one.sources])).toEqual([
      ['Observation.valueQuantity.value', 'valueQuantity.value'],
      ['Observation.status', 'status'],
      ['Observation._status.extension[0].url', '_status.extension[0].url'],
      ['Observation._status.extension[0].valueCode', '_status.extension[0].valueCode'],
    ]);
  });

  it('comes only when it is asked for', () => {
    const text =
      "map 'http://example.org/m' = 'm'\nuses 'http://hl7.org/fhir/StructureDefinition/Patient' alias Patient as target\ngroup Main(source src, target patient : Patient) { src -> patient.active = true \"a\"; }";
    const map = compileMaps([{ file: 'm.map', text }], { definitions, conceptMaps: [] }).map('m');
    expect(map.run({}, { newId: () => 'id' })).not.toHaveProperty('lineage');
  });
});
