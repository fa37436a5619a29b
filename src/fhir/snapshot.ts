import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';

/** Kept of the base's elements: what a validator and a reader need. Comments, mappings, aliases and examples stay with the base. */
const KEPT = new Set(
  'id path short definition min max base contentReference type constraint isModifier isModifierReason isSummary binding'.split(
    ' ',
  ),
);

/**
 * The profile with its snapshot: every element of the base, changed by what the differential says of it (FHIR R4, ElementDefinition). For differentials that constrain
 * elements of the base itself, and slices of an element that is of the base's own type (the parts of an extension). Anything else is refused, so that no
 * snapshot is half right.
 */
export function withSnapshot(profile: StructureDefinition, base: StructureDefinition): StructureDefinition {
  const changes = new Map((profile.differential?.element ?? []).map((one) => [one.id ?? one.path ?? '', one]));
  const slices = [...changes.keys()].filter((id) => /:[^.]*$/.test(id));
  const elements = (base.snapshot?.element ?? []).flatMap((one) => [
    changed(slim(one), take(changes, one.path ?? '')),
    ...slices.filter((id) => id.startsWith(`${one.path}:`)).flatMap((id) => slice(id, one, base, changes)),
  ]);
  const [left] = changes.keys();
  if (left !== undefined) throw new Error(`${profile.url}: ${left} is no element of ${base.url}.`);
  const { differential, snapshot: _, ...head } = profile;
  return { ...head, snapshot: { element: elements }, differential } as StructureDefinition;
}

/** A slice with the elements of its type below it. */
function slice(
  id: string,
  sliced: ElementDefinition,
  base: StructureDefinition,
  changes: Map<string, ElementDefinition>,
): ElementDefinition[] {
  if (sliced.type?.some((one) => one.code !== base.type))
    throw new Error(`${id}: only slices of type ${base.type} are known here.`);
  return (base.snapshot?.element ?? []).map((one, index) => {
    const below = (one.path ?? '').slice(base.type.length);
    const place = { id: `${id}${below}`, path: `${sliced.path}${below}` };
    return changed({ ...slim(index === 0 ? sliced : one), ...place }, take(changes, place.id));
  });
}

function take(changes: Map<string, ElementDefinition>, id: string): ElementDefinition | undefined {
  const change = changes.get(id);
  changes.delete(id);
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
