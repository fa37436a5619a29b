import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import type { PackedElement, PackedStructure } from './pack-types.ts';

/** Kept of every ElementDefinition; `fixed*` and `pattern*` are kept as well. */
const KEPT = ['id', 'path', 'min', 'max', 'sliceName', 'slicing', 'contentReference'] as const;

const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';

/** Reduces a StructureDefinition to what validation and mapping read. */
export function trimStructure(structure: StructureDefinition): PackedStructure {
  return {
    resourceType: 'StructureDefinition',
    id: structure.id as string,
    url: structure.url as string,
    name: structure.name as string,
    kind: structure.kind as string,
    type: structure.type as string,
    abstract: structure.abstract,
    derivation: structure.derivation,
    baseDefinition: structure.baseDefinition,
    snapshot: { element: (structure.snapshot?.element ?? []).map(trimElement) },
  };
}

function trimElement(element: ElementDefinition): PackedElement {
  const source = element as unknown as Record<string, unknown>;
  const kept: Record<string, unknown> = {};
  for (const key of KEPT) if (source[key] !== undefined) kept[key] = source[key];
  for (const key of Object.keys(source)) if (/^(fixed|pattern)[A-Z]/.test(key)) kept[key] = source[key];
  if (element.isModifier) kept.isModifier = true;
  if (element.isSummary) kept.isSummary = true;
  if (element.binding)
    kept.binding = { strength: element.binding.strength, valueSet: bare(element.binding.valueSet ?? '') };
  if (element.type) kept.type = element.type.map(trimType);
  // ele-1 (an element has a value or children) stands on every element and is checked without FHIRPath.
  const constraints = (element.constraint ?? []).filter((constraint) => constraint.key !== 'ele-1');
  if (constraints.length > 0) {
    kept.constraint = constraints.map(({ key, severity, human, expression }) => ({ key, severity, human, expression }));
  }
  return kept as unknown as PackedElement;
}

function trimType(type: NonNullable<ElementDefinition['type']>[number]): Record<string, unknown> {
  const extension = type.extension?.filter((each) => each.url === FHIR_TYPE || each.url?.endsWith('/regex'));
  return {
    code: type.code,
    ...(type.targetProfile ? { targetProfile: type.targetProfile } : {}),
    ...(type.profile ? { profile: type.profile } : {}),
    ...(extension?.length ? { extension } : {}),
  };
}

const bare = (url: string): string => url.split('|')[0] as string;
