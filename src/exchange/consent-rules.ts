import type { Consent, ConsentProvision } from '@medplum/fhirtypes';

const ENDED = new Set(['inactive', 'rejected', 'entered-in-error']);

/** Whether a new version would bring back a Consent that was ended. A permission that was withdrawn stays so: a new permission is a new Consent. */
export const revives = (before: Consent, after: Consent): boolean =>
  ENDED.has(before.status ?? '') && !ENDED.has(after.status ?? '');

/** The organisations that keep a Consent (`Consent.organization` by `Organization/id`). */
export const custodiansOf = (consent: Consent): string[] =>
  (consent.organization ?? [])
    .map((one) => one.reference ?? '')
    .filter((one) => one.startsWith('Organization/'))
    .map((one) => one.slice('Organization/'.length));

/** Whether a Consent is the organisation's to write: it names the organisation as custodian, or names none. */
export function isCustodian(consent: Consent, organisation: string): boolean {
  const named = custodiansOf(consent);
  return named.length === 0 || named.includes(organisation);
}

/** Every Consent has a custodian: whoever registers one that names none keeps it. */
export const withCustodian = <T extends Consent>(consent: T, organisation: string): T =>
  custodiansOf(consent).length > 0
    ? consent
    : { ...consent, organization: [...(consent.organization ?? []), { reference: `Organization/${organisation}` }] };

/** Whether a Consent objects to anything: who ends it without having read it would let more go, not less. */
export const objects = ({ status, provision }: Consent): boolean => status === 'rejected' || denies(provision);

const denies = (one: ConsentProvision | undefined): boolean =>
  one?.type === 'deny' || (one?.provision ?? []).some(denies);
