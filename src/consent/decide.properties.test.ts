import type { Consent, ConsentProvision } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CASE_ENTITLEMENTS } from './case-entitlements.ts';
import { decide } from './decide.ts';
import * as invented from './testing/invented.ts';
import type { Decision, DecisionInput, Item } from './types.ts';

/** Statements and questions from small pools, so that they meet: the same people, organisations, labels, days. */
const pick = <T>(...values: T[]) => fc.constantFrom(...values);
const list = <T>(...values: T[]) => fc.subarray(values, { minLength: 1, maxLength: 2 });

const attributes = fc.record(
  {
    actor: list(
      invented.org('jgz'),
      invented.org('ander'),
      invented.sector('jgz'),
      invented.discipline('youth-nurse'),
      invented.discipline('gp'),
    ),
    purpose: list('TREAT', 'ETREAT', 'BTG', 'HRESCH').map((codes) => codes.map(invented.purpose)),
    securityLabel: list(
      invented.category('development'),
      invented.category('risk'),
      invented.topic('PSY'),
      invented.topic('SUD'),
      invented.confidentiality('N'),
      invented.confidentiality('R'),
    ),
    data: list('Observation/a', 'Observation/b').map((refs) => refs.map(invented.instance)),
    dataPeriod: pick({ start: '2026-05-01' }, { end: '2026-05-31' }),
    period: pick({ end: '2026-06-30' }, { start: '2026-06-01' }),
  },
  { requiredKeys: [] },
);

const provisionOf = (types: ('permit' | 'deny')[]): fc.Arbitrary<ConsentProvision> => {
  const one = fc.tuple(pick(...types), attributes).map(([type, rest]): ConsentProvision => ({ type, ...rest }));
  return fc
    .tuple(one, fc.array(one, { maxLength: 2 }))
    .map(([root, nested]) => (nested.length > 0 ? { ...root, provision: nested } : root));
};

const statementOf = (types: ('permit' | 'deny')[], statuses: Consent['status'][]): fc.Arbitrary<Consent> =>
  fc
    .record({
      provision: provisionOf(types),
      status: pick(...statuses),
      by: fc.subarray([invented.ANNA, invented.BRAM, invented.KIND, 'Patient/anna', 'Organization/court'], {
        minLength: 1,
      }),
      patient: pick(invented.KIND, invented.KIND, invented.KIND, 'Patient/anna'),
      dateTime: pick('2026-02-01', '2026-03-01T10:00:00+01:00', '2026-04-01', '2026-08-01', undefined),
      version: pick('2', '2', '2', '1', '9'),
    })
    .map(({ provision, patient, version, ...rest }) =>
      invented.consent(provision, {
        ...rest,
        patient: { reference: patient },
        policy: [{ uri: `http://gezinspoort.nl/policy/igp-exchange|${version}` }],
      }),
    );

const anyStatement = statementOf(
  ['permit', 'permit', 'deny'],
  ['active', 'active', 'active', 'active', 'rejected', 'inactive', 'draft'],
);
const objection = fc.oneof(statementOf(['deny'], ['active']), statementOf(['permit', 'deny'], ['rejected']));

const items: fc.Arbitrary<Item[]> = fc.array(
  fc
    .record({
      ref: pick('Observation/a', 'Observation/b', 'Condition/c'),
      category: pick('development', 'risk', 'naw', undefined),
      labels: pick([], [], ['PSY'], ['PSY', 'SDV'], ['OPIOIDUD'], ['N'], ['ZZZ']),
      date: pick('2026-05-10', '2026-07-01', undefined),
      about: pick(undefined, undefined, invented.ANNA, 'RelatedPerson/x'),
      aboutWhole: pick(undefined, true),
      protectedAddress: pick(undefined, true),
      hasBsn: pick(undefined, true),
      subject: pick(invented.KIND, invented.KIND, invented.KIND, 'Patient/broer'),
    })
    .map(({ ref, ...rest }) => invented.item(ref, rest)),
  { minLength: 1, maxLength: 4 },
);

const questions: fc.Arbitrary<DecisionInput> = fc
  .record({
    consents: fc.array(anyStatement, { maxLength: 4 }),
    resources: items,
    config: fc.record(
      {
        bothParents: pick('all-explicit' as const, 'one-unless-objection' as const),
        btgOverridesObjection: fc.boolean(),
        mitzDenyWins: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    env: pick({}, {}, {}, { mitz: 'deny' as const }, { mitz: 'permit' as const }),
    request: fc.record({
      mode: pick('pull' as const, 'pull' as const, 'push' as const, 'push-referral' as const),
      purpose: pick('TREAT', 'TREAT', 'ETREAT', 'BTG', 'HRESCH'),
      discipline: pick('youth-nurse', 'gp', 'volunteer', 'paediatrician'),
      btgReason: pick('stuip', undefined),
    }),
    born: pick('2026-01-10', '2026-01-10', '2013-01-10', '2009-01-10'),
    custody: pick(
      [invented.custodian(invented.ANNA), invented.custodian(invented.BRAM)],
      [invented.custodian(invented.ANNA)],
      [invented.custodian(invented.ANNA), invented.custodian(invented.BRAM, true, { court: true })],
      [invented.custodian(invented.ANNA), invented.custodian(invented.BRAM, 'unknown')],
    ),
  })
  .map((changes) => {
    const input = invented.question(changes);
    const anna = { ref: 'Patient/anna', birthDate: '1995-01-01', selfRefs: [invented.ANNA] };
    return { ...input, patients: [...input.patients, anna] };
  });

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
