import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { atPointer } from './pointer.ts';

/** A place where a record is not what its schema asks for, and what it asks for there. */
export interface Misfit {
  /** JSON pointer; empty for the record itself. */
  readonly path: string;
  readonly expected: string;
}

/** The errors of a check that just failed, without those that only repeat another: branches, and items that are not the one that is missing. */
export function misfits(check: ValidateFunction): Misfit[] {
  return (check.errors ?? [])
    .filter((one) => one.keyword !== 'if' && !one.schemaPath.includes('/contains/'))
    .map((one) => ({ path: one.instancePath, expected: expectation(one, check.schema) }));
}

/** What the schema asks for, from the schema's side only: allowed values, bounds, names; never the value that came. */
function expectation({ keyword, message, params, schemaPath }: ErrorObject, schema: unknown): string {
  const extra: unknown = params.additionalProperty ?? params.unevaluatedProperty;
  if (typeof extra === 'string') return /^[A-Za-z]{1,40}$/.test(extra) ? `no member ${extra}` : 'no further members';
  if (Array.isArray(params.allowedValues)) return `one of ${params.allowedValues.slice(0, 60).join(', ')}`;
  if (keyword === 'contains') return `${amount(params)} with ${sought(schema, schemaPath)}`;
  return message ?? 'another value';
}

const amount = ({ minContains = 1, maxContains }: { minContains?: number; maxContains?: number }): string => {
  if (maxContains === undefined) return `at least ${minContains}`;
  return minContains === maxContains ? `exactly ${minContains}` : `${minContains} to ${maxContains}`;
};

/** What makes an item the one that is sought: `bdsNumber 1577`. */
function sought(schema: unknown, path: string): string {
  const contained = atPointer(schema, path.replace(/^#/, ''));
  const properties = Object.entries(
    (contained as { properties?: Record<string, Wanted> } | undefined)?.properties ?? {},
  );
  const named = properties.map(
    ([name, one]) => `${name} ${[one.const, ...(one.enum ?? [])].filter((each) => each !== undefined).join(', ')}`,
  );
  return named.join(' and ') || 'another item';
}

interface Wanted {
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
}
