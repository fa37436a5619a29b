import {
  convertToSearchableTokens,
  evalFhirPathTyped,
  getExpressionForResourceType,
  parseFhirPath,
  toTypedValue,
} from '@medplum/core';
import type { Resource, SearchParameter } from '@medplum/fhirtypes';
import { type Span, spanOf } from './time.ts';

type Typed = ReturnType<typeof evalFhirPathTyped>;

const parsed = new Map<string, ReturnType<typeof parseFhirPath>>();

/** What a search parameter finds in a resource, by the part of its FHIRPath expression that is about the type. */
export function valuesOf(resource: Resource, { expression = '' }: SearchParameter): Typed {
  const key = `${resource.resourceType} ${expression}`;
  let atom = parsed.get(key);
  if (!atom) {
    const own = getExpressionForResourceType(resource.resourceType, expression) ?? expression;
    atom = parseFhirPath(own);
    parsed.set(key, atom);
  }
  return evalFhirPathTyped(atom, [toTypedValue(resource)]);
}

/** Texts of a code are no codes: the library gives both, and marks the texts with this when asked to. */
const TEXT = 'text';

/** Codes, identifiers and contact points as system and value. */
export const tokensOf = (values: Typed) =>
  convertToSearchableTokens(values, { textSearchSystem: TEXT }).filter((one) => one.system !== TEXT);

/** Dates and periods as stretches of time; a period without an end goes on for ever. */
export const spansOf = (values: Typed): Span[] =>
  values.flatMap(({ value }): Span[] => {
    const span = typeof value === 'string' ? spanOf(value) : undefined;
    if (span) return [span];
    const { start, end } = (value ?? {}) as { start?: unknown; end?: unknown };
    if (typeof start !== 'string' && typeof end !== 'string') return [];
    const from = typeof start === 'string' ? spanOf(start)?.[0] : Number.NEGATIVE_INFINITY;
    const to = typeof end === 'string' ? spanOf(end)?.[1] : Number.POSITIVE_INFINITY;
    return from === undefined || to === undefined ? [] : [[from, to]];
  });

/** Where references point, as `Type/id`. */
export const referencesOf = (values: Typed): string[] =>
  values.flatMap(({ value }) => {
    const reference = typeof value === 'string' ? value : (value as { reference?: unknown } | undefined)?.reference;
    return typeof reference === 'string' ? [reference] : [];
  });

export interface Measure {
  readonly value: number;
  readonly unit?: string;
  readonly system?: string;
  readonly code?: string;
}

export const measuresOf = (values: Typed): Measure[] =>
  values.flatMap(({ value }) => (typeof (value as Measure | undefined)?.value === 'number' ? [value as Measure] : []));

/** Elements of a name or an address that are searched as text. */
const TEXTS = 'text family given prefix suffix line city district state postalCode country'.split(' ');

/** Texts; of a name or an address every part by itself. */
export const textsOf = (values: Typed): string[] =>
  values.flatMap(({ value }) => {
    if (typeof value === 'string') return [value];
    if (typeof value !== 'object' || value === null) return [];
    return TEXTS.flatMap((key) => (value as Record<string, string | string[] | undefined>)[key] ?? []);
  });
