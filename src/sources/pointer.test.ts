import { describe, expect, it } from 'vitest';
import { atPointer, valuesAtPointer } from './pointer.ts';

describe('a JSON pointer (RFC 6901)', () => {
  const value = { a: { b: [{ c: 1 }, 'x'], '': 'empty', 'd/e': 2, 'f~g': 3, n: null } };
  it.each<[string, unknown]>([
    ['', value],
    ['/a/b/0/c', 1],
    ['/a/b/1', 'x'],
    ['/a/', 'empty'],
    ['/a/d~1e', 2],
    ['/a/f~0g', 3],
    ['/a/n', null],
    ['/a/n/x', undefined],
    ['/a/b/2', undefined],
    ['/a/b/1/0', undefined],
    ['/nothing', undefined],
  ])('%s', (pointer, found) => expect(atPointer(value, pointer)).toEqual(found));

  it.each(['/__proto__', '/constructor', '/toString', '/a/constructor/name', '/__proto__/polluted'])(
    '%s follows own properties only',
    (pointer) => expect(atPointer(value, pointer)).toBeUndefined(),
  );
  it('a list’s length is no member of it that a source sent', () => {
    expect(atPointer({ a: [1, 2] }, '/a/length')).toBeUndefined();
  });
  it.each([undefined, null, 'text', 7])('%j has nothing in it', (nothing) =>
    expect(atPointer(nothing, '/a')).toBeUndefined(),
  );
});

describe('a pointer over lists', () => {
  const value = { a: [{ b: true }, { c: [1, 2] }], d: 'x' };
  it.each<[string, unknown[]]>([
    ['/a/*/b', [true, undefined]],
    ['/a/1/c/*', [1, 2]],
    ['/d', ['x']],
    ['/d/*', []],
    ['/nothing/*/b', []],
    ['/nothing', [undefined]],
  ])('%s', (pointer, found) => expect(valuesAtPointer(value, pointer)).toEqual(found));
});
