import type { Extension } from '@medplum/fhirtypes';

const BASE = 'http://gezinspoort.nl/fhir/StructureDefinition';

/** The project's own extensions on shared resources. */
export const EXTENSIONS = {
  /** RelatedPerson: custody over the child, as checked in the custody register: code `yes` | `no` | `unknown`. */
  custody: `${BASE}/custody`,
  /** RelatedPerson: a court gave substitute consent in this person's place (Burgerlijk Wetboek 1:253a). Boolean. */
  court: `${BASE}/court-substitute-consent`,
  /** RelatedPerson or Patient: on what ground (`ground`) one of these facts (`fact`) is known, and on which day it was seen there (`date`). */
  knownFrom: `${BASE}/known-from`,
  /** RelatedPerson: reference to the Patient (or guardian Organization) that is the same person. */
  samePerson: `${BASE}/same-person`,
  /** RelatedPerson of an adult: legal representative (mentor, proxy). Boolean. */
  representative: `${BASE}/representative`,
  /** Patient or RelatedPerson: the address is protected and goes to nobody. Boolean. */
  protectedAddress: `${BASE}/protected-address`,
  /** Patient in a message, never in the store: a part that the source clears on purpose (`deceased`, `telecom` …). Code. */
  clearedPart: `${BASE}/cleared-part`,
  /** Observation or Condition: the whole item is about a third person. Boolean. */
  aboutWhole: `${BASE}/about-third-person`,
  /** Any resource: an element of BDS that has no other place in it: `element` (Coding) and `value`, as it came. No view lets it out. */
  bdsElement: `${BASE}/bds-element`,
  /** Provenance: which rule made an element from which places of a message. */
  lineage: `${BASE}/lineage`,
} as const;

/** Whether a url is one of the project's own extensions, known or not. */
export const isOwnExtension = (url: unknown): boolean => typeof url === 'string' && url.startsWith(`${BASE}/`);

/** The first extension of this URL, if any. */
export const extension = (element: { extension?: Extension[] }, url: string): Extension | undefined =>
  element.extension?.find((one) => one.url === url);

export const BSN_SYSTEM = 'http://fhir.nl/fhir/NamingSystem/bsn';
export const CATEGORY_SYSTEM = 'http://gezinspoort.nl/fhir/CodeSystem/data-category';
export const POLI_SYSTEM = 'http://gezinspoort.nl/fhir/CodeSystem/poli';
