import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';

/** One element of a logical model: scalars have types, records members, and what repeats an earlier record its path. */
export interface Member {
  readonly name: string;
  readonly repeats?: boolean;
  readonly required?: boolean;
  /** Types of a scalar; several where only the message tells which. */
  readonly types?: readonly string[];
  readonly members?: readonly Member[];
  /** For a record within itself: the path of the record, below the root. */
  readonly like?: string;
}

/**
 * A logical model (FHIR R4 §5.3.3.4, `kind` logical): what a system sends, as a StructureDefinition that maps are checked with.
 * `url` ends in the model's name: `…/hix-consult` is `HixConsult`.
 */
export function logicalModel(url: string, title: string, members: readonly Member[]): StructureDefinition {
  const id = url.slice(url.lastIndexOf('/') + 1);
  const name = id
    .split(/[^A-Za-z0-9]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
  return {
    resourceType: 'StructureDefinition',
    id,
    url,
    name,
    title,
    status: 'active',
    kind: 'logical',
    abstract: false,
    type: name,
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Element',
    derivation: 'specialization',
    differential: { element: [{ id: name, path: name, min: 0, max: '*' }, ...elementsOf(members, name, name)] },
  };
}

function elementsOf(members: readonly Member[], parent: string, root: string): ElementDefinition[] {
  return members.flatMap(({ name, repeats, required, types, members: inner, like }) => {
    const path = `${parent}.${name}`;
    const element: ElementDefinition = { id: path, path, min: required ? 1 : 0, max: repeats ? '*' : '1' };
    if (like !== undefined) return [{ ...element, contentReference: `#${root}${like && `.${like}`}` }];
    if (!inner) return [{ ...element, type: (types ?? []).map((code) => ({ code })) }];
    return [{ ...element, type: [{ code: 'BackboneElement' }] }, ...elementsOf(inner, path, root)];
  });
}

/** The model as text, one element a line, so that a change of it can be read. */
export function printModel({ differential, ...head }: StructureDefinition): string {
  const lines = (differential?.element ?? []).map((element) => `      ${JSON.stringify(element)}`);
  const start = JSON.stringify(head, undefined, 2).replace(/\n}$/, '');
  return `${start},\n  "differential": {\n    "element": [\n${lines.join(',\n')}\n    ]\n  }\n}\n`;
}
