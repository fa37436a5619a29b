import type { PackedElement, PackedStructure } from '../../fhir/pack-types.ts';
import { COMPOSITES, type DataType } from './datatypes.ts';
import { type Field, SEGMENTS } from './fields.ts';

/** The logical model that maps to HL7 v2 write: `uses "…/hl7v2-batch" alias Batch as target`. */
export const HL7_BATCH = 'http://gezinspoort.nl/fhir/StructureDefinition/hl7v2-batch';

/** What a value of a named structure is called as a type: `Hl7PID`, `Hl7XCN`. */
const nameOf = (part: string): string => `Hl7${part}`;

/** An element of a logical model: its name, its types, whether it repeats. */
type Member = readonly [name: string, types: readonly string[], repeats: boolean];

/**
 * HL7 v2 as the maps write it, as logical models: the named structure of the reader (fields.ts, datatypes.ts), so that a field that is read can be written
 * under the same name. `Hl7Batch.messages` are messages that go out one by one.
 */
export function hl7Models(): PackedStructure[] {
  const segments = Object.entries(SEGMENTS).map(([name, fields]) => model(nameOf(name), segmentMembers(name, fields)));
  const composites = Object.entries(COMPOSITES).map(([name, components]) =>
    model(nameOf(name), unique(components.map(([, part, type = 'text']): Member => [part, [typeOf(type)], false]))),
  );
  return [...segments, ...composites, VALUE, DATA, order(), message(), BATCH];
}

function segmentMembers(name: string, fields: readonly Field[]): Member[] {
  const members = fields.map(([, field, type, mark = '']): Member => [field, [typeOf(type)], mark.startsWith('*')]);
  if (name === 'OBX') members.push(['values', ['Hl7Value'], true], ['NTE', ['Hl7NTE'], true]);
  return members;
}

const typeOf = (type: DataType): string =>
  type === 'code' || type === 'text' || type === 'time' ? 'string' : nameOf(type);

/** XTN has its number in two places: one element. */
const unique = (members: Member[]): Member[] =>
  members.filter(([name], index) => members.findIndex(([other]) => other === name) === index);

/** OBX-5: one of these, by the type in OBX-2. */
const VALUE = model('Hl7Value', [
  ['number', ['decimal'], false],
  ['text', ['string'], false],
  ['coded', ['Hl7CE'], false],
  ['dateTime', ['string'], false],
  ['data', ['Hl7ED'], false],
]);

const DATA = model(
  'Hl7ED',
  ['sourceApplication', 'type', 'subtype', 'encoding', 'data'].map((name): Member => [name, ['string'], false]),
);

const BATCH = model('Hl7Batch', [['messages', ['Hl7Message'], true]], HL7_BATCH);

function order(): PackedStructure {
  return model('Hl7Order', [
    ['ORC', ['Hl7ORC'], false],
    ['OBR', ['Hl7OBR'], false],
    ['NTE', ['Hl7NTE'], true],
    ['OBX', ['Hl7OBX'], true],
  ]);
}

/** Segments that stand in the message itself; `once` those of which there is one. */
function message(): PackedStructure {
  const once = ['MSH', 'EVN', 'PID', 'PD1', 'PV1', 'PV2', 'TXA', 'RF1'];
  const several = Object.keys(SEGMENTS).filter((name) => !once.includes(name) && name !== 'ORC' && name !== 'OBR');
  return model('Hl7Message', [
    ...once.map((name): Member => [name, [nameOf(name)], false]),
    ...several.map((name): Member => [name, [nameOf(name)], true]),
    ['orders', ['Hl7Order'], true],
  ]);
}

function model(name: string, members: readonly Member[], url?: string): PackedStructure {
  const root: PackedElement = { id: name, path: name, min: 0, max: '*' };
  return {
    resourceType: 'StructureDefinition',
    id: name,
    url: url ?? `http://gezinspoort.nl/fhir/StructureDefinition/${name}`,
    name,
    kind: 'logical',
    type: name,
    derivation: 'specialization',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Element',
    snapshot: {
      element: [
        root,
        ...members.map(
          ([part, types, repeats]): PackedElement => ({
            id: `${name}.${part}`,
            path: `${name}.${part}`,
            min: 0,
            max: repeats ? '*' : '1',
            type: types.map((code) => ({ code })),
          }),
        ),
      ],
    },
  };
}
