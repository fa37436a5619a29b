import type { PatientFile } from '../store/records.ts';

/**
 * How a message is to be judged. A referral that the family knows of needs no further consent for data that are not sensitive (WGBO, presumed consent for a
 * referral), unless somebody refused or withdrew before: who ended a consent presumes nothing. Pure.
 */
export function pushMode(file: Pick<PatientFile, 'consents'>, referralKnown: boolean): 'push' | 'push-referral' {
  const ended = file.consents.some((one) => one.status === 'inactive' || one.status === 'rejected');
  return referralKnown && !ended ? 'push-referral' : 'push';
}
