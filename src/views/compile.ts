import { type CodeList, holds, holdsConcept, union } from './codes.ts';
import type {
  ChildrenPolicy,
  Datatypes,
  ElementPolicy,
  ElementSet,
  OnlyPolicy,
  PrimitivePolicy,
  Shape,
  TypePolicy,
} from './policy.ts';
import { type Branch, HIDDEN, type Leaf, type Node, type TypeView } from './types.ts';

/** What compiling needs: the data types, the code lists by name, and whether a path is an element of FHIR R4. */
export interface CompileContext {
  readonly datatypes: Datatypes;
  readonly codeLists: ReadonlyMap<string, CodeList>;
  /** `Observation.component.code`, `Observation.value[x]`, `HumanName.family`. */
  isElement(path: string): boolean;
  /** Collects what is wrong; compiling goes on, so that all problems are found at once. */
  problem(text: string): void;
}

/** Compiles a set of elements into one tree per resource type. */
export function compileSet(set: ElementSet, context: CompileContext): ReadonlyMap<string, TypeView> {
  return new Map(
    Object.entries(set.types).map(([type, policy]) => [type, compileType(`${set.set}: `, type, policy, context)]),
  );
}

function compileType(where: string, type: string, policy: TypePolicy, context: CompileContext): TypeView {
  if (!context.isElement(`${type}.id`)) context.problem(`${where}${type} is no resource type of FHIR R4.`);
  const { $codes, ...elements } = policy;
  const scope: Scope = { context, where, open: new Map() };
  const root = branch(
    scope,
    { path: type, element: type, hidden: type === 'Binary' ? HIDDEN.opaque | HIDDEN.freetext : 0 },
    type,
    elements as ChildrenPolicy,
    type,
  );
  const language = leaf({ path: `${type}.language`, element: 'language', hidden: 0 }, 'string', 'text');
  return {
    root: { ...root, children: new Map([...root.children, ['language', language]]) },
    codesAt: Array.isArray($codes)
      ? $codes.map((one) => codesKey(scope, type, root, one))
      : ($codes as 'any' | undefined),
  };
}

interface Scope {
  readonly context: CompileContext;
  readonly where: string;
  /** Shapes on the way down, so that a shape that contains itself (a section in a section) becomes a loop in the tree. */
  readonly open: Map<string, Branch>;
}

interface Place {
  readonly path: string;
  readonly element: string;
  readonly hidden: number;
}

/** A restriction to codes looks in a CodeableConcept: `code`, or `medicationCodeableConcept` for `medication[x]`. */
function codesKey(scope: Scope, type: string, root: Branch, element: string): string {
  const key = element.replace('[x]', 'CodeableConcept');
  if (root.children.get(key)?.kind !== 'branch')
    scope.context.problem(`${scope.where}${type}.$codes names ${element}, which is no coded element of the set.`);
  return key;
}

function branch(scope: Scope, place: Place, fhirPath: string, policy: ChildrenPolicy, type: string): Branch {
  const children = new Map<string, Node>();
  const made: Branch = { kind: 'branch', ...place, children, only: undefined, type, plain: undefined };
  fill(scope, children, place, fhirPath, policy);
  return policy.$only ? { ...made, only: onlyItems(scope, place, policy.$only) } : made;
}

function fill(scope: Scope, children: Map<string, Node>, place: Place, fhirPath: string, policy: ChildrenPolicy): void {
  for (const [element, child] of Object.entries(policy)) {
    if (element === '$only' || child === undefined) continue;
    const path = `${fhirPath}.${element}`;
    if (NEVER_NAMED.has(element) || (element === 'text' && fhirPath === place.path && !fhirPath.includes('.'))) {
      scope.context.problem(`${scope.where}${path} may not be named: it would let out what no list has looked at.`);
    }
    if (!scope.context.isElement(path)) scope.context.problem(`${scope.where}${path} is no element of FHIR R4.`);
    for (const [key, node] of nodesOf(scope, place, path, element, child as ElementPolicy)) children.set(key, node);
  }
}

/** The nodes of one element: one, or one for each type of a choice (`value[x]`). */
function nodesOf(
  scope: Scope,
  parent: Place,
  fhirPath: string,
  element: string,
  policy: ElementPolicy,
): [string, Node][] {
  const at = (key: string): Place => ({ path: `${parent.path}.${key}`, element, hidden: parent.hidden });
  if (typeof policy !== 'string') {
    return [
      [
        element,
        isPrimitive(policy)
          ? extended(scope, at(element), policy)
          : branch(scope, at(element), fhirPath, policy, 'Element'),
      ],
    ];
  }
  const names = policy.split(' | ');
  const choice = element.endsWith('[x]');
  if (!choice && names.length > 1) scope.context.problem(`${scope.where}${fhirPath} has one type.`);
  return names.map((name): [string, Node] => {
    const key = choice ? element.slice(0, -3) + capitalise(fhirType(scope, name)) : element;
    return [key, typed(scope, at(key), name)];
  });
}

function typed(scope: Scope, place: Place, name: string): Node {
  const { datatypes } = scope.context;
  const json = datatypes.primitives[name];
  if (json)
    return leaf(
      { ...place, hidden: place.hidden | hiddenPrimitive(name) },
      json,
      NOT_SCANNED.has(name) ? 'none' : 'text',
    );
  const shape = datatypes.shapes[name];
  if (shape) return shaped(scope, place, name, shape);
  scope.context.problem(`${scope.where}${place.path} has the unknown type ${name}.`);
  return leaf(place, 'string', 'text');
}

function shaped(scope: Scope, place: Place, name: string, shape: Shape): Branch {
  const open = scope.open.get(name);
  if (open) return open;
  const hidden = place.hidden | (HIDDEN_TYPES[shape.of] ?? 0);
  const children = new Map<string, Node>();
  const made: Branch = {
    kind: 'branch',
    ...place,
    hidden,
    children,
    only: shape.elements.$only ? onlyItems(scope, place, shape.elements.$only) : undefined,
    type: shape.of,
    plain: shape.professionalsOnly ? (typed(scope, place, shape.of) as Branch) : undefined,
  };
  scope.open.set(name, made);
  fill(scope, children, { ...place, hidden }, shape.of, shape.elements);
  scope.open.delete(name);
  const code = children.get('code');
  if (shape.of === 'Coding' && code?.kind === 'leaf') children.set('code', { ...code, scan: 'code' });
  return made;
}

function extended(scope: Scope, place: Place, policy: PrimitivePolicy): Leaf {
  const plain = typed(scope, place, policy.$type);
  if (plain.kind !== 'leaf') scope.context.problem(`${scope.where}${place.path} is no primitive.`);
  const extensions = policy.$extensions.map((name): [string, Branch] => extensionBranch(scope, plain, name));
  return { ...(plain as Leaf), extensions: new Map(extensions) };
}

function extensionBranch(scope: Scope, place: Place, name: string): [string, Branch] {
  const definition = scope.context.datatypes.extensions[name];
  if (!definition) scope.context.problem(`${scope.where}${place.path} names the unknown extension ${name}.`);
  const at = { path: `${place.path}.extension`, element: 'extension', hidden: place.hidden };
  const children = new Map<string, Node>([
    ['url', leaf({ ...at, path: `${at.path}.url` }, 'string', 'none')],
    ...nodesOf(scope, at, 'Extension.value[x]', 'value[x]', definition?.['value[x]'] ?? 'string'),
  ]);
  return [
    definition?.url ?? name,
    { kind: 'branch', ...at, children, only: undefined, type: 'Extension', plain: undefined },
  ];
}

function onlyItems(scope: Scope, place: Place, only: OnlyPolicy): (item: Record<string, unknown>) => boolean {
  const list = union(
    (only.in ?? [only.code as string]).map((name) => {
      const found = scope.context.codeLists.get(name);
      if (!found) scope.context.problem(`${scope.where}${place.path} names ${name}, which is no enumerated ValueSet.`);
      return found ?? { codes: new Set<string>(), systems: new Set<string>() };
    }),
  );
  return only.in ? (item) => holds(list, item) : (item) => holdsConcept(list, item.code);
}

const leaf = (place: Place, json: Leaf['json'], scan: Leaf['scan']): Leaf => ({
  kind: 'leaf',
  ...place,
  json,
  scan,
  extensions: undefined,
});

const isPrimitive = (policy: PrimitivePolicy | ChildrenPolicy): policy is PrimitivePolicy => '$type' in policy;

/** The FHIR type behind a name of datatypes.json, for the key of a choice: CodeOnly → CodeableConcept. */
function fhirType(scope: Scope, name: string): string {
  return scope.context.datatypes.shapes[name]?.of ?? (name === 'freetext' ? 'string' : name);
}

const hiddenPrimitive = (name: string): number =>
  name === 'freetext' ? HIDDEN.freetext : name === 'base64Binary' ? HIDDEN.opaque : 0;

const HIDDEN_TYPES: Readonly<Record<string, number>> = {
  Address: HIDDEN.address,
  ContactPoint: HIDDEN.address,
  Annotation: HIDDEN.freetext,
  Narrative: HIDDEN.freetext,
  Attachment: HIDDEN.opaque | HIDDEN.freetext,
};

/** What may hold nine digits in a row. The code of a Coding is also looked at with its system (bsn-guard.ts). */
const NOT_SCANNED: ReadonlySet<string> = new Set(['boolean', 'base64Binary']);

/** Containers of anything, and what the projection writes itself. */
const NEVER_NAMED: ReadonlySet<string> = new Set([
  'contained',
  'extension',
  'modifierExtension',
  'meta',
  'id',
  'implicitRules',
  'resourceType',
]);

const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
