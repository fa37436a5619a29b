import { holdsBsn, isBsnCoding, isBsnIdentifier, isBsnNumber, isBsnSystem, isProfessionalSystem } from './bsn-guard.ts';
import { isConceptId } from './sctid.ts';
import type { Branch, Leaf, Node } from './types.ts';

type Json = Record<string, unknown>;

/** One copying: what is left out beside what the tree does not name, and what it found. */
export interface Copying {
  /** Bits of HIDDEN. */
  readonly mask: number;
  /** No BSN may go out: identifiers, codes and texts are looked through. */
  readonly noBsn: boolean;
  /** Top-level elements (names as in the policy) that may stay; undefined = all. */
  readonly keep: ReadonlySet<string> | undefined;
  readonly removed: Set<string>;
  /** Of `removed`: what the view gives, and the mask or the rule about the BSN took away. */
  readonly hidden: Set<string>;
  /** A modifierExtension stood on an element that goes out: what is left would mean something else. */
  modified: boolean;
}

/**
 * Writes the allowed elements of one resource or element into a new object; undefined where nothing is left. Only keys of
 * the tree are ever written. Strings, numbers and booleans are all that the result shares with the input.
 */
export function copyBranch(value: unknown, allowed: Branch, copying: Copying): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return leftOut(allowed, copying);
  const source = value as Json;
  if (allowed.only && !allowed.only(source)) return leftOut(allowed, copying);
  if (isForbidden(source, allowed, copying))
    return isBsn(source, allowed) ? hide(allowed, copying) : leftOut(allowed, copying);
  const tree = allowed.plain && !isProfessional(source) ? allowed.plain : allowed;
  const keep = isRoot(tree) ? copying.keep : undefined;
  let target: Json | undefined;
  for (const key in source) {
    const node = tree.children.get(key);
    if (node === undefined) {
      unnamed(source, key, tree, copying);
      continue;
    }
    if ((node.hidden & copying.mask) !== 0 || (keep !== undefined && !keep.has(node.element))) {
      hide(node, copying);
      continue;
    }
    const copy = copyNode(source[key], node, copying);
    if (copy === undefined) continue;
    target ??= {};
    target[key] = copy;
    if (node.kind === 'leaf' && node.extensions) copySibling(source, key, copy, node, target, copying);
  }
  return target;
}

function copyNode(value: unknown, node: Node, copying: Copying): unknown {
  if (Array.isArray(value)) return copyArray(value, node, copying);
  return node.kind === 'leaf' ? copyLeaf(value, node, copying) : copyBranch(value, node, copying);
}

/** Items that may not go out leave no gap, except among primitives, where the place binds an item to its extension (`_given`). */
function copyArray(values: unknown[], node: Node, copying: Copying): unknown[] | undefined {
  const copies: unknown[] = [];
  let some = false;
  for (const value of values) {
    const copy = node.kind === 'leaf' ? copyLeaf(value, node, copying) : copyBranch(value, node, copying);
    if (copy !== undefined) some = true;
    else if (node.kind === 'branch' || !node.extensions) continue;
    copies.push(copy ?? null);
  }
  return some ? copies : undefined;
}

function copyLeaf(value: unknown, leaf: Leaf, copying: Copying): unknown {
  if (typeof value !== leaf.json) return value === null ? undefined : leftOut(leaf, copying);
  return copying.noBsn && leaf.scan !== 'none' && couldBeBsn(value, leaf.scan) ? hide(leaf, copying) : value;
}

function couldBeBsn(value: unknown, scan: Leaf['scan']): boolean {
  if (typeof value === 'number') return isBsnNumber(value);
  return typeof value === 'string' && holdsBsn(value) && !(scan === 'code' && isConceptId(value));
}

/** `_x` goes out only beside its `x`, and of it only the extensions that the policy names. */
function copySibling(source: Json, key: string, copy: unknown, leaf: Leaf, target: Json, copying: Copying): void {
  const sibling = source[`_${key}`];
  if (sibling === undefined) return;
  const extended = Array.isArray(copy)
    ? copy.map((item, i) =>
        item === null || !Array.isArray(sibling) ? null : (extensionsOf(sibling[i], leaf, copying) ?? null),
      )
    : extensionsOf(sibling, leaf, copying);
  if (Array.isArray(extended) ? extended.some((item) => item !== null) : extended) target[`_${key}`] = extended;
}

function extensionsOf(sibling: unknown, leaf: Leaf, copying: Copying): { extension: Json[] } | undefined {
  if (typeof sibling !== 'object' || sibling === null) return undefined;
  const { extension, ...others } = sibling as { extension?: unknown };
  const given: unknown[] = Array.isArray(extension) ? extension : [];
  const copies = given.flatMap((one) => {
    const allowed = leaf.extensions?.get((one as { url: string } | null)?.url ?? '');
    // Without a value an extension says nothing: its value was of another type than the policy allows.
    const copied = allowed && copyBranch(one, allowed, copying);
    return copied && Object.keys(copied).length > 1 ? [copied] : [];
  });
  if (copies.length < given.length || Object.keys(others).length > 0) copying.removed.add(siblingPath(leaf.path));
  return copies.length > 0 ? { extension: copies } : undefined;
}

/** What the tree does not name stays out; only that it was there is noted. */
function unnamed(source: Json, key: string, tree: Branch, copying: Copying): void {
  if (WRITTEN_BY_PROJECT.has(key) && isRoot(tree)) return;
  if (key === 'modifierExtension') copying.modified = true;
  if (key.charCodeAt(0) === UNDERSCORE) {
    const main = tree.children.get(key.slice(1));
    // Looked at beside its element.
    if (main?.kind === 'leaf' && main.extensions && source[key.slice(1)] !== undefined) return;
  }
  // A name that is none of FHIR's may itself hold data.
  copying.removed.add(`${tree.path}.${ELEMENT_NAME.test(key) ? key : '(unknown)'}`);
}

function isForbidden(source: Json, allowed: Branch, copying: Copying): boolean {
  switch (allowed.type) {
    case 'Reference':
      // What is contained does not go out, so nothing may point to it.
      return typeof source.reference === 'string' && source.reference.startsWith('#');
    case 'Identifier':
      // A number of one organisation would let others join what they hold: of a patient only the BSN goes out.
      if (allowed.path === 'Patient.identifier' && !isBsnSystem(source.system)) return true;
      // The right to a BSN is the right to that of the patient: a parent's or a professional's goes to nobody.
      return copying.noBsn
        ? isBsnIdentifier(source)
        : isBsnSystem(source.system) && allowed.path !== 'Patient.identifier';
    case 'Coding':
      return copying.noBsn && isBsnCoding(source);
    default:
      return false;
  }
}

/** Whether a reference names a professional or an organisation: their names are no patient data. */
function isProfessional(reference: Json): boolean {
  if (typeof reference.reference === 'string') return PROFESSIONAL_REFERENCE.test(reference.reference);
  if (typeof reference.type === 'string') return PROFESSIONAL_TYPE.test(reference.type);
  return isProfessionalSystem((reference.identifier as Json | undefined)?.system);
}

const isBsn = (source: Json, { type }: Branch): boolean =>
  type === 'Identifier' ? isBsnIdentifier(source) : type === 'Coding' && isBsnCoding(source);

function hide(node: Node, copying: Copying): undefined {
  copying.hidden.add(node.path);
  copying.removed.add(node.path);
}

function leftOut(node: Node, copying: Copying): undefined {
  copying.removed.add(node.path);
}

const siblingPath = (path: string): string => path.replace(/\.([^.]+)$/, '._$1');

/** The resource itself carries its own type as its element name. */
const isRoot = (tree: Branch): boolean => tree.element === tree.type;

const WRITTEN_BY_PROJECT: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta']);
const UNDERSCORE = 95;
const ELEMENT_NAME = /^_?[a-zA-Z]{1,40}$/;
const PROFESSIONAL_TYPE = /^(?:Practitioner|PractitionerRole|Organization|HealthcareService|Location)$/;
const PROFESSIONAL_REFERENCE =
  /^(?:.*\/)?(?:Practitioner|PractitionerRole|Organization|HealthcareService|Location)\/[^/]+(?:\/_history\/[^/]+)?$/;
