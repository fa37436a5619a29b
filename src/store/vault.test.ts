import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVault, open, seal } from './vault.ts';

const MASTER = Buffer.alloc(32, 7);
const vault = createVault(MASTER);
const KEY = Buffer.alloc(32, 1);
const bytes = (length = 32) => fc.uint8Array({ minLength: length, maxLength: length });
const ID = '11111111-1111-4111-8111-111111111111';
const PLAIN = Buffer.from('bedachte tekst');

describe('seal and open', () => {
  it('give back what went in, for every key, text and place', () => {
    fc.assert(
      fc.property(bytes(), fc.uint8Array(), fc.string(), (key, plain, aad) => {
        expect(open(key, seal(key, plain, aad), aad)).toEqual(Buffer.from(plain));
      }),
    );
  });

  it('make every sealing different, also of the same text', () => {
    const made = Array.from({ length: 100 }, () => seal(KEY, PLAIN, 'a').toString('hex'));
    expect(new Set(made).size).toBe(made.length);
    expect(new Set(made.map((one) => one.slice(0, 24))).size).toBe(made.length); // no nonce twice
  });

  it.each([
    ['another patient', 'p2/Observation/o1/1'],
    ['another type', 'p1/Condition/o1/1'],
    ['another resource', 'p1/Observation/o2/1'],
    ['another version', 'p1/Observation/o1/2'],
    ['no place', ''],
  ])('a body that was moved to %s does not open', (_name, elsewhere) => {
    const sealed = seal(KEY, PLAIN, 'p1/Observation/o1/1');
    expect(open(KEY, sealed, 'p1/Observation/o1/1')).toEqual(PLAIN);
    expect(() => open(KEY, sealed, elsewhere)).toThrow();
  });

  it('find every flipped bit, in nonce, tag and body', () => {
    const sealed = seal(KEY, PLAIN, 'a');
    for (let at = 0; at < sealed.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const broken = Buffer.from(sealed);
        broken[at] = (broken[at] ?? 0) ^ (1 << bit);
        expect(() => open(KEY, broken, 'a')).toThrow();
      }
    }
  });

  it('find every shortening and every lengthening', () => {
    const sealed = seal(KEY, PLAIN, 'a');
    for (let length = 0; length < sealed.length; length += 1)
      expect(() => open(KEY, sealed.subarray(0, length), 'a')).toThrow();
    expect(() => open(KEY, Buffer.concat([sealed, Buffer.alloc(1)]), 'a')).toThrow();
  });

  it('never repeat the text in what they throw', () => {
    const thrown = (() => {
      try {
        return open(KEY, seal(KEY, PLAIN, 'a'), 'b');
      } catch (error) {
        return String(error);
      }
    })();
    expect(thrown).not.toContain('bedachte');
  });
});

describe('data keys', () => {
  it('are random, of 32 bytes, and open for their own patient only', () => {
    const wrapped = vault.newDataKey('p1');
    expect(vault.dataKey('p1', wrapped).symmetricKeySize).toBe(32);
    expect(() => vault.dataKey('p2', wrapped)).toThrow();
    expect(vault.dataKey('p1', vault.newDataKey('p1')).equals(vault.dataKey('p1', wrapped))).toBe(false);
  });
  it('do not open under another master key', () => {
    expect(() => createVault(Buffer.alloc(32, 8)).dataKey('p1', vault.newDataKey('p1'))).toThrow();
  });
  it('are not a secret of the gateway and the other way round: one key, one purpose', () => {
    expect(() => vault.openSecret('p1', vault.newDataKey('p1'))).toThrow();
    expect(() => vault.dataKey('p1', vault.sealSecret('p1', Buffer.alloc(32)))).toThrow();
  });
});

describe('what is derived from the master key', () => {
  it('differs per purpose, also for the same bytes', () => {
    const derived = [vault.bsnIndex('999903147'), vault.digest(Buffer.from('999903147'))].map((one) =>
      one.toString('hex'),
    );
    expect(new Set(derived).size).toBe(derived.length);
  });

  it('is the same in every process and nothing without the key', () => {
    const other = createVault(Buffer.alloc(32, 8));
    const again = createVault(Buffer.from(MASTER));
    for (const make of [
      (one: typeof vault) => one.bsnIndex('999903147').toString('hex'),
      (one: typeof vault) => one.digest(PLAIN).toString('hex'),
      (one: typeof vault) => one.ids('jgz').out(ID),
      (one: typeof vault) => one.stableId('a', 'b'),
    ]) {
      expect(make(again)).toBe(make(vault));
      expect(make(other)).not.toBe(make(vault));
    }
  });

  it('gives each organisation ids of its own, the same each time', () => {
    expect(vault.ids('jgz').out(ID)).not.toBe(vault.ids('hospital').out(ID));
    expect(vault.ids('jgz').out(ID)).toBe(vault.ids('jgz').out(ID));
    expect(vault.ids('jgz').in(vault.ids('jgz').out(ID))).toBe(ID);
  });

  it('a stable id is a UUID of version 8 that keeps its parts apart', () => {
    expect(vault.stableId('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (one, two) => {
        const same = JSON.stringify(one) === JSON.stringify(two);
        expect(vault.stableId(...one) === vault.stableId(...two)).toBe(same);
      }),
    );
    expect(vault.stableId('ab', 'c')).not.toBe(vault.stableId('a', 'bc'));
  });
});

it.each([0, 16, 31, 33, 64])('a master key of %i bytes is refused', (length) => {
  expect(() => createVault(Buffer.alloc(length))).toThrow('32 bytes');
});
