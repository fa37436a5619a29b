import { tryGetDataType } from '@medplum/core';
import type { Coding, Resource } from '@medplum/fhirtypes';

/** Which part of each resource is asked: the elements of `_elements`, or what `_summary` means. */
export type Subset =
  | { readonly kind: 'elements'; readonly elements: readonly string[] }
  | { readonly kind: 'true' | 'text' | 'data' };

const SUBSETTED: Coding = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };
/** What every subset keeps, beside what is mandatory: elements that change what the rest means, such as that it was entered in error. */
const ALWAYS =
  'resourceType id meta status verificationStatus clinicalStatus doNotPerform intent active deceased link exclude'.split(
    ' ',
  );

/** Whether a type has an element of this name, choices by their bare name (`value`). */
export const hasElement = (type: string, name: string): boolean =>
  Object.keys(tryGetDataType(type)?.elements ?? {}).some((one) => one.replace('[x]', '') === name);

/**
 * The part of a resource that was asked, marked `SUBSETTED`; what the standard makes mandatory stays. A subset is only ever less: it is taken of what was released, after it was. The library's
 * `subsetResource` changes its input and drops what is mandatory.
 */
export function subsetOf<T extends Resource>(resource: T, subset: Subset | undefined): T {
  if (!subset) return resource;
  const schema = tryGetDataType(resource.resourceType);
  const kept = new Set([...ALWAYS, ...(schema?.mandatoryProperties ?? [])]);
  const named = subset.kind === 'elements' ? subset.elements : subset.kind === 'text' ? ['text'] : [];
  for (const one of named) kept.add(one);
  if (subset.kind === 'true') for (const one of schema?.summaryProperties ?? []) kept.add(one);
  const stays = (key: string): boolean => {
    const name = key.replace(/^_/, '');
    return subset.kind === 'data' ? name !== 'text' : kept.has(name) || kept.has(choiceOf(resource.resourceType, name));
  };
  const out = Object.fromEntries(Object.entries(resource).filter(([key]) => stays(key))) as unknown as T;
  const tag = resource.meta?.tag ?? [];
  const marked = tag.some((one) => one.code === SUBSETTED.code) ? tag : [...tag, SUBSETTED];
  return { ...out, meta: { ...resource.meta, tag: marked } };
}

/** The bare name of a choice: `value` of `valueQuantity`. */
function choiceOf(type: string, key: string): string {
  const elements = Object.keys(tryGetDataType(type)?.elements ?? {});
  const choice = elements.find((one) => one.endsWith('[x]') && new RegExp(`^${one.slice(0, -3)}[A-Z]`).test(key));
  return choice?.slice(0, -3) ?? key;
}
