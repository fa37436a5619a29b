import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allows, grantScopes, type Interaction, intersect, parseScope } from './scopes.ts';

const LETTERS = ['c', 'r', 'u', 'd', 's'] as const satisfies Interaction[];
const TYPES = ['Patient', 'Observation', 'Consent', 'Task'];

const scope = fc
  .tuple(fc.constantFrom('*', ...TYPES), fc.subarray([...LETTERS], { minLength: 1 }))
  .map(([type, letters]) => `system/${type}.${letters.join('')}`);
const scopes = fc.array(scope, { maxLength: 6 });

describe('scopes', () => {
  it('reads the letters in their fixed order only', () => {
    expect(parseScope('system/Observation.rs')).toEqual({ type: 'Observation', letters: 'rs' });
    expect(parseScope('system/*.cruds')).toEqual({ type: '*', letters: 'cruds' });
    for (const wrong of [
      'system/Observation.sr',
      'system/Observation.',
      'system/Observation.rs ',
      'system/Observation',
      'system/*.*',
      'system/*.read',
      'system/**.r',
      'System/Patient.r',
      '',
    ]) {
      expect(parseScope(wrong)).toBeUndefined();
    }
  });

  it('allows what a scope says and nothing beside it', () => {
    const caller = { scopes: ['system/Observation.rs', 'system/Consent.cruds'] };
    expect(allows(caller, 'Observation', 'r')).toBe(true);
    expect(allows(caller, 'Observation', 'c')).toBe(false);
    expect(allows(caller, 'Consent', 'd')).toBe(true);
    expect(allows(caller, 'ConsentX', 'd')).toBe(false);
    expect(allows(caller, '*', 'r')).toBe(false);
    expect(allows({ scopes: ['system/*.rs'] }, 'Task', 's')).toBe(true);
    expect(allows({ scopes: ['system/*.sr', 'system/*.rs?_tag=x', 'user/*.rs'] }, 'Task', 's')).toBe(false);
    expect(allows({ scopes: [] }, 'Task', 's')).toBe(false);
  });

  it('grants exactly what is both asked and registered', () => {
    fc.assert(
      fc.property(scopes, scopes, (asked, registered) => {
        const granted = { scopes: intersect(asked, registered) };
        for (const type of [...TYPES, 'Binary']) {
          for (const letter of LETTERS) {
            const both = allows({ scopes: asked }, type, letter) && allows({ scopes: registered }, type, letter);
            expect(allows(granted, type, letter)).toBe(both);
          }
        }
        for (const one of granted.scopes) expect(parseScope(one)).toBeDefined();
      }),
    );
  });

  it('grants from any text only well-formed scopes, or refuses', () => {
    fc.assert(
      fc.property(fc.string(), (asked) => {
        const result = grantScopes(asked, ['system/*.cruds']);
        if (result.ok) expect(result.scopes.every((one) => parseScope(one))).toBe(true);
        else expect(result.description).toMatch(/^(Scope number \d+|None of the scopes)/);
      }),
    );
  });
});
