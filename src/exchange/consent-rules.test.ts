import type { Consent } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { isCustodian, revives } from './consent-rules.ts';

const consent = (status: Consent['status'], ...organisations: string[]): Consent => ({
  resourceType: 'Consent',
  status,
  scope: {},
  category: [],
  ...(organisations.length > 0 && { organization: organisations.map((reference) => ({ reference })) }),
});

describe('an ended consent', () => {
  it.each<[Consent['status'], Consent['status'], boolean]>([
    ['inactive', 'active', true],
    ['rejected', 'active', true],
    ['entered-in-error', 'active', true],
    ['inactive', 'proposed', true],
    ['inactive', 'draft', true],
    ['rejected', 'inactive', false],
    ['inactive', 'rejected', false],
    ['active', 'inactive', false],
    ['active', 'active', false],
    ['proposed', 'active', false],
  ])('%s to %s revives it: %s', (before, after, expected) => {
    expect(revives(consent(before), consent(after))).toBe(expected);
  });
});

describe('the custodian of a consent', () => {
  it.each<[string[], boolean]>([
    [[], true],
    [['Organization/jgz'], true],
    [['Organization/ziekenhuis', 'Organization/jgz'], true],
    [['Organization/ziekenhuis'], false],
    [['Organization/jgz2'], false],
    [['https://example.org/Organization/jgz'], true],
  ])('%j: the jgz may write it: %s', (organisations, expected) => {
    expect(isCustodian(consent('active', ...organisations), 'jgz')).toBe(expected);
  });
});
