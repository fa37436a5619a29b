import type { Coding, Composition, DocumentReference, Resource } from '@medplum/fhirtypes';
import { CATEGORIES } from '../fhir/categories.ts';
import { CATEGORY_SYSTEM } from '../fhir/extensions.ts';
import { holds } from '../views/codes.ts';
import { labelledAs } from '../views/meta.ts';
import { allCodings, ownCodings } from './label-codes.ts';
import type { CategoryRule, CodePattern, LabelRules } from './label-rules.ts';

export type { LabelRules } from './label-rules.ts';

/** Whose record it is: facts about a pregnancy are obstetric in the mother's own record, and history of the child in the child's. */
export type RecordOf = 'child' | 'mother';

export interface LabelledOk {
  readonly ok: true;
  /** One of the ten, without the prefix `cat-`. */
  readonly category: string;
  /** Codes of the sensitivity labels, sorted; codes only, for the index and the consent decision. */
  readonly labels: readonly string[];
  /** What belongs in `meta.security`: the category first. */
  readonly security: readonly Coding[];
}

export type LabelResult = LabelledOk | { readonly ok: false; readonly code: 'label-missing'; readonly path: string };

const LABEL_SYSTEM = 'http://gezinspoort.nl/fhir/CodeSystem/label';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const OWN_LABELS: ReadonlySet<string> = new Set(['CHILDPROT', 'WORKNOTE']);

/**
 * Gives a resource its one data category and its sensitivity labels by the rule table (profiles/labels.json). What the source said
 * is kept as further labels, never fewer; a category that it gave counts only where the rules say nothing about the resource. A resource
 * without a category is not stored: `path` is the element that decides.
 */
export function label(resource: Resource, rules: LabelRules, record: RecordOf = 'child'): LabelResult {
  const category = categoryOf(resource, rules, record) ?? labelledAs(resource).category;
  if (category === undefined || !isCategory(category))
    return { ok: false, code: 'label-missing', path: decidingElement(resource) };
  const labels = [
    ...new Map(
      [...labelsByRule(resource, rules), ...labelsOfSource(resource)].map((one) => [one.code as string, one]),
    ).values(),
  ];
  return labelled(category, labels);
}

/** A category and labels in the form that `withLabels` writes. */
export function labelled(category: string, labels: readonly Coding[]): LabelledOk {
  const sorted = [...labels].sort((a, b) => ((a.code ?? '') < (b.code ?? '') ? -1 : 1));
  const security = [{ system: CATEGORY_SYSTEM, code: `cat-${category}` }, ...sorted];
  return { ok: true, category, labels: sorted.map((one) => one.code ?? ''), security };
}

/** The resource with exactly these labels in `meta.security`, in place of any that it came with. Builds a new value; the rest is shared. */
export function withLabels<T extends Resource>(resource: T, { security }: LabelledOk): T {
  return { ...resource, meta: { ...resource.meta, security: security.map((one) => ({ ...one })) } };
}

function categoryOf(resource: Resource, rules: LabelRules, record: RecordOf): string | undefined {
  const own = ownCodings(resource);
  return (
    byRule(resource, own, rules.rules) ??
    byElement(own, rules, record) ??
    byRule(resource, own, rules.otherwise) ??
    rules.types.get(resource.resourceType)
  );
}

const byRule = (resource: Resource, own: readonly Coding[], rules: readonly CategoryRule[]): string | undefined =>
  rules.find((rule) => rule.types.has(resource.resourceType) && own.some((coding) => fits(rule.pattern, coding)))
    ?.category;

function byElement(own: readonly Coding[], rules: LabelRules, record: RecordOf): string | undefined {
  for (const { system, code } of own) {
    const found = rules.bds.get(`${system}|${code}`);
    if (found) return record === 'mother' ? (found.mothersRecord ?? found.category) : found.category;
  }
  return undefined;
}

function labelsByRule(resource: Resource, rules: LabelRules): Coding[] {
  const all = allCodings(resource);
  const fitting = rules.labels.filter((rule) => all.some((coding) => fits(rule.pattern, coding)));
  return fitting.flatMap((rule) =>
    rule.labels.map((code) => ({ system: OWN_LABELS.has(code) ? LABEL_SYSTEM : ACT_CODE, code })),
  );
}

/** What the source itself called sensitive: security labels, and a document that is restricted as a whole. */
function labelsOfSource(resource: Resource): Coding[] {
  const { confidentiality } = resource as Composition;
  const { securityLabel } = resource as DocumentReference;
  const document = (Array.isArray(securityLabel) ? securityLabel : []).flatMap((one) => one.coding ?? []);
  const whole = typeof confidentiality === 'string' ? [{ system: CONFIDENTIALITY, code: confidentiality }] : [];
  const { labels } = labelledAs({
    resourceType: 'Basic',
    meta: { security: [...(resource.meta?.security ?? []), ...document, ...whole] },
  } as Resource);
  return labels.flatMap(({ system, code }) =>
    typeof code === 'string' && code !== '' ? [{ ...(typeof system === 'string' && { system }), code }] : [],
  );
}

const fits = ({ list, prefixes }: CodePattern, coding: Coding): boolean =>
  holds(list, coding) || (prefixes.get(coding.system ?? '')?.some((start) => coding.code?.startsWith(start)) ?? false);

const isCategory = (text: string): boolean => CATEGORIES.some((one) => one === text);

/** Where to look when no rule fits. */
const decidingElement = (resource: Resource): string =>
  'code' in resource ? `${resource.resourceType}.code` : resource.resourceType;
