import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inOrder } from './in-order.ts';

it('what is written in order is the canonical form of RFC 8785, for any JSON whose names are names', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const copy = JSON.stringify(value);
      // JavaScript puts names that are numbers first; FHIR has none.
      fc.pre(!/"(\d+|__proto__)":/.test(copy));
      expect(JSON.stringify(inOrder(value))).toBe(canonicalize(value));
      expect(JSON.stringify(value)).toBe(copy);
    }),
    { numRuns: 2_000 },
  );
});

it('leaves out names without a value', () => {
  expect(JSON.stringify(inOrder({ b: 1, a: { d: undefined, c: 2 } }))).toBe('{"a":{"c":2},"b":1}');
});
