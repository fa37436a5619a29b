import { expect, it } from 'vitest';
import { isPurpose, widerPurposes } from './purpose.ts';

it('places break-glass below emergency treatment below treatment', () =>
  expect(widerPurposes('BTG')).toEqual(['TREAT', 'ETREAT', 'BTG']));
it('knows purposes without narrower ones', () => expect(widerPurposes('HMARKT')).toEqual(['HMARKT']));
it.each(['', 'treat', 'FooBar', 'constructor'])('does not know %j', (code) => {
  expect(isPurpose(code)).toBe(false);
  expect(widerPurposes(code)).toEqual([]);
});
