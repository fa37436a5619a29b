import { describe, expect, it } from 'vitest';
import { packed, withStructures } from '../fhir/extend.ts';
import { compileMaps } from '../mapping/index.ts';
import { logicalModel } from './logical.ts';
import { definitions } from './testing/maps-testkit.ts';
import { unreadElements } from './unread.ts';

const text = (name: string) => ({ name, types: ['string'] });
const model = packed(
  logicalModel('http://example.org/record', 'A record', [
    text('born'),
    { name: 'name', members: [text('family'), { ...text('given'), repeats: true }] },
    { name: 'list', repeats: true, members: [text('kind'), text('value'), text('unit')] },
    text('shoe'),
  ]),
);
const all = withStructures(definitions, [model]);
const unread = (rules: string, more = ''): string[] => {
  const map = `map 'http://example.org/m' = 'm'
uses 'http://example.org/record' alias Record as source
uses 'http://hl7.org/fhir/StructureDefinition/Patient' alias Patient as target
group Main(source src : Record, target patient : Patient) { ${rules} }
${more}`;
  const { reads } = compileMaps([{ file: 'm.map', text: map }], { definitions: all, conceptMaps: [] });
  return unreadElements([model], reads);
};

describe('what no rule reads', () => {
  it('is all that is named nowhere', () => {
    expect(unread('src.born as born -> patient.birthDate = born;')).toEqual([
      'name.family',
      'name.given',
      'list.kind',
      'list.value',
      'list.unit',
      'shoe',
    ]);
  });

  it('is not what rules in groups, conditions and expressions read, through variables and lists', () => {
    const rules = `src.name as name -> patient.name as target then Name(name, target);
      src.list as one where (kind = 'x') -> patient.language = (%one.value & one.unit);
      src -> patient.gender = (iif(shoe.exists(), born, ''));`;
    expect(unread(rules, 'group Name(source name, target target) { name.family as f -> target.text = f; }')).toEqual([
      'name.given',
    ]);
  });

  it('is not what is picked with where, first, select or a union', () => {
    const rules =
      "src -> patient.gender = ((list.where(kind = 'x').first().value | list.select(unit)).first()), patient.language = (name.given[0]);";
    expect(unread(rules)).toEqual(['born', 'name.family', 'shoe']);
  });

  it('a model that no map takes is not listed', () => {
    expect(unreadElements([model], new Set(['Other.born']))).toEqual([]);
  });
});
