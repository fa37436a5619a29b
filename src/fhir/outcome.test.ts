import { describe, expect, it } from 'vitest';
import { knowledge } from '../../tests/support/knowledge.ts';
import { ERROR_SYSTEM, toOutcome } from './outcome.ts';
import { PROBLEMS, type ProblemCode, refuse, refuseAll } from './problems.ts';

const CODES = Object.keys(PROBLEMS) as ProblemCode[];

describe('every problem of the catalogue', () => {
  it.each(CODES)('%s is a valid OperationOutcome with its code and both languages', (code) => {
    const outcome = toOutcome([{ code, path: '/a', expected: 'x' }]);
    expect(knowledge.validate(outcome)).toEqual([]);
    const [issue] = outcome.issue;
    expect(issue).toMatchObject({ severity: 'error', diagnostics: 'x', expression: ['/a'] });
    expect(issue?.details?.coding).toEqual([{ system: ERROR_SYSTEM, code }]);
    expect(issue?.details?.text).toBe(PROBLEMS[code].en);
    expect(JSON.stringify(issue)).toContain(PROBLEMS[code].nl);
  });
  it.each(CODES)('%s has a status that fits what it says about trying again', (code) => {
    const { status, retry, en, nl } = PROBLEMS[code];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    if (retry === 'transient') expect([429, 503, 500]).toContain(status);
    expect(en).not.toBe(nl);
    for (const text of [en, nl]) expect(text).toMatch(/^[A-Z].*\.$/s);
  });
});

describe('an outcome', () => {
  it('has no place and no expectation where there is none', () => {
    const [issue] = toOutcome(refuse('not-found').issues).issue;
    expect(issue).not.toHaveProperty('expression');
    expect(issue).not.toHaveProperty('diagnostics');
  });
  it('names every issue, in order', () => {
    const issues = [1, 2, 3].map((at) => ({ code: 'schema-invalid' as const, path: `/${at}` }));
    const refusal = refuseAll(issues, 'schema-invalid');
    expect(toOutcome(refusal.issues).issue.map((one) => one.expression?.[0])).toEqual(['/1', '/2', '/3']);
  });
});
