import type { CodeSystem, CodeSystemConcept, StructureDefinition, ValueSet } from '@medplum/fhirtypes';
import type { PackedStructure } from '../pack-types.ts';
import { trimStructure } from '../trim.ts';

/** A conformance resource, reduced to what is read of it: packages hold a hundred times more text than rules. */
export type Slim = PackedStructure | ValueSet | CodeSystem;

/** Reduces a resource of a package; `undefined` for the kinds that are not used. */
export function slim(resource: object): Slim | undefined {
  switch ((resource as { resourceType?: unknown }).resourceType) {
    case 'StructureDefinition':
      return trimStructure(resource as StructureDefinition);
    case 'ValueSet':
      return slimValueSet(resource as ValueSet);
    case 'CodeSystem':
      return slimCodeSystem(resource as CodeSystem);
    default:
      return undefined;
  }
}

function slimValueSet({ resourceType, url, status, compose, expansion }: ValueSet): ValueSet {
  const include = (list: NonNullable<ValueSet['compose']>['include'] | undefined) =>
    list?.map(({ system, concept, filter, valueSet }) => ({
      ...(system && { system }),
      ...(concept && { concept: concept.map(({ code }) => ({ code })) }),
      ...(filter && { filter }),
      ...(valueSet && { valueSet }),
    }));
  const total = expansion?.total;
  const contains = expansion?.contains?.map(({ system, code }) => ({ system, code }));
  return {
    resourceType,
    url,
    status,
    ...(compose && { compose: { include: include(compose.include) ?? [], exclude: include(compose.exclude) } }),
    ...(!compose && expansion && { expansion: { timestamp: expansion.timestamp, total, contains } }),
  } as ValueSet;
}

const PLACES = new Set(['subsumedBy', 'parent', 'notSelectable']);

function slimCodeSystem({ resourceType, url, status, content, concept }: CodeSystem): CodeSystem {
  const slimConcept = ({ code, property, concept: below }: CodeSystemConcept): CodeSystemConcept => {
    const kept = property?.filter((one) => PLACES.has(one.code));
    return {
      code,
      ...(kept?.length && { property: kept }),
      ...(below && { concept: below.map(slimConcept) }),
    };
  };
  return { resourceType, url, status, content, concept: concept?.map(slimConcept) };
}
