import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownTime } from '../../../tests/support/own-time.ts';
import { sharedDir } from '../../../tests/support/shared.ts';
import { parseJson } from './strict-json.ts';

const read = (text: string | Uint8Array) => parseJson(typeof text === 'string' ? Buffer.from(text) : text);

/** The parsed value, or the code of the refusal. */
function outcome(text: string | Uint8Array): unknown {
  const result = read(text);
  return result.ok ? { value: result.value } : result.code;
}

describe('parseJson', () => {
  it('reads ordinary JSON', () => {
    const text = ' {"a": [1, -2.5e3, "x\\n\\u00e9é", true, null, {}], "b": {"a": "same name, other object"}, "": 0} ';
    expect(outcome(text)).toEqual({
      value: { a: [1, -2500, 'x\néé', true, null, {}], b: { a: 'same name, other object' }, '': 0 },
    });
  });

  it('reads a view into a larger buffer as just that view', () => {
    expect(outcome(Buffer.from('xx{"a":1}yy').subarray(2, 9))).toEqual({ value: { a: 1 } });
  });

  it.each([
    ['{"a":1,"a":2}', 'json-duplicate-key'],
    ['{"a":1,"b":{"c":[{"d":1,"d":1}]}}', 'json-duplicate-key'],
    ['{"a":1,"\\u0061":2}', 'json-duplicate-key'],
    [`{${[...'abcdefghijkl', 'k'].map((key) => `"${key}":{"${key}":1}`).join()}}`, 'json-duplicate-key'],
    ['{"a":{"b":1},"c":{"b":1},"a":0}', 'json-duplicate-key'],
    ['{"__proto__":{}}', 'json-forbidden-key'],
    ['[{"a":{"\\u005f_proto__":1}}]', 'json-forbidden-key'],
    ['{"constructor":1}', 'json-forbidden-key'],
    ['{"prototype":1}', 'json-forbidden-key'],
    ['"\\ud800"', 'json-text'],
    ['"\\udc00\\ud800"', 'json-text'],
    ['"\\ud800\\n"', 'json-text'],
    ['"\\ud83d😀"', 'json-text'],
    ['{"\\uD83D":1}', 'json-text'],
    ['"a\\u0000b"', 'json-text'],
    ['1e400', 'json-number'],
    ['{"a":-1E+999}', 'json-number'],
    [`[${'1'.repeat(33)}]`, 'json-number'],
    [`0.${'0'.repeat(40)}1`, 'json-number'],
    ['{"a":1', 'json-syntax'],
    ['{a:1}', 'json-syntax'],
    ['[1,]', 'json-syntax'],
    ['{"a" "b"}', 'json-syntax'],
    ['"\u0000"', 'json-syntax'],
    ['', 'json-syntax'],
    ['NaN', 'json-syntax'],
    ['\ufeff{}', 'json-encoding'],
  ])('refuses %s: %s', (text, code) => {
    expect(outcome(text)).toBe(code);
  });

  it.each([
    ['a cut sequence', [0x22, 0xc3, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
    ['Latin-1', [0x22, 0xe9, 0x22]],
  ])('refuses %s', (_name, bytes) => {
    expect(outcome(Uint8Array.from(bytes))).toBe('json-encoding');
  });

  it('accepts escapes that only look wrong', () => {
    expect(outcome('"\\\\u0000 \\\\ud800 \\ud83d\\ude00"')).toEqual({ value: '\\u0000 \\ud800 😀' });
  });

  it('does not mistake a text value for a key', () => {
    expect(outcome('{"a":"__proto__","b":["a","a","constructor"]}')).toEqual({
      value: { a: '__proto__', b: ['a', 'a', 'constructor'] },
    });
  });

  it('holds its bounds at exactly the limit', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(read(nested(40)).ok).toBe(true);
    expect(outcome(nested(41))).toBe('json-depth');
    expect(read('1'.repeat(32)).ok).toBe(true);
    expect(parseJson(Buffer.from('[1,2,3]'), { members: 3 }).ok).toBe(true);
    expect(parseJson(Buffer.from('[1,2,3,4]'), { members: 3 })).toMatchObject({ code: 'json-size' });
  });

  it('answers deep, wide and long input quickly', () => {
    const wide = `{${Array.from({ length: 300_000 }, (_, i) => `"k${i}":0`).join()}}`;
    const spent = ownTime(() => {
      expect(outcome('['.repeat(1_000_000))).toBe('json-depth');
      expect(outcome(wide)).toBe('json-size');
      expect(outcome('1'.repeat(5_000_000))).toBe('json-number');
      expect(outcome(`"${'\\'.repeat(4_999_999)}`)).toBe('json-syntax');
    });
    expect(spent).toBeLessThan(1000);
  });

  it('never repeats input in a refusal', () => {
    for (const text of [
      '{"marker-7391":1,"marker-7391":2}',
      '{"marker-7391" 1}',
      'marker-7391',
      '["marker-7391\\u0000"]',
    ]) {
      const result = read(text);
      expect(result.ok).toBe(false);
      expect(JSON.stringify(result)).not.toContain('7391');
    }
  });

  it('agrees with JSON.parse on everything a program writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 6 }), fc.boolean(), (value, pretty) => {
        const text = JSON.stringify(value, null, pretty ? 2 : undefined);
        const result = read(text);
        if (result.ok) expect(result.value).toEqual(JSON.parse(text));
        else expect(['json-forbidden-key', 'json-text', 'json-number']).toContain(result.code);
      }),
    );
  });

  it('never accepts what JSON.parse refuses, and never throws, on arbitrary bytes', () => {
    const jsonish = fc
      .array(fc.constantFrom(...'{}[]",:\\u0d8e1.-+ tnf'), { maxLength: 60 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(jsonish, (text) => {
        const result = read(text);
        if (result.ok) expect(result.value).toEqual(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => typeof read(bytes).ok === 'boolean'));
  });
});

const shared = sharedDir();
const torture = shared ? join(shared, 'corpora/json-torture/test_parsing') : '';

/** Valid by RFC 8259, refused by a rule of our own. */
const OWN_RULES: Record<string, string> = {
  'y_object_duplicated_key.json': 'json-duplicate-key',
  'y_object_duplicated_key_and_value.json': 'json-duplicate-key',
  'y_object_escaped_null_in_key.json': 'json-text',
  'y_string_null_escape.json': 'json-text',
  'y_number_double_close_to_zero.json': 'json-number',
};

describe.skipIf(!shared)('JSONTestSuite', () => {
  const files = shared ? readdirSync(torture).filter((name) => name.endsWith('.json')) : [];

  it('has its cases', () => {
    expect(files.length).toBeGreaterThan(100);
  });

  it.each(files)('%s', (name) => {
    const result = read(readFileSync(join(torture, name)));
    if (name.startsWith('n_')) expect(result.ok).toBe(false);
    if (name.startsWith('y_')) expect(result.ok ? undefined : result.code).toBe(OWN_RULES[name]);
  });
});
