import { describe, expect, it } from 'vitest';
import { CASE_ENTITLEMENTS } from './case-entitlements.ts';
import { decide } from './decide.ts';
import { CONSENT_INVARIANTS, checkConsent } from './invariants.ts';
import { DEFAULT_CONFIG, SETTING_NAMES, SETTINGS, type Settings } from './settings.ts';
import type { Decision, DecisionInput } from './types.ts';

const at = (place: number): Settings =>
  Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].choices.at(place)])) as unknown as Settings;

describe('the whole table of decisions keeps every sentence', () => {
  it.each([
    ['the defaults', DEFAULT_CONFIG],
    ['every setting at its strictest', at(0)],
    ['every setting at its most lenient', at(-1)],
  ])('with %s', (_, settings) => expect(checkConsent(CASE_ENTITLEMENTS, settings)).toEqual([]));
});

/** One discipline that may see all and one that may see next to nothing are enough to see a sentence broken. */
const { 'youth-nurse': nurse, volunteer } = CASE_ENTITLEMENTS.disciplines;
const TWO = { ...CASE_ENTITLEMENTS, disciplines: { 'youth-nurse': nurse, volunteer } } as typeof CASE_ENTITLEMENTS;

describe('a decision that goes wrong breaks a sentence', () => {
  /** What the real decision gives, changed where the test says. */
  type Wrong = (decision: Decision, input: DecisionInput) => Decision;
  const releasing = (
    decision: Decision,
    which: (item: DecisionInput['resources'][number]) => boolean,
    input: DecisionInput,
  ) => ({
    ...decision,
    decision: 'partial' as const,
    items: Object.fromEntries(
      input.resources.map((one) => [one.ref, which(one) ? 'release' : (decision.items[one.ref] ?? 'withhold')]),
    ),
  });
  const denyCount = ({ consents }: DecisionInput): number =>
    consents.filter((one) => one.provision?.type === 'deny').length;

  const WRONG: Record<string, Wrong> = {
    'view-is-the-limit': (decision, input) => releasing(decision, (one) => one.category === 'obstetric', input),
    'break-glass-is-a-right': (decision, input) =>
      input.request.purpose === 'BTG' ? releasing(decision, (one) => one.ref === 'Basic/naw', input) : decision,
    'no-bsn-without-ground': (decision, input) => releasing(decision, (one) => one.hasBsn === true, input),
    'protected-address': (decision, input) => releasing(decision, (one) => one.protectedAddress === true, input),
    'third-person': (decision, input) => releasing(decision, (one) => one.ref === 'Basic/about', input),
    'one-patient': (decision, input) => releasing(decision, (one) => one.subject === 'Patient/sibling', input),
    'labelled-only': (decision, input) => releasing(decision, (one) => one.category === undefined, input),
    'silence-is-no-consent': (decision, input) =>
      input.consents.length === 0 ? releasing(decision, (one) => one.ref === 'Basic/naw-PSY', input) : decision,
    'child-protection-by-name': (decision, input) =>
      input.consents.length > 0 ? releasing(decision, (one) => one.ref === 'Basic/naw-CHILDPROT', input) : decision,
    'unknown-is-refused': (decision, input) =>
      input.request.discipline === 'constructor' ? releasing(decision, () => true, input) : decision,
    'care-relation': (decision, input) =>
      input.request.mode === 'legal-duty' ? releasing(decision, () => true, input) : decision,
    'objection-never-adds': (decision, input) =>
      denyCount(input) > 1 ? releasing(decision, (one) => one.ref === 'Basic/risk', input) : decision,
    'ending-never-adds': (decision, input) =>
      input.consents.some((one) => one.status === 'inactive')
        ? releasing(decision, (one) => one.ref === 'Basic/risk', input)
        : decision,
    'strict-setting-never-adds': (decision, input) =>
      input.config?.sensitiveTopics === 'unless-refused'
        ? decision
        : releasing(decision, (one) => one.ref === 'Basic/risk-PSY', input),
    'order-is-nothing': (decision, input) =>
      input.resources[0]?.ref === 'Basic/naw'
        ? decision
        : releasing(decision, (one) => one.ref === 'Basic/risk', input),
  };

  it('for every sentence there is one', () =>
    expect(Object.keys(WRONG)).toEqual(CONSENT_INVARIANTS.map((one) => one.name)));

  it.each(Object.entries(WRONG))('%s', (name, wrong) => {
    const violations = checkConsent(TWO, { ...DEFAULT_CONFIG, sensitiveTopics: 'by-name' }, (input) =>
      wrong(decide(input, CASE_ENTITLEMENTS), input),
    );
    expect(violations.map((one) => one.name)).toContain(name);
    expect(violations.find((one) => one.name === name)?.counterexample).toMatch(/; /);
  });
});
