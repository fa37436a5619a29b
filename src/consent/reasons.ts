/** Every reason a decision can give, in the order in which a set of reasons is shown. The text is for the console and the audit report. */
export const REASONS = {
  CONSENT: 'Everyone with a say permits it.',
  IMPLIED_REFERRAL: 'A referral that the family knows of, normal data, and nobody objects.',
  PRESUMED_SECOND_PARENT: 'One parent permits it and the other has not objected (setting bothParents).',
  BTG_OVERRIDE: 'Break-glass stands in for the consent that is missing.',
  NO_CONSENT: 'Nothing is on record from someone whose consent is needed.',
  CONSENT_EXPIRED: 'The consent that would have counted has ended.',
  CONSENT_NOT_YET_VALID: 'The consent that would have counted is not valid yet.',
  CONSENT_WITHDRAWN: 'The consent that would have counted was withdrawn.',
  CONSENT_NOT_ACTIVE: 'The consent that would have counted is a draft, a proposal or an error.',
  CONSENT_REFUSED: 'Sharing was refused.',
  POLICY_VERSION_SUPERSEDED:
    'The consent was given under a version of the policy that is no longer in force: ask again.',
  POLICY_UNKNOWN: 'The consent refers to a policy that this gateway does not know: for the privacy officer.',
  UNSUPPORTED_CONSENT: 'The consent says something that this gateway cannot interpret: for the privacy officer.',
  CUSTODIAN_CONSENT_MISSING: 'Someone with custody has not consented.',
  CUSTODIAN_OBJECTION: 'Someone with custody objects.',
  CUSTODY_UNKNOWN: 'It is not known who has custody: check the custody register.',
  PERFORMER_NOT_AUTHORISED: 'The one who consented has no say here.',
  CHILD_COCONSENT_MISSING: 'The child is 12 to 15 and has not consented.',
  CHILD_OBJECTION: 'The child is 12 to 15 and objects.',
  AGE16_OWN_CONSENT_REQUIRED: 'The patient is 16 or older: the consent of the parents no longer counts.',
  SUBJECT_MISMATCH: 'The consent is about the record of somebody else.',
  OTHER_PATIENT: 'The item is of another patient than the one asked for.',
  PATIENT_DECEASED: 'The patient has died: inspection and audit go by another route.',
  RECIPIENT_NOT_COVERED: 'No consent covers this recipient for this item.',
  ORG_OBJECTION: 'The family refused this organisation or its sector.',
  DISCIPLINE_OBJECTION: 'The family refused this discipline.',
  ROLE_UNKNOWN: 'The discipline of the one who asks is not known.',
  NO_TREATMENT_RELATION: 'The one who asks has no treatment relation with the patient.',
  PURPOSE_MISMATCH: 'The consent is for another purpose.',
  CATEGORY_OBJECTION: 'The family refused this kind of data.',
  ITEM_OBJECTION: 'The family refused this very item.',
  SENSITIVE_NOT_INCLUDED: 'The item is sensitive and its topic was not permitted by name.',
  OUTSIDE_DATA_PERIOD: 'The date of the item lies outside what was permitted.',
  LABEL_MISSING: 'The item has no known data category.',
  VIEW_NOT_ENTITLED: 'The discipline does not need this kind of data.',
  THIRD_PARTY_REDACTED: 'The item tells something about a third person who did not consent.',
  PROTECTED_ADDRESS: 'The item has an address that is protected.',
  BSN_NOT_ENTITLED: 'The discipline has no legal ground to receive a BSN.',
  LEGAL_DUTY_ROUTE: 'A report under a legal duty goes by its own route and never by consent.',
  REGISTRY_UNAVAILABLE: 'A consent register could not be asked.',
  MITZ_DENY: 'Mitz answers that the patient refuses.',
  MITZ_INACTIVE_IS_REFUSAL: 'Mitz has an inactive statement, which is how it records a refusal.',
  BTG_NO_REASON: 'Break-glass needs a reason.',
  BTG_NOT_ENTITLED: 'This discipline may not break the glass.',
  BTG_NOT_AVAILABLE: 'Break-glass is for reading the record of one patient only.',
} as const;

export type ReasonCode = keyof typeof REASONS;

const ORDER = new Map(Object.keys(REASONS).map((code, index) => [code, index]));

/** The reasons as a set, in catalogue order, so that equal sets are equal arrays. */
export function sortReasons(codes: Iterable<ReasonCode>): ReasonCode[] {
  return [...new Set(codes)].sort((a, b) => (ORDER.get(a) ?? 0) - (ORDER.get(b) ?? 0));
}
