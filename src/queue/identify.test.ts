import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDedupeKey, isJobId, isQueueName } from './identify.ts';

describe('isJobId', () => {
  it('takes every UUID in lower case, and nothing with anything around it', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string({ minLength: 1 }), (id, more) => {
        expect(isJobId(id)).toBe(true);
        expect(isJobId(id + more)).toBe(false);
        expect(isJobId(more + id)).toBe(false);
        expect(isJobId(`${id}\n`)).toBe(false);
      }),
    );
  });
});

describe('isDedupeKey', () => {
  it('takes UUIDs and words with colons between', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (one, two) => {
        expect(isDedupeKey(`lane:${one}:${two}`)).toBe(true);
        expect(isDedupeKey(`lane:jgz-1:${two}`)).toBe(true);
      }),
    );
  });

  it('takes no number for a part, so no BSN', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), (number) => {
        const text = String(number).padStart(9, '0');
        expect(isDedupeKey(text)).toBe(false);
        expect(isDedupeKey(`patient:${text}`)).toBe(false);
      }),
    );
  });
});

describe('isQueueName', () => {
  it('takes lower case words with hyphens only', () => {
    expect(['deliver', 'house-keeping'].every(isQueueName)).toBe(true);
    expect(['', '-a', 'A', 'a:b', 'a b', 'a1', 'x'.repeat(60)].some(isQueueName)).toBe(false);
  });
});
