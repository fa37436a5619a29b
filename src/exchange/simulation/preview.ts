import type { Resource } from '@medplum/fhirtypes';
import type { Policy } from '../../policy/policy.ts';
import { DIRECTORY, type Judgement, judge, type Question } from '../judge.ts';
import type { Family } from '../relatives.ts';

/** One who asks, in the preview. */
export type Viewer = Pick<Question, 'organisation' | 'sector' | 'discipline'>;

/** What of one element goes out: all of it, some of its values, nothing. */
export type Seen = 'all' | 'some' | 'none';

/** One element of the record, and what each viewer gets of it. `values` only where they may be shown. */
export interface Row {
  readonly path: string;
  readonly values: readonly string[];
  readonly seen: readonly Seen[];
  /** What each viewer gets, beside `values`. */
  readonly shown: readonly (readonly string[])[];
}

/** One resource of the record. `outcomes`: for each viewer released, redacted, or why it is withheld. */
export interface Sheet {
  readonly type: string;
  readonly category: string;
  readonly labels: readonly string[];
  readonly outcomes: readonly {
    readonly outcome: 'released' | 'redacted' | 'withheld';
    readonly reasons: readonly string[];
  }[];
  readonly rows: readonly Row[];
}

/**
 * The whole record beside what each viewer gets of it, element by element. With `values` (an invented family) what stands there, without (a real one) names and outcomes only.
 * Pure: `at` is an ISO instant.
 */
export function preview(
  family: Family,
  viewers: readonly Viewer[],
  policy: Policy,
  at: string,
  values: boolean,
): Sheet[] {
  const judgements = viewers.map((viewer) =>
    judge(family.file, family.relatives, { ...viewer, mode: 'pull', purpose: 'TREAT', at }, policy),
  );
  return family.file.resources
    .filter((one) => one.category !== DIRECTORY)
    .map((stored) => {
      const given = judgements.map((one) => one.released.find((item) => item.stored === stored)?.resource);
      const got = given.map((one) => leavesOf(one));
      return {
        type: stored.type,
        category: stored.category,
        labels: stored.labels,
        outcomes: judgements.map((one, viewer) => outcomeOf(one, given[viewer] !== undefined, stored)),
        rows: [...leavesOf(stored.resource)].map(([path, all]) => {
          const shown = got.map((one) => one.get(path) ?? []);
          return {
            path,
            values: values ? all : [],
            seen: shown.map((own): Seen => (own.length === 0 ? 'none' : own.length < all.length ? 'some' : 'all')),
            shown: values ? shown : shown.map(() => []),
          };
        }),
      };
    });
}

function outcomeOf(judgement: Judgement, isReleased: boolean, stored: Family['file']['resources'][number]) {
  const item = judgement.decision.derivation.items[`${stored.type}/${stored.id}`];
  if (isReleased)
    return {
      outcome: item?.redactions.length ? ('redacted' as const) : ('released' as const),
      reasons: item?.reasons ?? [],
    };
  const withheld = judgement.withheld.find((one) => one.stored === stored);
  return { outcome: 'withheld' as const, reasons: withheld?.reasons ?? [] };
}

/** What the gateway itself writes into a resource. */
const OWN = new Set(['resourceType', 'id', 'meta']);

/** The primitive values of a resource by path, without indexes. */
function leavesOf(resource: Resource | undefined): ReadonlyMap<string, readonly string[]> {
  const leaves = new Map<string, string[]>();
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const one of value) walk(one, path);
    else if (typeof value === 'object' && value !== null)
      for (const [key, one] of Object.entries(value)) walk(one, `${path}.${key}`);
    else if (value !== null && value !== undefined) leaves.set(path, [...(leaves.get(path) ?? []), String(value)]);
  };
  for (const [key, one] of Object.entries(resource ?? {})) if (!OWN.has(key)) walk(one, key);
  return leaves;
}
