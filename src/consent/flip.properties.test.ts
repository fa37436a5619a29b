import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CASE_ENTITLEMENTS } from './case-entitlements.ts';
import { apply, type Change, namingOf } from './change.ts';
import { decide } from './decide.ts';
import { flipOf } from './flip.ts';
import { questions } from './testing/generated.ts';
import { KIND } from './testing/invented.ts';
import type { DecisionInput, Outcome } from './types.ts';

const RANK: Record<Outcome, number> = { withhold: 0, redact: 1, release: 2 };
const outcomeOf = (input: DecisionInput, ref: string): Outcome =>
  decide(input, CASE_ENTITLEMENTS).items[ref] as Outcome;

describe('for every family and question', () => {
  const cases = questions.map((input): DecisionInput => {
    const resources = [...new Map(input.resources.map((one) => [one.ref, one])).values()];
    const consents = input.consents.map((one, index) => ({ ...one, id: `c${index}` }));
    return { ...input, resources, consents };
  });

  it('the change turns the outcome, and no smaller one does', () =>
    fc.assert(
      fc.property(cases, (input) => {
        for (const one of input.resources) {
          const found = flipOf(input, CASE_ENTITLEMENTS, one.ref);
          const before = outcomeOf(input, one.ref);
          expect(found?.outcome).toBe(before);
          const up = before !== 'release';
          const turns = (changes: readonly Change[]): boolean => {
            const after = outcomeOf(
              changes.reduce<DecisionInput>((world, change) => apply(world, one, change), input),
              one.ref,
            );
            return up ? RANK[after] > RANK[before] : after === 'withhold';
          };
          const all = everyChange(input, namingOf(one), up);
          const fewer = found && 'changes' in found ? found.changes.length - 1 : Math.min(2, all.length);
          if (found && 'changes' in found) expect(turns(found.changes)).toBe(true);
          for (const some of subsets(all, Math.min(fewer, 2))) expect(turns(some)).toBe(false);
        }
      }),
      { numRuns: 150 },
    ));

  /** Everything the vocabulary can say of a question, whether or not it bears on the item. */
  function everyChange(input: DecisionInput, naming: string[], up: boolean): Change[] {
    const people = ['anna', 'bram', 'child'].map((person) => ({
      person,
      ref: person === 'child' ? KIND : `RelatedPerson/${person}`,
      record: KIND,
    }));
    if (!up) return people.map((one): Change => ({ change: 'ends', ...one, consents: [] }));
    return [
      ...[...people, { person: 'patient', ref: 'Patient/anna', record: 'Patient/anna' }].map(
        (one): Change => ({ change: 'permits', ...one, naming }),
      ),
      ...input.consents.map(
        (one): Change => ({ change: 'ends', ...(people[0] as (typeof people)[0]), consents: [{ id: `${one.id}` }] }),
      ),
      ...[true, false].map(
        (custodial): Change => ({ change: 'custody-recorded', ...(people[1] as (typeof people)[0]), custodial }),
      ),
      { change: 'mitz-permits' },
      { change: 'registers-answer' },
      { change: 'relation-recorded' },
      { change: 'reason-given' },
      { change: 'asks-for-one-patient' },
    ];
  }

  function* subsets<T>(all: readonly T[], most: number): Generator<T[]> {
    yield [];
    if (most > 0)
      for (const [index, one] of all.entries())
        for (const more of subsets(all.slice(index + 1), most - 1)) yield [one, ...more];
  }
});
