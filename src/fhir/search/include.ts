import type { Resource, SearchParameter } from '@medplum/fhirtypes';
import { parametersOf } from './parameters.ts';
import { referencesOf, valuesOf } from './values.ts';

/** One `_include` or `_revinclude`: from resources of `type` along `parameter`, to resources of `target` where it names one. */
export interface Include {
  readonly type: string;
  readonly parameter: SearchParameter;
  readonly target: string | undefined;
  readonly reverse: boolean;
  /** Also from what was included, until nothing new comes. */
  readonly iterate: boolean;
}

/** Reads `Observation:encounter` or `Observation:performer:Practitioner`; undefined where it is not understood (a wildcard is not). */
export function includeOf(value: string, reverse: boolean, iterate: boolean): Include | undefined {
  const [type = '', name = '', target, ...more] = value.split(':');
  const parameter = parametersOf(type).get(name);
  if (more.length > 0 || parameter?.type !== 'reference') return undefined;
  if (target !== undefined && !parameter.target?.some((one) => one === target)) return undefined;
  return { type, parameter, target, reverse, iterate };
}

/** What these matches bring along out of all that may leave, each once and no match again. */
export function included(
  includes: readonly Include[],
  matches: readonly Resource[],
  all: readonly Resource[],
): readonly Resource[] {
  if (includes.length === 0) return [];
  const byReference = new Map(all.map((one) => [refOf(one), one]));
  const held = new Set(matches);
  const found: Resource[] = [];
  let from: readonly Resource[] = matches;
  for (let turn = 0; from.length > 0; turn += 1) {
    const next: Resource[] = [];
    for (const include of includes.filter((one) => turn === 0 || one.iterate)) {
      for (const one of include.reverse ? backward(include, from, all) : forward(include, from, byReference)) {
        if (held.has(one)) continue;
        held.add(one);
        next.push(one);
      }
    }
    found.push(...next);
    from = next;
  }
  return found;
}

const refOf = (one: Resource): string => `${one.resourceType}/${one.id}`;

/** A reference may name a version; what is meant is the thing. */
const targetsOf = ({ parameter }: Include, resource: Resource): string[] =>
  referencesOf(valuesOf(resource, parameter)).map((one) => one.replace(/\/_history\/.*$/, ''));

const forward = (include: Include, from: readonly Resource[], byReference: ReadonlyMap<string, Resource>): Resource[] =>
  from
    .filter((one) => one.resourceType === include.type)
    .flatMap((one) => targetsOf(include, one))
    .flatMap((reference) => byReference.get(reference) ?? [])
    .filter((one) => include.target === undefined || one.resourceType === include.target);

function backward(include: Include, from: readonly Resource[], all: readonly Resource[]): Resource[] {
  const wanted = new Set(
    from.filter((one) => include.target === undefined || one.resourceType === include.target).map(refOf),
  );
  return all.filter(
    (one) => one.resourceType === include.type && targetsOf(include, one).some((reference) => wanted.has(reference)),
  );
}
