import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, unescapeText } from './escape.ts';
import { USUAL_SEPARATORS } from './separators.ts';
import type { Separators } from './types.ts';

const zorgdomein: Separators = { ...USUAL_SEPARATORS, repetition: '_' };
const unescape8859 = (text: string) => unescapeText(text, USUAL_SEPARATORS, '8859/1');

describe('unescapeText', () => {
  it.each([
    ['a\\F\\b\\S\\c\\R\\d\\T\\e\\E\\f', 'a|b^c~d&e\\f'],
    ['regel 1\\.br\\regel 2', 'regel 1\nregel 2'],
    ['\\XE9E8\\n', 'éèn'],
    ['\\X0D0A\\', '\r\n'],
    ['\\H\\vet\\N\\', 'vet'],
    ['\\Zlokaal\\F\\', '\\Zlokaal\\F\\'],
    ['C:\\map\\.br\\klaar', 'C:\\map\nklaar'],
    ['50\\50', '50\\50'],
    ['\\', '\\'],
    ['\\\\F\\', '\\|'],
    ['\\X00\\', '\\X00\\'],
    ['\\X1\\', '\\X1\\'],
    ['\\f\\', '\\f\\'],
  ])('%s', (sent, meant) => {
    expect(unescape8859(sent)).toBe(meant);
  });

  it('reads hexadecimal in the character set of the message', () => {
    expect(unescapeText('\\XC3A9\\', USUAL_SEPARATORS, 'UNICODE UTF-8')).toBe('é');
    expect(unescapeText('\\XE9\\', USUAL_SEPARATORS, 'UNICODE UTF-8')).toBe('\\XE9\\');
    expect(unescapeText('\\XA4\\', USUAL_SEPARATORS, '8859/15')).toBe('€');
  });

  it('names separators, whichever they are', () => {
    expect(unescapeText('a\\R\\b', zorgdomein, 'ASCII')).toBe('a_b');
  });
});

describe('escapeText', () => {
  const text = fc
    .string({
      unit: fc.oneof(
        fc.constantFrom('|', '^', '~', '&', '\\', '_', '\n', '\r', 'X', 'F', '.br', 'é'),
        fc.string({ maxLength: 1 }),
      ),
    })
    .filter((value) => !/[^\P{Cc}\r\n]/u.test(value));

  it.each([USUAL_SEPARATORS, zorgdomein])('gives back every text: $repetition', (separators) => {
    fc.assert(
      fc.property(text, (value) => {
        const sent = escapeText(value, separators);
        expect(unescapeText(sent, separators, 'UNICODE UTF-8')).toBe(value);
        const { field, component, repetition, subcomponent } = separators;
        for (const unit of [field, component, repetition, subcomponent, '\r', '\n']) expect(sent).not.toContain(unit);
      }),
    );
  });
});
