import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';

/** Kept of the base's elements: what a validator and a reader need. Comments, mappings, aliases and examples stay with the base. */
const KEPT = new Set(
  'id path short definition min max base contentReference type constraint isModifier isModifierReason isSummary binding'.split(
    ' ',
  ),
);

/**
 * The profile with its snapshot: every element of the base, changed by what the differential says of it (FHIR R4, ElementDefinition). For differentials that constrain
 * elements of the base itself; one that goes into a datatype or slices is refused, so that no snapshot is half right.
 */
export function withSnapshot(profile: StructureDefinition, base: StructureDefinition): StructureDefinition {
  const changes = new Map((profile.differential?.element ?? []).map((one) => [one.path ?? '', one]));
  const elements = (base.snapshot?.element ?? []).map((one) => changed(slim(one), take(changes, one.path ?? '')));
  const [left] = changes.keys();
  if (left !== undefined) throw new Error(`${profile.url}: ${left} is no element of ${base.url}.`);
  const { differential, snapshot: _, ...head } = profile;
  return { ...head, snapshot: { element: elements }, differential } as StructureDefinition;
}

function take(changes: Map<string, ElementDefinition>, path: string): ElementDefinition | undefined {
  const change = changes.get(path);
  if (change?.sliceName) throw new Error(`${path}: slices are not supported in a differential of this project.`);
  changes.delete(path);
  return change;
}

const slim = (element: ElementDefinition): ElementDefinition =>
  Object.fromEntries(Object.entries(element).filter(([key]) => KEPT.has(key))) as unknown as ElementDefinition;

/** What the differential says replaces what the base says; invariants add up. */
function changed(element: ElementDefinition, change: ElementDefinition | undefined): ElementDefinition {
  if (!change) return element;
  const constraint = [...(element.constraint ?? []), ...(change.constraint ?? [])];
  return { ...element, ...change, ...(constraint.length > 0 && { constraint }) };
}
