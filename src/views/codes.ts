import type { CodeableConcept, Coding, ValueSet } from '@medplum/fhirtypes';

/** Which codes a list holds: single ones as `system|code`, and code systems as a whole. */
export interface CodeList {
  readonly codes: ReadonlySet<string>;
  readonly systems: ReadonlySet<string>;
}

/** The codes that a ValueSet enumerates (`compose.include`). Undefined where it needs a terminology server: filters, imports, exclusions. */
export function codeList(valueSet: ValueSet): CodeList | undefined {
  const include = valueSet.compose?.include;
  if (!include || valueSet.compose?.exclude) return undefined;
  if (include.some((one) => !one.system || one.filter || one.valueSet)) return undefined;
  return {
    codes: new Set(include.flatMap((one) => (one.concept ?? []).map((concept) => `${one.system}|${concept.code}`))),
    systems: new Set(include.filter((one) => !one.concept).map((one) => one.system as string)),
  };
}

/** All codes of several lists. */
export const union = (lists: readonly CodeList[]): CodeList => ({
  codes: new Set(lists.flatMap((list) => [...list.codes])),
  systems: new Set(lists.flatMap((list) => [...list.systems])),
});

/** Whether a list holds a coding. A coding without system is in no list. */
export const holds = (list: CodeList, coding: Partial<Coding> | undefined): boolean =>
  typeof coding?.system === 'string' &&
  typeof coding.code === 'string' &&
  (list.codes.has(`${coding.system}|${coding.code}`) || list.systems.has(coding.system));

/** Whether one of the codings of a concept, or of a list of concepts, is in the list. */
export function holdsConcept(list: CodeList, concept: unknown): boolean {
  if (Array.isArray(concept)) return concept.some((one) => holdsConcept(list, one));
  const codings = (concept as CodeableConcept | undefined)?.coding;
  return Array.isArray(codings) && codings.some((coding) => holds(list, coding));
}
