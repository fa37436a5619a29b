import { type Json, json } from './maps-testkit.ts';

// What the tests of the KD+ map share: its schema as a list of elements with their domains, and messages with one of them.

/** One BDS element. */
export type Element = { bdsNumber: number; value: unknown };
/** One group of BDS elements. */
export type Group = { group: string; elements: Element[] };
/** A message of contact moments. */
export type KdPlus = Json & { client: { groups: Group[] }; contacts: { date: string; groups: Group[] }[] };

type Schema = {
  enum?: (string | number)[];
  const?: unknown;
  pattern?: string;
  type?: string;
  minimum?: number;
  format?: string;
};
type Condition = {
  if: { properties: { bdsNumber: { enum: number[] } } };
  then: { properties: { value: { $ref: string } } };
};
type GroupSchema = { items: { properties: { bdsNumber: { enum: number[] } } } };
const schema = json<{ $defs: Record<string, unknown> }>('kdplus', 'contact.schema.json').$defs;
const domains = (schema.element as { allOf: Condition[] }).allOf;
/** The groups of a side of the message. */
export const groupsOf = (side: 'client' | 'contact'): string[] =>
  (schema[`${side}Group`] as { properties: { group: { enum: string[] } } }).properties.group.enum;
/** The elements of a group. */
export const numbersOf = (group: string): number[] => (schema[group] as GroupSchema).items.properties.bdsNumber.enum;
/** The value domains of an element; there must be one. */
export const domainOf = (number: number): { name: string; schema: Schema }[] =>
  domains
    .filter((one) => one.if.properties.bdsNumber.enum.includes(number))
    .map((one) => {
      const name = one.then.properties.value.$ref.replace('#/$defs/', '');
      return { name, schema: schema[name] as Schema };
    });

const EXAMPLES: Record<string, unknown> = {
  bsn: '999903147',
  uzi: '900005678',
  big: '19999999999',
  agb: '91999905',
  activityId: 'A-1',
  email: 'a@voorbeeld.example',
  phone: '0612345670',
  postalCode: '1234ZZ',
  text1: 'C',
  text4: 'bis',
  text10: 'van',
  text20: 'Sterre',
  text43: 'Andere Laan',
  text80: 'Elders',
  text200: 'Anderdorp',
  text4000: 'Een zin die nergens anders staat.',
};
/** Values of a domain: each code, or one that fits. */
export function valuesFor({ name, schema: one }: { name: string; schema: Schema }): unknown[] {
  if (one.enum) return one.enum;
  if ('const' in one) return [one.const];
  if (one.type === 'boolean') return [true, false];
  if (one.type === 'integer') return [(one.minimum ?? 0) + 7];
  if (one.format === 'date') return ['2026-08-27'];
  if (EXAMPLES[name] === undefined) throw new Error(`no example for ${name}`);
  return [EXAMPLES[name]];
}

/** What a group cannot do without, beside the element that is tried. */
const COMPANIONS: Record<string, Element[]> = {
  R003: [
    { bdsNumber: 7, value: '999903147' },
    { bdsNumber: 4, value: 'Kwartelslag' },
    { bdsNumber: 2, value: 'Kwartelslag' },
    { bdsNumber: 20, value: '2026-05-04' },
  ],
  G001: [
    { bdsNumber: 16, value: '1234AD' },
    { bdsNumber: 11, value: 'Bedachte Laan' },
    { bdsNumber: 12, value: 27 },
  ],
  G002: [
    { bdsNumber: 609, value: '0612345679' },
    { bdsNumber: 610, value: '03' },
  ],
  G014: [
    { bdsNumber: 62, value: '04' },
    { bdsNumber: 657, value: 'Oefenveld' },
  ],
  R018: [
    { bdsNumber: 494, value: '37' },
    { bdsNumber: 1577, value: '03' },
    { bdsNumber: 1605, value: '01' },
    { bdsNumber: 1523, value: '91999906' },
  ],
  G020: [
    { bdsNumber: 70, value: '08' },
    { bdsNumber: 1200, value: '02' },
  ],
  G058: [
    { bdsNumber: 485, value: '09' },
    { bdsNumber: 483, value: '4' },
  ],
};
/** A message with the least it can have, and in it the given group with the given element. */
export function messageWith(group: string, element?: Element): KdPlus {
  const elementsOf = (name: string): Element[] => {
    const companions = COMPANIONS[name] ?? [];
    return name === group && element
      ? [...companions.filter(({ bdsNumber }) => bdsNumber !== element.bdsNumber), element]
      : companions;
  };
  const wanted = (name: string): Group[] => (name === group ? [{ group: name, elements: elementsOf(name) }] : []);
  const bdsVersion = [1660, 1662, 1664, 1669, 1670].includes(element?.bdsNumber ?? 0) ? '4.2.0' : '4.1.3';
  const isClient = groupsOf('client').includes(group);
  return {
    bdsVersion,
    ura: '90000456',
    messageId: 'KD-1',
    client: {
      groups: [{ group: 'R003', elements: elementsOf('R003') }, ...(isClient && group !== 'R003' ? wanted(group) : [])],
    },
    contacts: [
      {
        date: '2026-08-27',
        groups: [
          { group: 'R018', elements: elementsOf('R018') },
          ...(!isClient && group !== 'R018' ? wanted(group) : []),
        ],
      },
    ],
  };
}

/** Every element that the schema lets in, with its group. */
export const ELEMENTS = [...groupsOf('client'), ...groupsOf('contact')].flatMap((group) =>
  numbersOf(group).map((number) => ({ group, number })),
);
