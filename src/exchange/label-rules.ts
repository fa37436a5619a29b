import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ValueSet } from '@medplum/fhirtypes';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type CodeList, codeList } from '../views/codes.ts';

/** What to look for: single codes, beginnings of codes (`F3` in ICD-10), whole ValueSets. */
export interface CodePattern {
  readonly list: CodeList;
  /** System → beginnings. */
  readonly prefixes: ReadonlyMap<string, readonly string[]>;
}

export interface CategoryRule {
  readonly id: string;
  readonly types: ReadonlySet<string>;
  readonly category: string;
  readonly pattern: CodePattern;
}

export interface LabelRule {
  readonly id: string;
  readonly labels: readonly string[];
  readonly pattern: CodePattern;
}

/** The rule table of profiles/labels.json, compiled. */
export interface LabelRules {
  readonly labels: readonly LabelRule[];
  readonly rules: readonly CategoryRule[];
  /** `system|element number` → category, and the category in the mother's own record where that differs. */
  readonly bds: ReadonlyMap<string, { readonly category: string; readonly mothersRecord: string | undefined }>;
  readonly otherwise: readonly CategoryRule[];
  readonly types: ReadonlyMap<string, string>;
  /** Answers that say that something is not so. */
  readonly denials: CodeList;
}

export type LabelRulesResult = { ok: true; rules: LabelRules } | { ok: false; problems: string[] };

interface RuleFile {
  id: string;
  types?: string[];
  category?: string;
  labels?: string[];
  codes?: Record<string, string[]>;
  prefixes?: Record<string, string[]>;
  valueSets?: string[];
}

interface LabelsFile {
  labels: RuleFile[];
  rules: RuleFile[];
  bds: { system: string; groups: { group: string; category: string; mothersRecord?: string; elements: string }[] };
  otherwise: RuleFile[];
  types: Record<string, string>;
  denials: { codes: Record<string, string[]> };
}

/** Reads `labels.json`, its schema and the ValueSets from the folder `profiles/`. Throws with every problem when the table is not right: the gateway does not start. */
export async function loadLabelRules(profiles: string): Promise<LabelRules> {
  const json = async (...path: string[]): Promise<unknown> =>
    JSON.parse(await readFile(join(profiles, ...path), 'utf8'));
  const names = (await readdir(join(profiles, 'valuesets'))).filter((name) => name.endsWith('.json'));
  const valueSets = await Promise.all(
    names.map(async (name) => [name.slice(0, -'.json'.length), (await json('valuesets', name)) as ValueSet] as const),
  );
  const result = compileLabelRules(
    await json('labels.json'),
    (await json('labels.schema.json')) as object,
    new Map(valueSets),
  );
  if (result.ok) return result.rules;
  throw new Error(`The label rules cannot be used:\n${result.problems.join('\n')}`);
}

/** The table, checked and compiled. Pure. */
export function compileLabelRules(
  file: unknown,
  schema: object,
  valueSets: ReadonlyMap<string, ValueSet>,
): LabelRulesResult {
  const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
  if (!validate(file))
    return {
      ok: false,
      problems: (validate.errors ?? []).map((error) => `labels.json${error.instancePath}: ${error.message}.`),
    };
  const table = file as unknown as LabelsFile;
  const problems: string[] = [];
  const pattern = (rule: RuleFile): CodePattern => compilePattern(rule, valueSets, problems);
  const categoryRule = (rule: RuleFile): CategoryRule => ({
    id: rule.id,
    types: new Set(rule.types),
    category: rule.category as string,
    pattern: pattern(rule),
  });
  const rules: LabelRules = {
    labels: table.labels.map((rule) => ({ id: rule.id, labels: rule.labels ?? [], pattern: pattern(rule) })),
    rules: table.rules.map(categoryRule),
    bds: compileElements(table.bds, problems),
    otherwise: table.otherwise.map(categoryRule),
    types: new Map(Object.entries(table.types)),
    denials: codeSet(table.denials.codes),
  };
  return problems.length > 0 ? { ok: false, problems } : { ok: true, rules };
}

function compilePattern(rule: RuleFile, valueSets: ReadonlyMap<string, ValueSet>, problems: string[]): CodePattern {
  if (!rule.codes && !rule.prefixes && !rule.valueSets) problems.push(`labels.json, rule ${rule.id}: names no code.`);
  const codes = new Set(codeSet(rule.codes ?? {}).codes);
  const systems = new Set<string>();
  for (const name of rule.valueSets ?? []) {
    const valueSet = valueSets.get(name);
    const list = valueSet && codeList(valueSet);
    if (!list) problems.push(`labels.json, rule ${rule.id}: there is no enumerated ValueSet ${name}.`);
    for (const code of list?.codes ?? []) codes.add(code);
    for (const system of list?.systems ?? []) systems.add(system);
  }
  return { list: { codes, systems }, prefixes: new Map(Object.entries(rule.prefixes ?? {})) };
}

const codeSet = (codes: Record<string, string[]>): CodeList => ({
  codes: new Set(Object.entries(codes).flatMap(([system, all]) => all.map((code) => `${system}|${code}`))),
  systems: new Set(),
});

function compileElements({ system, groups }: LabelsFile['bds'], problems: string[]): LabelRules['bds'] {
  const elements = new Map<string, { category: string; mothersRecord: string | undefined }>();
  for (const { group, category, mothersRecord, elements: text } of groups) {
    for (const number of numbersOf(text)) {
      const key = `${system}|${number}`;
      if (elements.has(key)) problems.push(`labels.json, bds, ${group}: element ${number} stands in two groups.`);
      elements.set(key, { category, mothersRecord });
    }
  }
  return elements;
}

/** '234-237 252' → 234, 235, 236, 237, 252. */
export function numbersOf(text: string): number[] {
  return text.split(' ').flatMap((part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}
