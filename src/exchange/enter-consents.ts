import type { Consent } from '@medplum/fhirtypes';
import canonicalize from 'canonicalize';
import { type Refusal, refuse } from '../fhir/problems.ts';
import { isCustodian, revives } from './consent-rules.ts';

/** One Consent among the entries of a family, and whether it came as an update by id (PUT) or as a new statement (POST). */
export interface EnteredConsent {
  readonly index: number;
  readonly update: boolean;
  readonly consent: Consent & { id: string };
}

/** A version of a Consent that is to be written. */
export interface ConsentVersion {
  readonly consent: Consent & { id: string };
  readonly version: number;
}

/**
 * Which versions the Consents of a family Bundle make, or why one may not be written. A new statement that is known already, in whatever version (it may have
 * been narrowed or withdrawn since), changes nothing: it is the same Bundle again. An update may not revive what was ended. Pure.
 */
export function planConsents(
  entered: readonly EnteredConsent[],
  known: readonly Consent[],
  organisation: string,
): { ok: true; versions: ConsentVersion[] } | Refusal {
  const versions: ConsentVersion[] = [];
  for (const { index, update, consent } of entered) {
    const path = `Bundle.entry[${index}].resource`;
    const before = known.find((one) => one.id === consent.id);
    if (!isCustodian(consent, organisation) || (update && before && !isCustodian(before, organisation)))
      return refuse('not-allowed', `${path}.organization`);
    if (before && (!update || isSame(before, consent))) continue;
    if (before && revives(before, consent)) return refuse('consent-ended', `${path}.status`);
    versions.push({ consent, version: Number(before?.meta?.versionId ?? 0) + 1 });
  }
  return { ok: true, versions };
}

const isSame = (one: Consent, other: Consent): boolean =>
  canonicalize({ ...one, meta: undefined }) === canonicalize({ ...other, meta: undefined });
