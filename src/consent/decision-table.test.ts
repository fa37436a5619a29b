import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CASE_ENTITLEMENTS } from './case-entitlements.ts';
import { decide } from './decide.ts';
import type { Decision, DecisionInput } from './types.ts';

const FILE = join(process.env.SHARED_DIR ?? '../shared', 'cases/consent/decision-table.json');

interface Case {
  id: string;
  title: string;
  input: DecisionInput;
  expect: Partial<Pick<Decision, 'decision' | 'reasons' | 'items' | 'obligations'>>;
}

const cases: Case[] = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')).cases : [];
const sorted = (set: readonly string[] | undefined) => set && [...set].sort();

describe.skipIf(cases.length === 0)('the published consent cases', () => {
  it('are all there', () => expect(cases.length).toBeGreaterThanOrEqual(85));

  it.each(cases)('$id $title', ({ input, expect: expected }) => {
    const { decision, reasons, items, obligations } = decide(input, CASE_ENTITLEMENTS);
    const got = {
      decision,
      reasons: sorted(reasons),
      ...(expected.items && { items }),
      ...(expected.obligations && { obligations: sorted(obligations) }),
    };
    expect(got).toEqual({
      ...expected,
      reasons: sorted(expected.reasons),
      ...(expected.obligations && { obligations: sorted(expected.obligations) }),
    });
  });
});
