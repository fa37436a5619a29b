import { type Json, json } from './maps-testkit.ts';

// What the tests of the KD+ map share: its schema as a list of elements with their domains, and messages with one of them.

/** One BDS element. */
export type Element = { bdsNumber: number; value: unknown };
/** One group of BDS elements. */
export type Group = { group: string; elements: Element[]; groups?: Group[] };
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
type GroupSchema = { items: { properties: { bdsNumber: { enum: number[] } }; allOf: Condition[] } };
const schema = json<{ $defs: Record<string, unknown> }>('kdplus', 'contact.schema.json').$defs;
const domains = Object.entries(schema).flatMap(([name, one]) =>
  /^[RG]\d/.test(name) ? (one as GroupSchema).items.allOf : [],
);
/** The groups of a side of the message, or those that stand within another group. */
export const groupsOf = (side: 'client' | 'contact' | 'nested'): string[] =>
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

/** The elements that only 4.2.0 has. */
const NEW_IN_420 = (
  schema.without420 as {
    properties: { elements: { items: { properties: { bdsNumber: { not: { enum: number[] } } } } } };
  }
).properties.elements.items.properties.bdsNumber.not.enum;

const EXAMPLES: Record<string, unknown> = {
  dossierNumber: '450018',
  ura: '90000789',
  base64: 'SlZCRVJpMA==',
  mimetype: 'application/pdf',
  language: 'tig',
  untyped: 'Een waarde waarvan niemand weet wat zij is.',
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
  G004: [{ bdsNumber: 704, value: 'Wilma Oefenveld' }],
  G085: [{ bdsNumber: 603, value: '90000456' }],
  G086: [{ bdsNumber: 31, value: 'Huisartsenpraktijk Verzinstad' }],
  G082: [{ bdsNumber: 42, value: 'Sociaal team Verzinstad' }],
  G005: [{ bdsNumber: 710, value: 'K. Meedenker' }],
  G072: [
    { bdsNumber: 1185, value: 'JVBERi0xLjQ=' },
    { bdsNumber: 1169, value: '98' },
    { bdsNumber: 1497, value: 'brief.pdf' },
    { bdsNumber: 1172, value: '2026-08-01' },
  ],
  G012: [
    { bdsNumber: 1165, value: true },
    { bdsNumber: 1166, value: '02' },
    { bdsNumber: 1350, value: '2026-07-01' },
    { bdsNumber: 1407, value: 'De nazorgpoli van het ziekenhuis' },
  ],
  G017: [
    { bdsNumber: 736, value: '0612345671' },
    { bdsNumber: 737, value: '03' },
  ],
  G019: [
    { bdsNumber: 80, value: '07' },
    { bdsNumber: 81, value: '03' },
  ],
  G087: [{ bdsNumber: 150, value: 'Uitdroging' }],
  G026: [{ bdsNumber: 219, value: '01' }],
  G041: [
    { bdsNumber: 361, value: '10' },
    { bdsNumber: 1201, value: '2' },
    { bdsNumber: 362, value: '01' },
  ],
  G076: [{ bdsNumber: 461, value: '10' }],
  G081: [
    { bdsNumber: 1151, value: 'Slaapt slecht' },
    { bdsNumber: 1152, value: 'Onrust' },
    { bdsNumber: 1153, value: 'Huilt veel' },
    { bdsNumber: 1154, value: 'Rust' },
  ],
};
/** The group that each nested group stands in. */
const PARENTS: Record<string, string> = { G005: 'G082', G017: 'G014', G116: 'G014', G103: 'G041' };
/** A message with the least it can have, and in it the given group with the given elements. */
export function messageWith(group: string, ...elements: Element[]): KdPlus {
  const outer = PARENTS[group] ?? group;
  const given = new Set(elements.map(({ bdsNumber }) => bdsNumber));
  const filled = (name: string): Group => ({
    group: name,
    elements: [
      ...(COMPANIONS[name] ?? []).filter(({ bdsNumber }) => name !== group || !given.has(bdsNumber)),
      ...(name === group ? elements : []),
    ],
    ...(name === outer && name !== group && { groups: [filled(group)] }),
  });
  const wanted = (side: 'client' | 'contact', always: string): Group[] =>
    [always, ...(groupsOf(side).includes(outer) && outer !== always ? [outer] : [])].map(filled);
  return {
    bdsVersion: elements.some(({ bdsNumber }) => NEW_IN_420.includes(bdsNumber)) ? '4.2.0' : '4.1.3',
    ura: '90000456',
    messageId: 'KD-1',
    client: { groups: wanted('client', 'R003') },
    contacts: [{ date: '2026-08-27', groups: wanted('contact', 'R018') }],
  };
}

/** The message without this element of this group. */
export function without(message: KdPlus, group: string, number: number): KdPlus {
  const strip = (groups: Group[]): Group[] =>
    groups.map((one) => ({
      ...one,
      elements: one.elements.filter(({ bdsNumber }) => one.group !== group || bdsNumber !== number),
      ...(one.groups && { groups: strip(one.groups) }),
    }));
  return {
    ...message,
    client: { groups: strip(message.client.groups) },
    contacts: message.contacts.map((contact) => ({ ...contact, groups: strip(contact.groups) })),
  };
}

/** Every element that the schema lets in, with its group. */
export const ELEMENTS = [...groupsOf('client'), ...groupsOf('contact'), ...groupsOf('nested')].flatMap((group) =>
  numbersOf(group).map((number) => ({ group, number })),
);
