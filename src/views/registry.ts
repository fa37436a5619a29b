import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ValueSet } from '@medplum/fhirtypes';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type CodeList, codeList } from './codes.ts';
import { compileSet } from './compile.ts';
import type { Datatypes, ElementSet, Limits, ViewPolicy } from './policy.ts';
import type { CompiledLimits, TypeView } from './types.ts';

/** All views, checked and compiled; `resolveView` gives one of them for a poli. */
export interface Views {
  /** By discipline. */
  readonly policies: ReadonlyMap<string, ViewPolicy>;
  readonly sets: ReadonlyMap<string, CompiledSet>;
  readonly codeLists: ReadonlyMap<string, CodeList>;
  readonly limits: CompiledLimits;
  /** Codes of the labels that count as sensitive. */
  readonly sensitiveLabels: readonly string[];
}

export interface CompiledSet {
  readonly labels: boolean;
  readonly types: ReadonlyMap<string, TypeView>;
}

export type ViewsResult = { ok: true; views: Views } | { ok: false; problems: string[] };

/** Knows which elements FHIR R4 has, as the definitions in fhir/ do. */
export interface ElementSource {
  /** `('Observation.component', 'code')`; undefined when there is no such element. */
  element(typeName: string, elementName: string): unknown;
}

/** The views in a folder `profiles/views/`, for the start of the gateway: throws with every problem in one message. */
export async function loadViews(folder: string, known: ElementSource): Promise<Views> {
  const result = readViews(folder, isElementOf(known));
  if (result.ok) return result.views;
  throw new Error(`The views cannot be used:\n${result.problems.join('\n')}`);
}

/** Whether a path (`Observation.component.code`) is an element that the definitions know. */
export function isElementOf(known: ElementSource): (path: string) => boolean {
  return (path) => {
    const dot = path.lastIndexOf('.');
    return known.element(path.slice(0, dot), path.slice(dot + 1)) !== undefined;
  };
}

/** The files of profiles/ that views are made of, by name without `.json`, unread by anyone yet. */
export interface ViewFiles {
  readonly views: ReadonlyMap<string, unknown>;
  readonly elements: ReadonlyMap<string, unknown>;
  readonly valueSets: ReadonlyMap<string, unknown>;
}

/**
 * Reads the folder `profiles/views/` (and `valuesets/` beside it) and compiles its views. With `isElement` (`Observation.component.code`, `Observation.value[x]`,
 * `HumanName.family`: is this an element of FHIR R4?) a path that does not exist is refused. All problems are found at once;
 * with any, there are no views, and the gateway does not start.
 */
export function readViews(viewsFolder: string, isElement: (path: string) => boolean): ViewsResult {
  const { files, problems } = readViewFiles(viewsFolder);
  return problems.length > 0 ? { ok: false, problems } : buildViews(files, isElement);
}

/** The files alone, with the names of those that are no JSON. */
export function readViewFiles(viewsFolder: string): { files: ViewFiles; problems: string[] } {
  const problems: string[] = [];
  const folder = (...path: string[]): Map<string, unknown> => readFolder(join(viewsFolder, ...path), problems);
  return { files: { views: folder(), elements: folder('elements'), valueSets: folder('..', 'valuesets') }, problems };
}

/** The same from files that are already read. Pure. */
export function buildViews(files: ViewFiles, isElement: (path: string) => boolean): ViewsResult {
  const problems: string[] = [];
  checkSchemas(files, problems);
  if (problems.length > 0) return { ok: false, problems };

  const codeLists = readCodeLists(files.valueSets);
  const datatypes = files.elements.get('datatypes') as Datatypes;
  const limits = files.elements.get('limits') as Limits;
  const compiling = { datatypes, codeLists, isElement, problem: (text: string) => problems.push(text) };
  const sets = new Map(
    elementSets(files).map(([name, set]) => [name, { labels: set.labels, types: compileSet(set, compiling) }]),
  );
  const policies = new Map(policiesOf(files));
  for (const [name, policy] of policies) checkPolicy(name, policy, sets, codeLists, problems);
  const sensitive = codeLists.get('sensitive-label');
  if (!sensitive) problems.push('valuesets/sensitive-label: missing; it names the labels that count as sensitive.');
  if (problems.length > 0 || !sensitive) return { ok: false, problems: [...new Set(problems)] };
  return {
    ok: true,
    views: {
      policies,
      sets,
      codeLists,
      limits: compileLimits(datatypes, limits),
      sensitiveLabels: [...sensitive.codes].map(codeOnly).sort(),
    },
  };
}

function readFolder(folder: string, problems: string[]): Map<string, unknown> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
  return new Map(
    files.flatMap((name): [string, unknown][] => {
      try {
        return [[name.slice(0, -'.json'.length), JSON.parse(readFileSync(join(folder, name), 'utf8'))]];
      } catch {
        problems.push(`${name}: is not valid JSON.`);
        return [];
      }
    }),
  );
}

/** Each file against its schema; the schemas lie beside the files (`view.schema`, `elements/*.schema`). */
function checkSchemas(files: ViewFiles, problems: string[]): void {
  const ajv = new Ajv2020({ strict: true, allErrors: true, formats: { uri: /^[a-z][a-z0-9+.-]*:\S+$/ } });
  const schemas = [...files.views, ...files.elements].filter(([name]) => name.endsWith('.schema'));
  for (const [, schema] of schemas) ajv.addSchema(schema as object);
  const check = (schema: string, name: string, file: unknown): void => {
    const validate = ajv.getSchema(`http://gezinspoort.nl/schema/${schema}.schema.json`);
    if (!validate) problems.push(`${schema}.schema.json: missing.`);
    else if (!validate(file))
      for (const error of validate.errors ?? []) problems.push(`${name}${error.instancePath}: ${error.message}.`);
  };
  for (const [name, file] of policiesOf(files)) check('view', name, file);
  for (const [name, file] of elementSets(files)) check('element-set', `elements/${name}`, file);
  for (const name of ['datatypes', 'limits']) check(name, `elements/${name}`, files.elements.get(name));
}

const policiesOf = (files: ViewFiles): [string, ViewPolicy][] =>
  [...files.views].filter(([name]) => !name.endsWith('.schema')) as [string, ViewPolicy][];

const elementSets = (files: ViewFiles): [string, ElementSet][] =>
  [...files.elements].filter(([name]) => !name.endsWith('.schema') && name !== 'datatypes' && name !== 'limits') as [
    string,
    ElementSet,
  ][];

function readCodeLists(valueSets: ReadonlyMap<string, unknown>): Map<string, CodeList> {
  const lists = new Map<string, CodeList>();
  for (const [name, valueSet] of valueSets) {
    const list = codeList(valueSet as ValueSet);
    if (list) lists.set(name, list);
  }
  return lists;
}

function checkPolicy(
  name: string,
  policy: ViewPolicy,
  sets: Views['sets'],
  codeLists: Views['codeLists'],
  problems: string[],
): void {
  if (policy.discipline !== name) problems.push(`${name}/discipline: must be the name of the file.`);
  if (!sets.has(policy.directory)) problems.push(`${name}/directory: there is no set of elements ${policy.directory}.`);
  const levels = [{ at: 'categories', categories: policy.categories }];
  for (const [poli, one] of Object.entries(policy.polis))
    levels.push({ at: `polis/${poli}/categories`, categories: one.categories });
  for (const { at, categories } of levels) {
    for (const [category, given] of Object.entries(categories)) {
      const use = typeof given === 'string' ? given : given.use;
      if (use !== 'none' && !sets.has(use))
        problems.push(`${name}/${at}/${category}: there is no set of elements ${use}.`);
      for (const list of typeof given === 'string' ? [] : given.codes) {
        if (!codeLists.has(list)) problems.push(`${name}/${at}/${category}: there is no enumerated ValueSet ${list}.`);
      }
    }
  }
}

function compileLimits(datatypes: Datatypes, limits: Limits): CompiledLimits {
  const thirdParty = Object.entries(limits['third-party'].types).map(
    ([type, rule]) => [type, { keep: new Set(rule.keep), masked: rule.masked !== undefined }] as const,
  );
  return {
    directory: new Set(datatypes.directory),
    neverLabels: new Set(limits.neverLabels),
    thirdParty: new Map(thirdParty),
  };
}

const codeOnly = (token: string): string => token.slice(token.lastIndexOf('|') + 1);
