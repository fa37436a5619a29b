import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isId, pairwise } from './pairwise.ts';

const hospital = pairwise(randomBytes(32));
const jgz = pairwise(randomBytes(32));
/** Every 128-bit id in lower case, not only those of a UUID version. */
const anyId = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => {
  const hex = Buffer.from(bytes).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
});

describe('pairwise ids', () => {
  it('go out and come back, whatever the id', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        expect(hospital.in(hospital.out(id))).toBe(id);
        expect(hospital.out(hospital.in(id) ?? '')).toBe(id);
        expect(isId(hospital.out(id))).toBe(true);
      }),
    );
  });

  it('are the same each time, also in between others, and from another object with the same key', () => {
    const key = randomBytes(32);
    const [one, two] = [randomUUID(), randomUUID()];
    const first = pairwise(key);
    const out = first.out(one);
    first.out(two);
    first.in(two);
    expect(first.out(one)).toBe(out);
    expect(pairwise(key).out(one)).toBe(out);
  });

  it('differ between organisations, and one cannot use that of the other', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        expect(hospital.out(id)).not.toBe(jgz.out(id));
        expect(hospital.out(id)).not.toBe(id);
        expect(jgz.in(hospital.out(id))).not.toBe(id);
      }),
    );
  });

  it('are never shared by two patients', () => {
    const ids = Array.from({ length: 5_000 }, () => hospital.out(randomUUID()));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(['', 'abc', '999903147', `${randomUUID()} `, randomUUID().toUpperCase(), randomUUID().replaceAll('-', '')])(
    'what is no id of this kind has no way back: "%s"',
    (text) => {
      expect(hospital.in(text)).toBeUndefined();
      expect(isId(text)).toBe(false);
    },
  );
});
