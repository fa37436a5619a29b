import type { Definitions, ElementInfo } from '../definitions.ts';
import type { Json } from '../path/node.ts';

/** True when the value has a code that the element's required value set does not have (FHIR R4 §terminologies). */
export function breaksBinding(value: unknown, type: string, element: ElementInfo, definitions: Definitions): boolean {
  const codes = element.requiredValueSet === undefined ? undefined : definitions.valueSet(element.requiredValueSet);
  if (!codes) return false;
  const has = (code: unknown, system: unknown): boolean => {
    if (typeof code !== 'string') return false;
    const list = typeof system === 'string' && Object.hasOwn(codes, system) ? codes[system] : undefined;
    return list?.includes(code) ?? false;
  };
  switch (type) {
    case 'code':
      return !Object.values(codes).some((list) => list.includes(value as string));
    case 'Coding':
      return !has((value as Json).code, (value as Json).system);
    case 'CodeableConcept': {
      const codings = (value as Json).coding;
      if (!Array.isArray(codings)) return !hasExtension(value as Json);
      return !codings.some((coding: Json) => has(coding?.code, coding?.system));
    }
    default:
      return false;
  }
}

const hasExtension = (json: Json): boolean => Array.isArray(json.extension);
