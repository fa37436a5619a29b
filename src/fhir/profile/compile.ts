import type { ElementInfo } from '../definitions.ts';
import type { PackedConstraint, PackedElement } from '../pack-types.ts';
import type { Json, Node } from '../path/node.ts';
import { checkConstraints, isSupported } from '../validate/constraints.ts';
import { report, unchecked } from '../validate/issue.ts';
import { membershipOf } from './binding.ts';
import { bare, type Context } from './context.ts';
import { conforms } from './discriminator.ts';
import type { Rule } from './rule.ts';
import { compileSlicing } from './slicing.ts';
import { fits, wantedOf } from './value.ts';
import { type Check, childrenOf, placeOf } from './walk.ts';

/**
 * Compiles the rules of an element into one check of one value. Only what a profile adds to base FHIR is compiled: the rest was checked before. `types`: what
 * the value can be by base FHIR, as far as that is known. `undefined`: nothing is added.
 */
export function compileItem(rule: Rule, types: readonly string[], context: Context): Check | undefined {
  const { element } = rule;
  const checks = [
    element && compileWanted(element),
    element && compileConstraints(element, types, context),
    element && compileBinding(element, types, context),
    element && compileTypes(element, rule.name, context),
    element && compileTypeProfiles(element, context),
    ...rule.children.map((child) => compileElement(child, types, context)),
  ].filter((one) => one !== undefined);
  if (checks.length === 0) return undefined;
  return (node, walk) => {
    for (const check of checks) check(node, walk);
  };
}

/** A child element: how often it stands there, each of its values, and how they fall into slices. */
function compileElement(rule: Rule, ownerTypes: readonly string[], context: Context): Check | undefined {
  const { definitions } = context;
  const bareName = rule.name.replace(/\[x\]$/, '');
  const base = ownerTypes.map((one) => definitions.element(one, bareName)).find((one) => one !== undefined);
  const types = typesOf(rule.element, base);
  const item = compileItem(rule, types, context);
  const slicing = compileSlicing(
    rule,
    context,
    (slice) => compileItem(slice, typesOf(slice.element, base), context) ?? nothing,
  );
  const min = Math.max(rule.element?.min ?? 0, 0);
  const max = maxOf(rule.element);
  const isNarrower = min > (base?.min ?? 0) || max < (base?.max ?? Number.POSITIVE_INFINITY);
  if (!item && !slicing && !isNarrower) return undefined;
  return (parent, walk) => {
    const items = childrenOf(parent, rule.name, definitions);
    const place = `${placeOf(parent, walk)}.${bareName}`;
    if (items.length < min) report(walk.findings, 'required', place, `expected at least ${min}`);
    if (items.length > max) report(walk.findings, 'too-many', place, `expected at most ${max}`);
    if (item) for (const one of items) item(one, walk);
    slicing?.(items, place, walk);
  };
}

const nothing: Check = () => undefined;

const maxOf = (element: PackedElement | undefined): number =>
  element?.max === undefined || element.max === '*' ? Number.POSITIVE_INFINITY : Number(element.max);

/** The types a value can have: one that the profile narrows to, else those of base FHIR (nested ones by their path). */
function typesOf(element: PackedElement | undefined, base: ElementInfo | undefined): readonly string[] {
  const known = base?.types ?? [];
  const said = (element?.type ?? []).map((one) => one.code).filter((one) => known.includes(one));
  return said.length > 0 ? said : known;
}

function compileWanted(element: PackedElement): Check | undefined {
  const wanted = wantedOf(element);
  return (
    wanted &&
    ((node, walk) => {
      if (!fits(node.value, wanted))
        report(walk.findings, 'pattern', placeOf(node, walk), 'expected the value that the profile fixes');
    })
  );
}

/** Invariants that base FHIR does not have already. One that cannot be evaluated here is named, not passed over. */
function compileConstraints(element: PackedElement, types: readonly string[], context: Context): Check | undefined {
  const { definitions } = context;
  const known = new Set(types.flatMap((one) => inherited(one, context)).map((one) => one.key));
  const own = (element.constraint ?? []).filter(
    (one) => one.severity === 'error' && one.expression && !known.has(one.key),
  );
  const open = own.filter((one) => !isSupported(one, definitions));
  const usable = own.filter((one) => !open.includes(one));
  if (own.length === 0) return undefined;
  return (node, walk) => {
    checkConstraints(usable, node, walk.resource, placeOf(node, walk), definitions, walk.findings);
    for (const one of open)
      unchecked(walk.findings, placeOf(node, walk), `rule ${one.key} of the profile cannot be evaluated here`);
  };
}

/** Invariants of a type and of those that it is derived from. */
function inherited(name: string, { definitions }: Context): PackedConstraint[] {
  const out: PackedConstraint[] = [];
  for (let type = definitions.type(name); type; type = type.base ? definitions.type(type.base) : undefined)
    out.push(...type.constraints);
  return out;
}

function compileBinding({ binding }: PackedElement, types: readonly string[], context: Context): Check | undefined {
  const { definitions, terminology } = context;
  const valueSet = binding?.strength === 'required' ? binding.valueSet : undefined;
  if (!valueSet || types.length !== 1) return undefined;
  const type = types[0] as string;
  const codes = definitions.valueSet(bare(valueSet));
  // What base FHIR can enumerate it has checked where it is base FHIR that asks; here a profile may ask it of a wider element.
  const membership = (value: unknown) =>
    codes ? isListed(value, codes) : membershipOf(value, type, valueSet, terminology);
  return (node, walk) => {
    if (node.value === undefined) return;
    const answer = membership(node.value);
    if (answer === 'out') report(walk.findings, 'code', placeOf(node, walk), `expected a code of ${valueSet}`);
    if (answer === 'unknown')
      unchecked(walk.findings, placeOf(node, walk), `codes of ${valueSet} are not at hand as far as this one goes`);
  };
}

/** Membership in an enumerated set of base FHIR. */
function isListed(value: unknown, codes: Record<string, string[]>): 'in' | 'out' {
  const has = (coding: Json): boolean =>
    typeof coding?.code === 'string' &&
    Object.hasOwn(codes, String(coding.system)) &&
    (codes[String(coding.system)] as string[]).includes(coding.code);
  if (typeof value === 'string') return Object.values(codes).some((list) => list.includes(value)) ? 'in' : 'out';
  const json = value as Json;
  const codings = Array.isArray(json.coding) ? (json.coding as Json[]) : 'code' in json ? [json] : [];
  if (codings.length === 0 && Array.isArray(json.extension)) return 'in';
  return codings.some(has) ? 'in' : 'out';
}

const SYSTEM_TYPE = /^http:\/\/hl7\.org\/fhirpath\//;

/** Types that the profile leaves of a choice, and resource types that it leaves of what a reference may name. */
function compileTypes(element: PackedElement, name: string, context: Context): Check | undefined {
  const { definitions } = context;
  const types = (element.type ?? []).filter((one) => !SYSTEM_TYPE.test(one.code));
  if (types.length === 0) return undefined;
  const codes = types.map((one) => one.code);
  const targets = types.flatMap((one) => one.targetProfile ?? []).map((url) => typeOfTarget(url, context));
  const isChoice = name.endsWith('[x]');
  const isOpen = targets.length === 0 || targets.some((one) => one === undefined || one === 'Resource');
  if (!isChoice && isOpen) return undefined;
  return (node, walk) => {
    const { type } = node;
    if (isChoice && type !== undefined && !codes.some((one) => definitions.isA(type, one))) {
      report(walk.findings, 'type', placeOf(node, walk), `expected the type ${codes.join(' or ')}`);
    }
    const named = type === 'Reference' && !isOpen ? typeNamed(node, walk.resolve) : undefined;
    if (named !== undefined && !targets.includes(named))
      report(walk.findings, 'reference', placeOf(node, walk), `expected a reference to ${targets.join(' or ')}`);
  };
}

const typeOfTarget = (url: string, context: Context): string | undefined =>
  context.structure(url)?.type ??
  context.definitions.typeOfUrl(bare(url)) ??
  /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/([A-Z]\w+)$/.exec(bare(url))?.[1];

function typeNamed({ value }: Node, resolve: (reference: string) => Json | undefined): string | undefined {
  const { reference, type } = (value ?? {}) as { reference?: unknown; type?: unknown };
  if (typeof reference === 'string') {
    const found = resolve(reference)?.resourceType ?? /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+$/.exec(reference)?.[1];
    if (typeof found === 'string') return found;
  }
  return typeof type === 'string' ? type : undefined;
}

/** A value must fit one of the profiles that its type names; a profile that is not loaded is named. */
function compileTypeProfiles(element: PackedElement, context: Context): Check | undefined {
  const types = (element.type ?? []).filter((one) => one.profile && one.profile.length > 0);
  if (types.length === 0) return undefined;
  return (node, walk) => {
    const { profile: urls = [] } = types.find((one) => types.length === 1 || one.code === node.type) ?? {};
    if (urls.length === 0) return;
    const known = urls.flatMap((url) => context.check(url) ?? []);
    const missing = urls.filter((url) => !context.check(url));
    const [only] = known;
    if (only && urls.length === 1) return only(node, walk);
    if (known.some((one) => conforms(node, one, walk))) return;
    if (missing.length > 0)
      unchecked(walk.findings, placeOf(node, walk), `the profile ${missing.join(', ')} is not loaded`);
    else
      report(
        walk.findings,
        'profile',
        placeOf(node, walk),
        `expected what one of these profiles says: ${urls.join(', ')}`,
      );
  };
}
