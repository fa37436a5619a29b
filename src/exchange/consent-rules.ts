import type { Consent } from '@medplum/fhirtypes';

const ENDED = new Set(['inactive', 'rejected', 'entered-in-error']);

/** Whether a new version would bring back a Consent that was ended. A permission that was withdrawn stays so: a new permission is a new Consent. */
export const revives = (before: Consent, after: Consent): boolean =>
  ENDED.has(before.status ?? '') && !ENDED.has(after.status ?? '');

/** Whether a Consent is the organisation's to write: it names the organisation as custodian (`Consent.organization`), or names none by `Organization/id`. */
export function isCustodian(consent: Consent, organisation: string): boolean {
  const named = (consent.organization ?? [])
    .map((one) => one.reference ?? '')
    .filter((one) => one.startsWith('Organization/'));
  return named.length === 0 || named.includes(`Organization/${organisation}`);
}
