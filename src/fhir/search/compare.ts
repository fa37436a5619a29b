import type { Span } from './time.ts';

/** The prefixes of FHIR search that are compared here; `ap` (about) means something else to everybody and is refused. */
export const PREFIXES = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'] as const;
export type Prefix = (typeof PREFIXES)[number];

/**
 * One stretch (of time, or of numbers that round to the same) against the one that was asked, by the table of https://hl7.org/fhir/R4/search.html#prefix. The library takes any overlap
 * for equal, which finds a year when a day of it was asked.
 */
export function compares([from, to]: Span, prefix: Prefix, [least, most]: Span): boolean {
  const equal = least <= from && to <= most;
  switch (prefix) {
    case 'eq':
      return equal;
    case 'ne':
      return !equal;
    case 'gt':
      return to > most;
    case 'lt':
      return from < least;
    case 'ge':
      return to > most || equal;
    case 'le':
      return from < least || equal;
    case 'sa':
      return from > most;
    case 'eb':
      return to < least;
  }
}

/** Text as FHIR compares it where nothing else is said: without case and accents. */
export const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .toLowerCase();
