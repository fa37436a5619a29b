import type { Consent } from '@medplum/fhirtypes';
import canonicalize from 'canonicalize';
import { ageOn, dutchDay, type Moment, readMoment } from '../consent/dutch-date.ts';
import { readStatement } from '../consent/statement.ts';
import type { PatientFile } from '../store/records.ts';
import type { Vault } from '../store/vault.ts';
import { toParty } from './family.ts';

/** What becomes of a Consent that came with a push: it restricts at once, it waits as a proposal, or it says nothing about sharing. */
export type Inbound =
  | { readonly kind: 'objection' | 'proposal'; readonly consent: Consent & { id: string }; readonly review: boolean }
  | { readonly kind: 'other' };

const IGP = 'http://gezinspoort.nl/policy/igp-exchange|2';
/** Under this policy nobody can decide: a statement under it stops everything of the patient, whoever made it, until it is ended in the register. */
const UNSETTLED = 'http://gezinspoort.nl/policy/inbound-objection';
const PRIVACY = 'patient-privacy';

/**
 * Reads a Consent that a source sent with a record (BDS G012, HL7 v2 CON, FHIR). A push is the work of a system and of nobody who registers consent, so it can only restrict: whatever may be a refusal or
 * a withdrawal counts at once, for all that it may mean, until a recorder has asked the family; a permit is a proposal, which a recorder makes count. Only a plain permit is taken for one: a Consent that is not understood
 * may be a refusal. `consent` is about the patient of `file`. Pure.
 */
export function readInbound(
  vault: Pick<Vault, 'stableId'>,
  file: PatientFile,
  sender: string,
  consent: Consent,
  now: Date,
): Inbound {
  const scopes = consent.scope?.coding ?? [];
  if (scopes.length > 0 && !scopes.some((one) => one.code === PRIVACY)) return { kind: 'other' };
  if (consent.status === 'entered-in-error') return { kind: 'other' };
  const { id: _id, meta: _meta, ...said } = consent;
  const id = vault.stableId('inbound-consent', sender, file.patient, canonicalize(said) ?? '');
  const performer = (consent.performer ?? []).filter(({ reference = '' }) => hasSay(file, reference, now));
  const { provision } = consent;
  const permits = consent.status !== 'inactive' && consent.status !== 'rejected' && provision?.type === 'permit';
  if (permits && !(provision.provision ?? []).some((one) => one.type !== 'permit'))
    return { kind: 'proposal', review: false, consent: { ...said, id, status: 'proposed' } };
  const at = readMoment(now.toISOString()) as Moment;
  const { state, rules, madeAt } = readStatement({ ...consent, performer }, at);
  const clear = state === 'valid' && rules.length > 0 && rules.every((one) => one.type === 'deny');
  return {
    kind: 'objection',
    review: true,
    consent: {
      resourceType: 'Consent',
      id,
      status: 'active',
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: PRIVACY }] },
      category: consent.category,
      patient: consent.patient,
      ...(madeAt && { dateTime: consent.dateTime }),
      ...(performer.length > 0 && { performer }),
      policy: [{ uri: performer.length > 0 ? IGP : UNSETTLED }],
      provision: clear && performer.length > 0 ? provision : { type: 'deny' },
    },
  };
}

/** Only an objection of a custodian, or of somebody who decides alone, is that person's own; who says it otherwise is not known, and it may be anybody's. */
function hasSay(file: PatientFile, reference: string, now: Date): boolean {
  const { birthDate, selfRefs, representative = [], custody = [] } = toParty(file);
  const born = readMoment(birthDate);
  const alone = born !== undefined && ageOn(born.to, dutchDay(now.getTime())) >= ALONE;
  const own = alone
    ? [...selfRefs, ...[representative].flat()]
    : custody.flatMap((one) => (one.custodial ? one.refs : []));
  return own.includes(reference);
}

/** From this age somebody decides alone (BW 7:447). */
const ALONE = 16;
