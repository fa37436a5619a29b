import type { Consent, ConsentProvision } from '@medplum/fhirtypes';
import { CASE_ENTITLEMENTS } from '../case-entitlements.ts';
import { decide } from '../decide.ts';
import type { Custodian, Decision, DecisionInput, DecisionRequest, Item } from '../types.ts';

/** Invented people and statements for the tests of this folder: a child of six months with two parents, asked for by a youth nurse. */

const THO = 'http://terminology.hl7.org/CodeSystem';
export const ANNA = 'RelatedPerson/anna';
export const BRAM = 'RelatedPerson/bram';
export const KIND = 'Patient/kind';

export const org = (id: string) => actor(`Organization/${id}`);
export const sector = (id: string) => actor(`Group/sector-${id}`);
export const discipline = (id: string) => actor(`Group/discipline-${id}`);
export const actor = (reference: string) => ({
  role: { coding: [{ system: `${THO}/v3-ParticipationType`, code: 'IRCP' }] },
  reference: { reference },
});
export const purpose = (code: string) => ({ system: `${THO}/v3-ActReason`, code });
export const category = (code: string) => ({
  system: 'http://gezinspoort.nl/fhir/CodeSystem/data-category',
  code: `cat-${code}`,
});
export const topic = (code: string) => ({ system: `${THO}/v3-ActCode`, code });
export const confidentiality = (code: string) => ({ system: `${THO}/v3-Confidentiality`, code });
export const instance = (reference: string) => ({ meaning: 'instance' as const, reference: { reference } });

/** Permission for the asking organisation, with whatever is stated besides. */
export const permit = (more: Partial<ConsentProvision> = {}): ConsentProvision => ({
  type: 'permit',
  actor: [org('jgz')],
  purpose: [purpose('TREAT')],
  ...more,
});
export const deny = (more: Partial<ConsentProvision> = {}): ConsentProvision => ({ type: 'deny', ...more });

let made = 0;
/** A statement by both parents about the child, unless stated otherwise. */
export function consent(
  provision: ConsentProvision | undefined,
  more: Partial<Consent> & { by?: string[] } = {},
): Consent {
  const { by = [ANNA, BRAM], ...rest } = more;
  made += 1;
  return {
    resourceType: 'Consent',
    id: `c${made}`,
    status: 'active',
    scope: { coding: [{ system: `${THO}/consentscope`, code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: KIND },
    dateTime: '2026-03-01T09:00:00+01:00',
    performer: by.map((reference) => ({ reference })),
    policy: [{ uri: 'http://gezinspoort.nl/policy/igp-exchange|2' }],
    ...(provision && { provision }),
    ...rest,
  };
}

export const custodian = (
  ref: string,
  custodial: Custodian['custodial'] = true,
  more: Partial<Custodian> = {},
): Custodian => ({
  name: ref.replace('RelatedPerson/', ''),
  refs: [ref],
  custodial,
  ...more,
});

export const item = (ref = 'Observation/lengte', more: Partial<Item> = {}): Item => ({
  ref,
  subject: KIND,
  category: 'development',
  date: '2026-06-10',
  labels: [],
  ...more,
});

/** Changes to the basic question; `born`, `custody` are those of the child. */
export interface Ask extends Partial<Omit<DecisionInput, 'request' | 'patients'>> {
  request?: Partial<DecisionRequest>;
  patients?: DecisionInput['patients'];
  born?: string;
  custody?: readonly Custodian[];
}

export function question({
  request,
  born = '2026-01-10',
  custody = [custodian(ANNA), custodian(BRAM)],
  ...more
}: Ask): DecisionInput {
  return {
    asOf: '2026-07-01T12:00:00+02:00',
    request: {
      mode: 'pull',
      purpose: 'TREAT',
      org: 'Organization/jgz',
      sector: 'jgz',
      discipline: 'youth-nurse',
      patient: KIND,
      treatmentRelation: true,
      ...request,
    },
    patients: [{ ref: KIND, birthDate: born, selfRefs: [KIND], custody }],
    consents: [],
    resources: [item()],
    ...more,
  };
}

export const ask = (changes: Ask): Decision => decide(question(changes), CASE_ENTITLEMENTS);

/** The decision and its reasons in one text, to compare at a glance: `deny NO_CONSENT`. */
export const verdict = (changes: Ask): string => {
  const { decision, reasons } = ask(changes);
  return [decision, ...reasons].join(' ');
};
