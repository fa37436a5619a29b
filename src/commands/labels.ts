import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import { type LabelTable, labelsPage, type Names } from './labels-page.ts';

const USAGE = 'Usage: gezinspoort labels [nl|en]';

/** `labels`: prints the table of categories and labels in plain sentences. 0; 2: usage. */
export async function labels(args: string[]): Promise<number> {
  const [language = 'nl', ...more] = args;
  if (more.length > 0 || (language !== 'nl' && language !== 'en')) {
    console.error(USAGE);
    return 2;
  }
  const { table, names } = readLabelTable('profiles');
  console.log(labelsPage(table, names, language));
  return 0;
}

/** The rule table and what its codes are called, from the folder `profiles/`. */
export function readLabelTable(folder: string): { table: LabelTable; names: Names } {
  const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));
  const valueSets = readdirSync(join(folder, 'valuesets'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name.slice(0, -'.json'.length), json('valuesets', name) as ValueSet] as const);
  return {
    table: json('labels.json') as LabelTable,
    names: {
      categories: json('codesystems', 'data-category.json') as CodeSystem,
      labels: json('valuesets', 'sensitive-label.json') as ValueSet,
      valueSets: new Map(valueSets),
    },
  };
}
