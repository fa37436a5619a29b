import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBsn } from './bsn.ts';

describe('isBsn', () => {
  it.each(['999900006', '999990019', '000000012', '111222333', '123456782'])('accepts %s', (bsn) => {
    expect(isBsn(bsn)).toBe(true);
  });

  it.each([
    ['all zero', '000000000'],
    ['eight digits', '12345672'],
    ['ten digits', '1234567820'],
    ['a wrong check digit', '999900007'],
    ['a space', '99990000 6'],
    ['other digits', '٩٩٩٩٠٠٠٠٦'],
    ['a trailing newline', '999900006\n'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(isBsn(text)).toBe(false);
  });

  it('notices every single wrong digit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 9 }), (at, step) => {
        const digits = [...'999900006'].map(Number);
        digits[at] = ((digits[at] as number) + step) % 10;
        expect(isBsn(digits.join(''))).toBe(false);
      }),
    );
  });

  it('notices every swap of two different neighbours', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 }), (at) => {
        const digits = [...'123456782'];
        [digits[at], digits[at + 1]] = [digits[at + 1] as string, digits[at] as string];
        expect(isBsn(digits.join(''))).toBe(false);
      }),
    );
  });
});
