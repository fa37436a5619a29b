import type { Coding, Composition, DocumentReference, Resource } from '@medplum/fhirtypes';
import { CATEGORIES } from '../fhir/categories.ts';
import { CATEGORY_SYSTEM } from '../fhir/extensions.ts';
import { holds } from '../views/codes.ts';
import { labelledAs } from '../views/meta.ts';
import { speakingOf } from './label-about.ts';
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
  /** References to the people of whom the text of a report can speak, beside its subject. */
  readonly about?: readonly string[];
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

/** The resource with exactly these labels in `meta.security`, in place of any that it came with, and a mark for whom it speaks of. Builds a new value; the rest is shared. */
export function withLabels<T extends Resource>(resource: T, { security, about = [] }: LabelledOk): T {
  return { ...speakingOf(resource, about), meta: { ...resource.meta, security: security.map((one) => ({ ...one })) } };
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
  const fitting = rules.labels.filter((rule) =>
    all.some((coding) => fits(rule.pattern, coding) || fitsUnnamed(rule.pattern, coding)),
  );
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

/**
 * Codes of a system that nobody knows are looked up in every system of the table: a local or misspelt system name must not make a diagnosis less
 * sensitive. Only codes that look like those of a classification: short numbers would fit by chance.
 */
function fitsUnnamed({ list, prefixes }: CodePattern, { system, code }: Coding): boolean {
  if (isKnown(system)) return false;
  const plain = (code ?? '').trim().toUpperCase();
  if (!DISTINCTIVE.test(plain)) return false;
  for (const one of list.codes) if (one.endsWith(`|${plain}`)) return true;
  const [shape] = CLASSIFIED.filter((one) => one.code.test(plain));
  return [...prefixes.values()].some((starts) =>
    starts.some((start) => shape?.start.test(start) && plain.startsWith(start)),
  );
}

/** SNOMED CT, LOINC, ICD-10, ICPC, ATC. */
const DISTINCTIVE = /^(?:\d{6,18}|\d{1,7}-\d|[A-Z]\d{2}(?:[.A-Z0-9]*))$/;
/** ICD-10 (F53, F53.0, F530) and ATC (N06A to N06AB06), each with the beginnings that are meant for it. */
const CLASSIFIED = [
  { code: /^[A-Z]\d{2}(?:\.?\d{1,2})?$/, start: /^[A-Z]\d{1,2}$/ },
  { code: /^[A-Z]\d{2}[A-Z]{1,2}(?:\d{2})?$/, start: /^[A-Z]\d{2}[A-Z]{1,2}$/ },
];
/** Systems whose codes mean what they say: those of the rules, and those that hold no diagnoses. Whatever else there is (an OID of a hospital, another ICD) may repeat them. */
const KNOWN = new RegExp(
  [
    '^http://snomed\\.info/sct$',
    '^http://loinc\\.org$',
    '^http://www\\.whocc\\.no/atc$',
    '^http://hl7\\.org/fhir/sid/(?:icd-10|icpc-1)(?:-nl)?$',
    '^http://(?:terminology\\.)?hl7\\.org/(?:CodeSystem/|fhir/(?!sid/))',
    '^http://unitsofmeasure\\.org$',
    '^http://gezinspoort\\.nl/',
  ].join('|'),
);

const isKnown = (system: string | undefined): boolean =>
  system !== undefined && KNOWN.test(system) && !system.endsWith('-local');

const isCategory = (text: string): boolean => CATEGORIES.some((one) => one === text);

/** Where to look when no rule fits. */
const decidingElement = (resource: Resource): string =>
  'code' in resource ? `${resource.resourceType}.code` : resource.resourceType;
