import type { JsonRefusal } from './limits.ts';

/**
 * Up to this many keys of one object are compared one by one: cheaper than a set, and nearly every object is that
 * small.
 */
const FEW = 8;

/** The keys of the objects that are open at one point of the text, innermost last. */
export interface KeyScope {
  open(): void;
  close(): void;
  /** Takes a key as it stands in the text (`escaped`: it holds backslashes); answers why it is refused, if it is. */
  add(raw: string, escaped: boolean): JsonRefusal | undefined;
}

/** Keeps the keys of all open objects on one stack, so that an object costs no allocation of its own. */
export function keyScope(): KeyScope {
  const stack: string[] = [];
  const starts: number[] = [];
  const sets: (Set<string> | undefined)[] = [];
  let start = 0;

  return {
    open() {
      starts.push(start);
      start = stack.length;
      sets.push(undefined);
    },
    close() {
      stack.length = start;
      start = starts.pop() ?? 0;
      sets.pop();
    },
    add(raw, escaped) {
      const key = escaped ? unescaped(raw) : raw;
      if (key === '__proto__' || key === 'constructor' || key === 'prototype') return 'json-forbidden-key';
      const count = stack.length - start;
      if (count < FEW) {
        for (let i = start; i < stack.length; i++) if (stack[i] === key) return 'json-duplicate-key';
        stack.push(key);
        return undefined;
      }
      let set = sets.at(-1);
      if (!set) {
        set = new Set(stack.slice(start));
        sets[sets.length - 1] = set;
      }
      if (set.has(key)) return 'json-duplicate-key';
      set.add(key);
      return undefined;
    },
  };
}

/**
 * The key that a JSON text spells with escapes; text that is no JSON string stays as it is (JSON.parse of the whole
 * refuses it later).
 */
function unescaped(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`);
  } catch {
    return raw;
  }
}
