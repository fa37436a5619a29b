import type { PackedConstraint, PackedElement, PackedStructure, PackedType } from './pack-types.ts';

/** One element of a type, choice elements under their bare name (`value` for `value[x]`). */
export type ElementInfo = {
  name: string;
  /** Path in the StructureDefinition that defines it. */
  path: string;
  /** Type names; nested elements are named by their path (`Observation.component`). Empty for an unconstrained one. */
  types: string[];
  /** True where the element repeats, and is therefore a JSON array. */
  isArray: boolean;
  /** True for `value[x]`. */
  choice: boolean;
  min: number;
  max: number;
  /** Type names with the JSON key that carries each: `Quantity` → `valueQuantity`. */
  keys: Map<string, string>;
  /** Resource types that a Reference may name; empty = any. */
  targets: string[];
  /** ValueSet of a required binding. */
  requiredValueSet: string | undefined;
  constraints: PackedConstraint[];
};

/** A type with its own and inherited elements. */
export type TypeInfo = {
  name: string;
  /** `primitive-type`, `complex-type`, `resource` or `logical`; a nested type is a `complex-type`. */
  kind: string;
  abstract: boolean;
  base: string | undefined;
  elements: Map<string, ElementInfo>;
  constraints: PackedConstraint[];
  /** For a primitive: the regular expression of its text, where the standard gives one. */
  pattern: RegExp | undefined;
  /** JSON keys → element, `valueQuantity` included. */
  byKey: Map<string, ElementInfo>;
};

const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';

/** The types that one StructureDefinition defines: itself and one for each nested element with children. */
export function typesOf(structure: PackedStructure): TypeInfo[] {
  const elements = structure.snapshot.element.filter((element) => element.sliceName === undefined);
  const root = elements[0];
  if (!root) return [];
  const types = new Map<string, TypeInfo>();
  const parents = new Set(elements.map((element) => parentOf(element.path)));
  const open = (element: PackedElement, base: string | undefined): void => {
    types.set(element.path, {
      name: element.path,
      kind: element === root ? structure.kind : 'complex-type',
      abstract: element === root && structure.abstract === true,
      base,
      elements: new Map(),
      byKey: new Map(),
      constraints: element.constraint ?? [],
      pattern: undefined,
    });
  };
  open(root, baseName(structure));
  for (const element of elements.slice(1)) {
    const owner = types.get(parentOf(element.path));
    if (!owner) continue;
    const nested = parents.has(element.path);
    if (nested) open(element, element.type?.[0]?.code);
    if (structure.kind === 'primitive-type' && element.path === `${root.path}.value`) {
      owner.pattern = patternOf(element);
    }
    const info = elementInfo(element, root.path, nested);
    owner.elements.set(info.name, info);
    for (const key of info.keys.values()) owner.byKey.set(key, info);
  }
  const self = types.get(root.path);
  if (self && structure.name !== root.path && structure.derivation === 'constraint') {
    return [{ ...self, name: structure.name, base: root.path }];
  }
  return [...types.values()];
}

function elementInfo(element: PackedElement, rootPath: string, nested: boolean): ElementInfo {
  const last = element.path.slice(element.path.lastIndexOf('.') + 1);
  const choice = last.endsWith('[x]');
  const name = choice ? last.slice(0, -3) : last;
  const types = nested ? [element.path] : typeNames(element, rootPath);
  const max = element.max === '*' ? Number.POSITIVE_INFINITY : Number(element.max);
  const baseMax = element.base?.max ?? element.max;
  return {
    name,
    path: element.path,
    types,
    isArray: max > 1 || (baseMax !== '0' && baseMax !== '1'),
    choice,
    min: element.min,
    max,
    keys: new Map(types.map((type) => [type, choice ? name + capitalise(type) : name])),
    targets: [...new Set((element.type ?? []).flatMap((type) => (type.targetProfile ?? []).map(lastSegment)))],
    requiredValueSet: element.binding?.strength === 'required' ? element.binding.valueSet : undefined,
    constraints: element.constraint ?? [],
  };
}

function typeNames(element: PackedElement, rootPath: string): string[] {
  if (element.contentReference) {
    const target = element.contentReference.slice(element.contentReference.indexOf('#') + 1);
    return [target.startsWith(rootPath) ? target : rootPath];
  }
  return [...new Set((element.type ?? []).map(typeName))];
}

function typeName(type: PackedType): string {
  if (!type.code.startsWith('http://hl7.org/fhirpath/System.')) return lastSegment(type.code);
  return (
    type.extension?.find((extension) => extension.url === FHIR_TYPE)?.valueUrl ??
    type.code.slice(type.code.lastIndexOf('.') + 1).toLowerCase()
  );
}

function patternOf(element: PackedElement): RegExp | undefined {
  const text = element.type?.[0]?.extension?.find((extension) => extension.url.endsWith('/regex'))?.valueString;
  return text === undefined ? undefined : new RegExp(`^(?:${text})$`, 'su');
}

function baseName(structure: PackedStructure): string | undefined {
  return structure.baseDefinition ? lastSegment(structure.baseDefinition) : undefined;
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('.')));
const lastSegment = (url: string): string => url.slice(url.lastIndexOf('/') + 1);
const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
