import type { Definitions, ElementInfo, TypeInfo } from './definitions.ts';
import { type Json, type Node, pushValues, rootNode } from './path/node.ts';
import { hasWrongSize } from './validate/attachment.ts';
import { breaksBinding } from './validate/binding.ts';
import { checkConstraints } from './validate/constraints.ts';
import { type Findings, type Issue, report, safeKey } from './validate/issue.ts';
import { narrativeFault } from './validate/narrative.ts';
import { primitiveFault } from './validate/primitive.ts';
import { collectTargets, referenceFault, type Targets } from './validate/reference.ts';

export type { Issue } from './validate/issue.ts';

/** Deeper than any FHIR resource that is meant; keeps a hostile one from exhausting the stack. */
const MAX_DEPTH = 64;

/**
 * Validates a resource against base FHIR R4: structure, cardinality, types, choice elements, formats, required bindings, invariants, references,
 * narrative. Gives every error; no message quotes a value. What a profile adds is checked by `profile/profiles.ts`.
 */
export function validate(resource: unknown, definitions: Definitions): Issue[] {
  const findings: Findings = [];
  if (typeof resource !== 'object' || resource === null || Array.isArray(resource)) {
    report(findings, 'structure', '', 'expected a resource as a JSON object');
    return findings;
  }
  const json = resource as Json;
  const targets: Targets = new Map();
  checkResource(rootNode(json, undefined), json, '', 0, { definitions, findings, targets });
  return findings;
}

type Walk = { definitions: Definitions; findings: Findings; targets: Targets };

function checkResource(node: Node, json: Json, path: string, depth: number, walk: Walk): void {
  const { definitions, findings } = walk;
  const name = json.resourceType;
  const type = typeof name === 'string' ? definitions.type(name) : undefined;
  if (type?.kind !== 'resource' || type.abstract) {
    report(findings, 'unknown-type', path, 'expected a resourceType that this gateway knows');
    return;
  }
  // Contained resources can be named only inside their own resource.
  const targets: Targets = new Map(walk.targets);
  collectTargets(json, targets);
  const typed: Node = { ...node, type: type.name };
  const at = path || type.name;
  if (typeof json.id === 'string' && !/^[A-Za-z0-9\-.]{1,64}$/.test(json.id)) {
    report(findings, 'value', `${at}.id`, 'expected 1 to 64 letters, digits, dashes or dots');
  }
  checkObject(typed, json, type, at, depth, typed, { ...walk, targets });
}

function checkObject(
  node: Node,
  json: Json,
  type: TypeInfo,
  path: string,
  depth: number,
  resource: Node,
  walk: Walk,
): void {
  const { findings, definitions } = walk;
  if (depth > MAX_DEPTH) {
    report(findings, 'too-deep', path, `expected at most ${MAX_DEPTH} levels`);
    return;
  }
  const present = new Map<ElementInfo, string>();
  const isResource = type.kind === 'resource';
  let filled = false;
  for (const key of Object.keys(json)) {
    if (isResource && key === 'resourceType') continue;
    filled = true;
    const bare = key.startsWith('_') ? key.slice(1) : key;
    const element = type.byKey.get(bare);
    const isSibling = bare !== key;
    if (!element || (isSibling && !isPrimitiveElement(element, bare, definitions))) {
      report(findings, 'unknown-element', `${path}.${safeKey(key)}`, `expected only elements of ${type.name}`);
      continue;
    }
    const other = present.get(element);
    if (other !== undefined && other !== bare) {
      report(findings, 'choice', `${path}.${bare}`, `expected one type of ${element.name}[x], not two`);
    }
    present.set(element, bare);
    if (isSibling) checkSibling(json, key, bare, element, path, depth, resource, walk);
    else checkElement(node, json, key, element, path, depth, resource, walk);
  }
  if (!filled && !isResource) report(findings, 'empty', path, 'expected an element with content');
  for (const element of type.elements.values()) {
    if (element.min > 0 && !present.has(element)) {
      const name = element.choice ? `${element.name}[x]` : element.name;
      report(findings, 'required', `${path}.${name}`, 'expected this element');
    }
  }
  if (type.name === 'Attachment' && hasWrongSize(json))
    report(findings, 'value', `${path}.size`, 'expected the size of the data in bytes');
  checkConstraints(type.constraints, node, resource, path, definitions, findings);
}

function isPrimitiveElement(element: ElementInfo, key: string, definitions: Definitions): boolean {
  const type = typeOfKey(element, key);
  return type !== undefined && definitions.type(type)?.kind === 'primitive-type';
}

function typeOfKey(element: ElementInfo, key: string): string | undefined {
  if (!element.choice) return element.types[0];
  for (const [type, own] of element.keys) if (own === key) return type;
  return undefined;
}

function checkElement(
  node: Node,
  json: Json,
  key: string,
  element: ElementInfo,
  path: string,
  depth: number,
  resource: Node,
  walk: Walk,
): void {
  const { findings } = walk;
  const value = json[key];
  const at = `${path}.${key}`;
  const type = typeOfKey(element, key) as string;
  if (value === null || value === undefined) {
    report(findings, 'null', at, 'expected a value, not null');
    return;
  }
  if (Array.isArray(value) !== element.isArray) {
    report(findings, 'structure', at, element.isArray ? 'expected a list' : 'expected one value, not a list');
    return;
  }
  if (Array.isArray(value)) {
    if (value.length === 0) report(findings, 'empty', at, 'expected at least one item; leave an empty list out');
    if (value.length > element.max) report(findings, 'too-many', at, `expected at most ${element.max}`);
  }
  const items: Node[] = [];
  pushValues(json, key, type, node, element.name, items);
  for (const item of items) {
    const where = item.index < 0 ? at : `${at}[${item.index}]`;
    if (item.value !== undefined) checkValue(item, type, element, where, depth, resource, walk);
  }
  if (Array.isArray(value)) checkGaps(json, key, value, at, findings);
}

/** `null` in a list is allowed only where the `_` sibling has an entry (FHIR R4 §JSON). */
function checkGaps(json: Json, key: string, value: unknown[], at: string, findings: Findings): void {
  const extras = json[`_${key}`];
  for (let index = 0; index < value.length; index++) {
    const hasExtra = Array.isArray(extras) && extras[index] !== null && extras[index] !== undefined;
    if (value[index] === null && !hasExtra) report(findings, 'null', `${at}[${index}]`, 'expected a value, not null');
  }
}

function checkValue(
  item: Node,
  declared: string,
  element: ElementInfo,
  path: string,
  depth: number,
  resource: Node,
  walk: Walk,
): void {
  const { definitions, findings } = walk;
  const { value } = item;
  const type = definitions.type(declared);
  if (type?.kind === 'primitive-type') {
    if (checkPrimitive(value, declared, element, path, walk)) {
      checkConstraints(element.constraints, item, resource, path, definitions, findings);
    }
    return;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report(findings, 'structure', path, `expected an object (${declared})`);
    return;
  }
  const json = value as Json;
  if (type?.kind === 'resource') {
    checkResource(item, json, path, depth + 1, walk);
  } else if (type) {
    checkObject(item, json, type, path, depth + 1, resource, walk);
    if (declared === 'Reference') {
      const fault = referenceFault(json, element, walk.targets, definitions);
      if (fault) report(findings, 'reference', path, fault);
    }
  }
  if (breaksBinding(json, declared, element, definitions)) reportBinding(element, path, findings);
  // Invariants of a nested type stand on its own element as well; those of other elements do not.
  if (element.constraints.length > 0 && type?.name !== element.path) {
    const own = element.constraints.filter((each) => !type?.constraints.some((known) => known.key === each.key));
    checkConstraints(own, item, resource, path, definitions, findings);
  }
}

/** True when the value is right in itself. */
function checkPrimitive(value: unknown, type: string, element: ElementInfo, path: string, walk: Walk): boolean {
  const { definitions, findings } = walk;
  const fault =
    primitiveFault(value, type, definitions) ?? (type === 'xhtml' ? narrativeFault(String(value)) : undefined);
  if (fault) {
    report(findings, 'value', path, fault);
    return false;
  }
  if (breaksBinding(value, type, element, definitions)) reportBinding(element, path, findings);
  return true;
}

function reportBinding(element: ElementInfo, path: string, findings: Findings): void {
  report(findings, 'code', path, `expected a code of ${element.requiredValueSet}`);
}

/** The `_name` sibling of a primitive: its id and extensions. */
function checkSibling(
  json: Json,
  key: string,
  bare: string,
  element: ElementInfo,
  path: string,
  depth: number,
  resource: Node,
  walk: Walk,
): void {
  const { findings, definitions } = walk;
  const value = json[key];
  const at = `${path}.${key}`;
  if (Array.isArray(value) !== element.isArray || value === null || typeof value !== 'object') {
    report(findings, 'structure', at, element.isArray ? 'expected a list' : 'expected an object');
    return;
  }
  const items = Array.isArray(value) ? (value as unknown[]) : [value];
  if (items.length === 0) report(findings, 'empty', at, 'expected at least one item; leave an empty list out');
  const main = json[bare];
  if (Array.isArray(main) && Array.isArray(value) && value.length > main.length) {
    report(findings, 'structure', at, 'expected as many items as in the list of values');
  }
  const type = definitions.type('Element') as TypeInfo;
  for (const [index, item] of items.entries()) {
    if (item === null && Array.isArray(value)) continue;
    const where = Array.isArray(value) ? `${at}[${index}]` : at;
    if (typeof item !== 'object' || item === null) {
      report(findings, 'structure', where, 'expected an object');
      continue;
    }
    checkObject(rootNode(item, 'Element'), item as Json, type, where, depth + 1, resource, walk);
  }
}
