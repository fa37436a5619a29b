import type { Consent, Reference } from '@medplum/fhirtypes';
import { referenceOf } from './shape.ts';
import { readStatement } from './statement.ts';

/** Whether a shape can be interpreted does not depend on the day. */
const ANY_DAY = { from: '2000-01-01', to: '2000-01-01' };

/**
 * Whether the register may take a Consent: it says whose record it is about and, where it would count (active or rejected), who made it and when, under
 * a policy that is known, in provisions that `decide` interprets. One that is ended (inactive, entered-in-error) or a draft only needs its patient.
 * References may still be those between the entries of a Bundle (`urn:uuid:…`); once stored they must be relative.
 */
export function isUnderstood(consent: Consent): boolean {
  const { state, madeAt } = readStatement(consent, ANY_DAY);
  if (!isNamed(consent?.patient) || state === 'unsupported' || state === 'policy-unknown') return false;
  if (state === 'withdrawn' || state === 'not-active' || state === 'other-scope') return true;
  const { performer } = consent;
  return Array.isArray(performer) && performer.length > 0 && performer.every(isNamed) && madeAt !== undefined;
}

const isNamed = (reference: Reference | undefined): boolean =>
  referenceOf(reference) !== undefined || /^urn:uuid:[0-9a-f-]{36}$/i.test(reference?.reference ?? '');
