import type { StructureDefinition } from '@medplum/fhirtypes';
import { logicalModel, type Member } from '../logical.ts';
import { COMPOSITES, type DataType } from './datatypes.ts';
import { ONCE, SEGMENTS } from './fields.ts';
import { ORDER_PARTS } from './place.ts';

/** The logical model of a message as the reader names it (structure.ts): every segment and field that it can give, with its place. */
export function hl7ReadModel(url: string): StructureDefinition {
  const names = Object.keys(SEGMENTS).filter((name) => name !== 'ORC' && name !== 'OBR');
  return logicalModel(url, 'HL7 v2 message by the names of its segments and fields', [
    { name: 'type', types: ['string'], required: true },
    ...names.map((name) => segment(name, !ONCE.has(name))),
    {
      name: 'orders',
      repeats: true,
      members: [
        segment('ORC', false),
        segment('OBR', false),
        ...names
          .filter((name) => ORDER_PARTS.has(name) || name === 'NTE' || name === 'OBX')
          .map((name) => segment(name)),
      ],
    },
    { name: 'cleared', types: ['string'], repeats: true },
  ]);
}

function segment(name: string, repeats = true): Member {
  const fields = (SEGMENTS[name] ?? []).map(([, field, type, mark = '']) => ({
    ...typed(field, type),
    repeats: mark.startsWith('*'),
    required: mark.endsWith('!'),
  }));
  const own = name === 'OBX' ? [...fields, VALUES, segment('NTE')] : fields;
  return { name, repeats, members: own };
}

/** A field or component: text, a time as FHIR writes it, or a composite of named components. */
function typed(name: string, type: DataType): Member {
  if (type === 'code' || type === 'text') return { name, types: ['string'] };
  if (type === 'time') return { name, types: ['dateTime'] };
  const parts = new Map(COMPOSITES[type].map(([, part, inner = 'text']) => [part, typed(part, inner)]));
  return { name, members: [...parts.values()] };
}

const texts = (...names: string[]): Member[] => names.map((name) => ({ name, types: ['string'] }));

/** OBX-5, by the type in OBX-2 (observation.ts). */
const VALUES: Member = {
  name: 'values',
  repeats: true,
  members: [
    { name: 'number', types: ['decimal'] },
    ...texts('text'),
    typed('coded', 'CE'),
    { name: 'dateTime', types: ['dateTime'] },
    { name: 'data', members: texts('sourceApplication', 'type', 'subtype', 'encoding', 'data') },
    { name: 'quantity', members: [...texts('comparator'), { name: 'number', types: ['decimal'] }] },
  ],
};
