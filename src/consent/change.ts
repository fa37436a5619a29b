import type { Consent, ConsentProvision } from '@medplum/fhirtypes';
import { CATEGORY_SYSTEM } from '../fhir/extensions.ts';
import type { ConsentRef } from './derivation.ts';
import { namesOf, sensitivityOf } from './labels.ts';
import { CURRENT_POLICY } from './policies.ts';
import { isObject } from './shape.ts';
import { consentRefOf } from './statement.ts';
import type { DecisionInput, Item, PatientParty } from './types.ts';

/** Someone, and the record about which he or she speaks. */
interface Speaks {
  readonly person: string;
  readonly ref: string;
  readonly record: string;
}

/** One thing that could be otherwise than the decision found it, in codes: the words for it are written elsewhere. */
export type Change =
  /** This person permits this very item to who asks, for what is asked; `naming`: the sensitive topics (or the confidentiality) that must be named. */
  | (Speaks & { readonly change: 'permits'; readonly naming: readonly string[] })
  /** This person objects to this very item going to who asks. */
  | (Speaks & { readonly change: 'objects' })
  /** This person ends these statements, which object to the item or cannot be interpreted. */
  | (Speaks & { readonly change: 'ends'; readonly consents: readonly ConsentRef[] })
  /** It is recorded that this person has custody, or has not. */
  | (Speaks & { readonly change: 'custody-recorded'; readonly custodial: boolean })
  | {
      readonly change:
        | 'mitz-permits'
        | 'registers-answer'
        | 'relation-recorded'
        | 'reason-given'
        | 'asks-for-one-patient';
    };

/** The same question in a world in which the change has been made. Pure. */
export function apply(input: DecisionInput, item: Item, change: Change): DecisionInput {
  const { request, env } = input;
  switch (change.change) {
    case 'permits':
      return say(input, change, { ...aboutItem(input, item), type: 'permit', ...labelled(change.naming) });
    case 'objects':
      return say(input, change, { ...aboutItem(input, item), type: 'deny' });
    case 'ends':
      return {
        ...input,
        consents: input.consents.flatMap((one) => (isOneOf(one, change.consents) ? ended(one) : [one])),
      };
    case 'custody-recorded':
      return { ...input, patients: input.patients.map((one) => withCustody(one, change)) };
    case 'mitz-permits':
      return { ...input, env: { ...env, mitz: 'permit' } };
    case 'registers-answer':
      return {
        ...input,
        env: { registry: 'up', mitz: env?.mitz === 'deny' || env?.mitz === 'inactive' ? env.mitz : 'permit' },
      };
    case 'relation-recorded':
      return { ...input, request: { ...request, treatmentRelation: true } };
    case 'reason-given':
      return { ...input, request: { ...request, btgReason: 'reason' } };
    case 'asks-for-one-patient':
      return { ...input, request: { ...request, mode: 'pull', patientCount: 1 } };
  }
}

/** What makes two changes the same. */
export const changeKey = (change: Change): string => JSON.stringify(change);

/** What a permission must name so that it reaches the item: nothing for normal data. */
export const namingOf = (item: Item): string[] => namesOf(sensitivityOf(item.labels, NO_LABELS));
const NO_LABELS: ReadonlySet<string> = new Set();

const THO = 'http://terminology.hl7.org/CodeSystem';

/** As narrow as a statement can be: this item, for this organisation and this discipline, for this purpose. */
function aboutItem({ request }: DecisionInput, item: Item): ConsentProvision {
  const role = { coding: [{ system: `${THO}/v3-ParticipationType`, code: 'IRCP' }] };
  return {
    actor: [request.org, `Group/discipline-${request.discipline}`].map((reference) => ({
      role,
      reference: { reference },
    })),
    purpose: [{ system: `${THO}/v3-ActReason`, code: request.purpose }],
    data: [{ meaning: 'instance', reference: { reference: item.ref } }],
  };
}

function labelled(naming: readonly string[]): Pick<ConsentProvision, 'securityLabel'> {
  const system = (code: string): string => (code.length === 1 ? 'v3-Confidentiality' : 'v3-ActCode');
  return naming.length > 0 ? { securityLabel: naming.map((code) => ({ system: `${THO}/${system(code)}`, code })) } : {};
}

function say(input: DecisionInput, { ref, record }: Speaks, provision: ConsentProvision): DecisionInput {
  const statement: Consent = {
    resourceType: 'Consent',
    id: `change-${input.consents.length}`,
    status: 'active',
    scope: { coding: [{ system: `${THO}/consentscope`, code: 'patient-privacy' }] },
    category: [{ coding: [{ system: CATEGORY_SYSTEM, code: 'change' }] }],
    patient: { reference: record },
    dateTime: input.asOf,
    performer: [{ reference: ref }],
    policy: [{ uri: CURRENT_POLICY }],
    provision,
  };
  return { ...input, consents: [...input.consents, statement] };
}

const isOneOf = (consent: unknown, refs: readonly ConsentRef[]): boolean => {
  const { id, version } = consentRefOf(consent);
  return refs.some((one) => one.id === id && one.version === version);
};

/** What is no Consent at all cannot be ended: it is taken out. */
const ended = (consent: Consent): Consent[] => (isObject(consent) ? [{ ...consent, status: 'inactive' }] : []);

function withCustody(patient: PatientParty, { ref, record, custodial }: Speaks & { custodial: boolean }): PatientParty {
  if (patient.ref !== record || !patient.custody) return patient;
  return { ...patient, custody: patient.custody.map((one) => (one.refs[0] === ref ? { ...one, custodial } : one)) };
}
