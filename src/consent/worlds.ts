import type { Consent, ConsentProvision } from '@medplum/fhirtypes';
import { CATEGORIES as ALL } from '../fhir/categories.ts';
import { CATEGORY_SYSTEM } from '../fhir/extensions.ts';
import { CURRENT_POLICY } from './policies.ts';
import type { Custodian, DecisionInput, DecisionRequest, Item, PatientParty } from './types.ts';

/**
 * The finite table over which the invariants are checked: who has a say × what they said × what is asked, with an item of every category and label. All
 * people are letters; the day is fixed.
 */

const PATIENT = 'Patient/p';
const TODAY = '2026-07-01T12:00:00+02:00';
const THO = 'http://terminology.hl7.org/CodeSystem';

interface Named<T> {
  readonly name: string;
  readonly value: T;
}
const named = <T>(values: Readonly<Record<string, T>>): Named<T>[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

const custodian = (letter: string, more: Partial<Custodian> = {}): Custodian => ({
  name: letter,
  refs: [`RelatedPerson/${letter}`],
  custodial: true,
  ...more,
});
const patient = (birthDate: string, more: Partial<PatientParty> = {}): PatientParty => ({
  ref: PATIENT,
  birthDate,
  selfRefs: [PATIENT],
  ...more,
});
const A = custodian('a');
const B = custodian('b');

/** Who has a say, and under which references they speak. */
export const FAMILIES = named<{ party: PatientParty; speak: readonly string[] }>({
  'one parent': { party: patient('2026-01-10', { custody: [A] }), speak: A.refs },
  'two parents': { party: patient('2026-01-10', { custody: [A, B] }), speak: [...A.refs, ...B.refs] },
  'a parent of uncertain custody': {
    party: patient('2026-01-10', { custody: [A, custodian('b', { custodial: 'unknown' })] }),
    speak: [...A.refs, ...B.refs],
  },
  'a court in place of a parent': {
    party: patient('2026-01-10', { custody: [A, custodian('b', { court: true })] }),
    speak: [...A.refs, 'Organization/court'],
  },
  'a newborn and its mother': {
    party: patient('2026-06-20', { custody: [A], mother: ['Patient/other'] }),
    speak: A.refs,
  },
  'twelve today': { party: patient('2014-07-01', { custody: [A, B] }), speak: [...A.refs, ...B.refs] },
  thirteen: { party: patient('2013-01-10', { custody: [A] }), speak: [...A.refs, PATIENT] },
  sixteen: { party: patient('2010-01-10', { custody: [A] }), speak: [PATIENT] },
  represented: { party: patient('1990-01-10', { representative: 'RelatedPerson/r' }), speak: ['RelatedPerson/r'] },
  'nobody recorded': { party: patient('2026-01-10', { custody: [] }), speak: A.refs },
});

let made = 0;
const statement = (by: readonly string[], provision: ConsentProvision, more: Partial<Consent> = {}): Consent => {
  made += 1;
  return {
    resourceType: 'Consent',
    id: `w${made}`,
    status: 'active',
    scope: { coding: [{ system: `${THO}/consentscope`, code: 'patient-privacy' }] },
    category: [{}],
    patient: { reference: PATIENT },
    dateTime: '2026-06-25T09:00:00+02:00',
    performer: by.map((reference) => ({ reference })),
    policy: [{ uri: CURRENT_POLICY }],
    provision,
    ...more,
  };
};
const recipient = (reference: string) => ({
  role: { coding: [{ system: `${THO}/v3-ParticipationType`, code: 'IRCP' }] },
  reference: { reference },
});
const TREAT = [{ system: `${THO}/v3-ActReason`, code: 'TREAT' }];
const permit = (more: Partial<ConsentProvision> = {}): ConsentProvision => ({
  type: 'permit',
  actor: [recipient('Organization/asks')],
  purpose: TREAT,
  ...more,
});
const deny = (more: Partial<ConsentProvision> = {}): ConsentProvision => ({ ...permit(more), type: 'deny' });
const label = (system: string, code: string) => ({ system: `${THO}/${system}`, code });
const RISK = { system: CATEGORY_SYSTEM, code: 'cat-risk' };
const ALL_LABELS = { securityLabel: [label('v3-Confidentiality', 'V')] };

type Said = (speak: readonly string[]) => Consent[];
const first = (speak: readonly string[]): string[] => speak.slice(0, 1);

/** What the family said. */
export const STATEMENTS = named<Said>({
  nothing: () => [],
  'all permit': (all) => [statement(all, permit())],
  'all permit all there is': (all) => [statement(all, permit(ALL_LABELS))],
  'all permit risk and psychiatry': (all) => [
    statement(all, permit({ securityLabel: [RISK, label('v3-ActCode', 'PSY')] })),
  ],
  'one permits all there is': (all) => [statement(first(all), permit(ALL_LABELS))],
  'all permit, one refuses in general': (all) => [
    statement(all, permit(ALL_LABELS)),
    statement(first(all), { type: 'deny' }),
  ],
  'all permit, one refuses risk': (all) => [
    statement(all, permit(ALL_LABELS)),
    statement(first(all), deny({ securityLabel: [RISK] })),
  ],
  'all refuse, except this organisation': (all) => [statement(all, { type: 'deny', provision: [permit(ALL_LABELS)] })],
  'all permit another organisation': (all) => [
    statement(all, permit({ ...ALL_LABELS, actor: [recipient('Organization/other')] })),
  ],
  'all permitted long ago': (all) => [statement(all, permit(ALL_LABELS), { dateTime: '2001-01-01' })],
});

/** What might be added to what was said, to take something away. */
export const OBJECTIONS = named<(by: string) => Consent>({
  'refuses in general': (by) => statement([by], { type: 'deny' }),
  'refuses this organisation': (by) => statement([by], deny()),
  'refuses a category': (by) => statement([by], deny({ securityLabel: [RISK] })),
  'refuses a topic': (by) => statement([by], deny({ securityLabel: [label('v3-ActCode', 'PSY')] })),
  'is recorded as refusing': (by) => statement([by], permit(), { status: 'rejected' }),
});

/** Statements that may not be interpreted. */
export const UNREADABLE = named<(by: string) => Consent>({
  'a class': (by) => statement([by], { ...permit(), class: [{ code: 'Observation' }] }),
  'an extension that changes the meaning': (by) => statement([by], permit(), { modifierExtension: [{ url: 'urn:x' }] }),
  'another policy': (by) => statement([by], permit(), { policy: [{ uri: 'urn:x' }] }),
  'no provision': (by) => statement([by], {} as ConsentProvision),
  'no JSON object': () => 7 as unknown as Consent,
});

/** What is asked, and in which state the registers are. */
export const QUESTIONS = named<{ request: Partial<DecisionRequest>; env?: DecisionInput['env'] }>({
  treatment: { request: {} },
  'treatment, Mitz refuses': { request: {}, env: { mitz: 'deny' } },
  research: { request: { purpose: 'HRESCH' } },
  'a known referral': { request: { mode: 'push-referral' } },
  'break-glass': { request: { purpose: 'BTG', btgReason: 'reason', treatmentRelation: false } },
  'break-glass, register down': { request: { purpose: 'BTG', btgReason: 'reason' }, env: { registry: 'down' } },
});

export const CATEGORIES: readonly string[] = [...ALL];
export const LABELS: readonly (readonly string[])[] = [[], ['PSY'], ['HIV'], ['CHILDPROT'], ['ZZZ'], ['R'], ['V']];

const item = (name: string, more: Partial<Item> = {}): Item => ({
  ref: `Basic/${name}`,
  subject: PATIENT,
  category: 'naw',
  date: '2026-06-01',
  ...more,
});

/** Items that no family can let out whole. */
export const LIMITED = {
  address: item('address', { protectedAddress: true }),
  bsn: item('bsn', { hasBsn: true }),
  about: item('about', { about: 'Patient/other' }),
  wholly: item('wholly', { about: 'Patient/other', aboutWhole: true }),
  sibling: item('sibling', { subject: 'Patient/sibling' }),
  unlabelled: item('unlabelled', { category: undefined }),
  oddly: item('oddly', { category: 'weather' }),
} as const satisfies Record<string, Item>;

/** One item of every category with every label, and the limited ones. */
export const ITEMS: readonly Item[] = [
  ...CATEGORIES.flatMap((category) =>
    LABELS.map((labels) => item(`${category}${labels.map((one) => `-${one}`).join('')}`, { category, labels })),
  ),
  item('medication-about', { category: 'medication', about: 'Patient/other' }),
  ...Object.values(LIMITED),
];

/** One cell of the table, for one discipline. */
export interface World {
  readonly name: string;
  /** Which of the statements. */
  readonly said: string;
  readonly input: DecisionInput;
  readonly speak: readonly string[];
}

/** Every cell for one discipline. `items`: those that are asked for. */
export function* worldsOf(
  discipline: string,
  items: readonly Item[],
  config: DecisionInput['config'],
): Generator<World> {
  for (const family of FAMILIES)
    for (const said of STATEMENTS)
      for (const asked of QUESTIONS)
        yield {
          name: `${discipline}: ${asked.name}; ${family.name}; ${said.name}`,
          said: said.name,
          speak: family.value.speak,
          input: {
            asOf: TODAY,
            request: {
              mode: 'pull',
              purpose: 'TREAT',
              org: 'Organization/asks',
              sector: 'sector',
              discipline,
              patient: PATIENT,
              treatmentRelation: true,
              ...asked.value.request,
            },
            patients: [family.value.party],
            consents: said.value(family.value.speak),
            resources: items,
            config,
            ...(asked.value.env && { env: asked.value.env }),
          },
        };
}
