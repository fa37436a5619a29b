import { describe, expect, it } from 'vitest';
import { loadDefinitions } from '../fhir/load.ts';
import { watch } from './coverage.ts';
import { compileMaps } from './index.ts';

const definitions = await loadDefinitions();
const run = (rules: string, input: object, named?: string): string[] => {
  const text = `map 'http://example.org/m' = 'm'
uses 'http://hl7.org/fhir/StructureDefinition/Patient' alias Patient as target
group Main(source src, target patient : Patient) { ${rules} }`;
  const watched = watch(input, named);
  const map = compileMaps([{ file: 'm.map', text }], { definitions, conceptMaps: [] }).map('m');
  expect(map.run(watched.input, { newId: () => 'id' })).toEqual(map.run(input, { newId: () => 'id' }));
  return watched.unread();
};

describe('what a run leaves unread', () => {
  it('is all that no rule takes, by path and without values', () => {
    const input = { born: '2026-03-01', name: { family: 'Voorbeeld', given: ['Jip', 'Jop'] }, shoe: 44 };
    expect(run('src.born as born -> patient.birthDate = born;', input)).toEqual(['name.family', 'name.given', 'shoe']);
  });
  it('is not what a condition or an expression reads', () => {
    const rules = 'src where (kind = 1) then { src.a as a -> patient.language = (a & %src.b) "both"; } "kind";';
    expect(run(rules, { kind: 1, a: 'x', b: 'y', c: 'z' })).toEqual(['c']);
  });
  it('is what stood in a part of the message to which no rule applied', () => {
    const rules =
      'src.list as one where (kind = 1) then { one.text as text -> patient.language = text "text"; } "one";';
    expect(run(rules, { list: [{ kind: 2, text: 'x' }] })).toEqual(['list.text']);
  });
  it('names items of a list by the member that says what they are', () => {
    const rules = 'src.list as one where (no = 7) then { one.value as v -> patient.language = v "v"; } "one";';
    const list = [
      { no: 7, value: 'x' },
      { no: 8, value: 'y' },
    ];
    expect(run(rules, { list }, 'no')).toEqual(['list[8].value']);
  });
  it('is not what is empty', () => {
    expect(watch({ a: null, b: [], c: {} }).unread()).toEqual([]);
  });
});
