import type { Resource } from '@medplum/fhirtypes';

/** Where a page ends: the sort keys of its last match. It is a place in an order and no number of items, so what is withdrawn between two pages moves nothing. */
export type Position = readonly (string | number | null)[];

/** What a search says beside its resources. */
export interface Page {
  /** So many of the resources, from the first, were searched for; the others were included with them. */
  readonly matches: number;
  /** How many match in all, on every page together; undefined where not asked. */
  readonly total?: number;
  /** Where the next page begins; undefined on the last one. */
  readonly next?: Position;
}

/** What is wanted of the things that may leave: members of the list that was given, in the order of the answer. */
export interface Selection {
  readonly resources: readonly Resource[];
  readonly page?: Page;
}
