import type { Consent, ConsentProvision } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CASE_ENTITLEMENTS } from './case-entitlements.ts';
import { decide } from './decide.ts';
import { objection, provisionOf, questions, statementOf } from './testing/generated.ts';
import * as invented from './testing/invented.ts';
import type { Decision, DecisionInput } from './types.ts';

const run = (input: DecisionInput): Decision => decide(input, CASE_ENTITLEMENTS);
const RANK = { release: 0, redact: 1, withhold: 2 };

function expectNothingMore(before: Decision, after: Decision): void {
  for (const [ref, outcome] of Object.entries(after.items))
    expect(RANK[outcome]).toBeGreaterThanOrEqual(RANK[before.items[ref] ?? 'withhold']);
}

const RUNS = { numRuns: 1000 };

describe('for every family and question', () => {
  it('the questions made up here do get every outcome', () => {
    const seen = new Set(fc.sample(questions, { numRuns: 800, seed: 1 }).map((input) => run(input).decision));
    expect(seen).toEqual(new Set(['permit', 'partial', 'deny']));
  });

  it('a further objection never adds a release', () =>
    fc.assert(
      fc.property(questions, objection, (input, added) =>
        expectNothingMore(run(input), run({ ...input, consents: [...input.consents, added] })),
      ),
      RUNS,
    ));

  it('withdrawing a permission never adds a release', () =>
    fc.assert(
      fc.property(questions, statementOf(['permit'], ['active']), (input, given) => {
        const understood = { ...given, policy: [{ uri: 'http://gezinspoort.nl/policy/igp-exchange|2' }] };
        const withdrawn: Consent = { ...understood, status: 'inactive' };
        expectNothingMore(
          run({ ...input, consents: [...input.consents, understood] }),
          run({ ...input, consents: [...input.consents, withdrawn] }),
        );
      }),
      RUNS,
    ));

  it('consent never widens the view, and never lifts what nobody can lift', () =>
    fc.assert(
      fc.property(questions, (input) => {
        const { items: outcomes, derivation } = run(input);
        const discipline = CASE_ENTITLEMENTS.disciplines[input.request.discipline];
        for (const one of input.resources) {
          if (outcomes[one.ref] === 'withhold') continue;
          expect(discipline?.categories).toContain(one.category);
          expect(one.subject).toBe(invented.KIND);
          const redactions = derivation.items[one.ref]?.redactions;
          if (one.protectedAddress && input.resources.filter(({ ref }) => ref === one.ref).length === 1)
            expect(redactions).toContain('address');
          if (one.hasBsn && !discipline?.bsn && input.resources.filter(({ ref }) => ref === one.ref).length === 1)
            expect(redactions).toContain('bsn');
        }
      }),
      RUNS,
    ));

  it('the order of the consents is of no matter', () =>
    fc.assert(
      fc.property(questions, (input) => {
        const { decision, reasons, items: outcomes, obligations } = run(input);
        const turned = run({ ...input, consents: input.consents.toReversed(), patients: input.patients.toReversed() });
        expect(turned).toMatchObject({ decision, reasons, items: outcomes, obligations });
      }),
      RUNS,
    ));

  it('the same question gets the same answer and is left as it was', () =>
    fc.assert(
      fc.property(questions, (input) => {
        const copy = structuredClone(input);
        expect(run(freeze(input))).toEqual(run(copy));
      }),
      { numRuns: 500 },
    ));

  it('every release has a ground in the derivation', () =>
    fc.assert(
      fc.property(questions, (input) => {
        for (const one of Object.values(run(input).derivation.items)) {
          if (one.outcome === 'release')
            expect(
              one.reasons.some((reason) =>
                ['CONSENT', 'IMPLIED_REFERRAL', 'PRESUMED_SECOND_PARENT', 'BTG_OVERRIDE'].includes(reason),
              ),
            ).toBe(true);
          if (one.reasons.includes('CONSENT')) expect(one.carriedBy.length).toBeGreaterThan(0);
          expect(one.reasons.length).toBeGreaterThan(0);
        }
      }),
      RUNS,
    ));
});

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}

describe('hostile consents', () => {
  it('of any JSON are refused and never throw', () =>
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 5 }), { minLength: 1, maxLength: 3 }), (consents) => {
        const { decision, reasons } = invented.ask({ consents: consents as unknown as Consent[] });
        expect([decision, reasons]).toEqual(['deny', ['UNSUPPORTED_CONSENT']]);
      }),
      RUNS,
    ));

  it('with any JSON in any place never throw', () =>
    fc.assert(
      fc.property(provisionOf(['permit', 'deny']), fc.nat(), fc.jsonValue({ maxDepth: 3 }), (provision, at, value) => {
        const spoilt = spoil(invented.consent(provision), at, value);
        const { decision } = invented.ask({ consents: [spoilt as Consent] });
        expect(['permit', 'partial', 'deny']).toContain(decision);
      }),
      RUNS,
    ));

  it('with an element that is not known anywhere in the provisions release nothing', () =>
    fc.assert(
      fc.property(
        provisionOf(['permit', 'deny']),
        fc.constantFrom('modifierExtension', 'class', 'code', 'action', 'uitzondering'),
        fc.boolean(),
        (provision, key, nested) => {
          const odd = { [key]: [{ url: 'urn:x', valueBoolean: true }] };
          const bad = nested
            ? { ...provision, provision: [...(provision.provision ?? []), { type: 'deny', ...odd }] }
            : { ...provision, ...odd };
          expect(invented.verdict({ consents: [invented.consent(bad as ConsentProvision)] })).toBe(
            'deny UNSUPPORTED_CONSENT',
          );
        },
      ),
      RUNS,
    ));
});

/** The JSON with the value at one of its places (counted through) replaced. */
function spoil(json: unknown, at: number, value: unknown): unknown {
  const places: (() => unknown)[] = [];
  const walk = (node: unknown, replace: (made: unknown) => unknown): void => {
    places.push(() => replace(value));
    if (typeof node !== 'object' || node === null) return;
    for (const [key, child] of Object.entries(node)) {
      walk(child, (made) => replace(Array.isArray(node) ? node.with(Number(key), made) : { ...node, [key]: made }));
    }
  };
  walk(json, (made) => made);
  return places[at % places.length]?.();
}
