import { keyScope } from './keys.ts';
import type { JsonLimits, JsonRefusal } from './limits.ts';
import { badEscapes } from './text.ts';

/** A refusal and the index of the UTF-16 unit where it was seen. */
export interface Finding {
  readonly code: JsonRefusal;
  readonly at: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * One pass over the text, before it is parsed. It checks only what JSON.parse lets through: on text that is not JSON it
 * may find nothing, because JSON.parse refuses that text anyway; on valid JSON it sees every key, text and number.
 */
export function scanJson(text: string, limits: JsonLimits): Finding | undefined {
  const keys = keyScope();
  const length = text.length;
  let depth = 0;
  let members = 0;
  let inObject = false;
  let atKey = false;
  const outer: boolean[] = [];
  let i = 0;
  while (i < length) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) {
      const start = i + 1;
      let escaped = false;
      i = start;
      for (;;) {
        const inside = text.charCodeAt(i);
        if (inside === QUOTE) break;
        if (inside === BACKSLASH) {
          escaped = true;
          i++;
        }
        i++;
        if (i >= length) return { code: 'json-syntax', at: start };
      }
      if (escaped && badEscapes(text, start, i)) return { code: 'json-text', at: start };
      if (atKey) {
        const refusal = keys.add(text.slice(start, i), escaped);
        if (refusal) return { code: refusal, at: start };
        atKey = false;
      }
      i++;
    } else if (unit === COMMA) {
      if (++members > limits.members) return { code: 'json-size', at: i };
      atKey = inObject;
      i++;
    } else if (unit === OPEN_OBJECT || unit === OPEN_ARRAY) {
      if (++depth > limits.depth) return { code: 'json-depth', at: i };
      if (++members > limits.members) return { code: 'json-size', at: i };
      outer.push(inObject);
      inObject = unit === OPEN_OBJECT;
      atKey = inObject;
      if (inObject) keys.open();
      i++;
    } else if (unit === CLOSE_OBJECT || unit === CLOSE_ARRAY) {
      if (depth-- === 0 || inObject !== (unit === CLOSE_OBJECT)) return { code: 'json-syntax', at: i };
      if (inObject) keys.close();
      inObject = outer.pop() === true;
      atKey = false;
      i++;
    } else if (unit === MINUS || (unit >= ZERO && unit <= NINE)) {
      const start = i;
      i = endOfNumber(text, i + 1);
      if (i - start > limits.numberLength || !Number.isFinite(Number(text.slice(start, i)))) {
        return { code: 'json-number', at: start };
      }
    } else {
      if (unit === COLON) atKey = false;
      i++;
    }
  }
  return undefined;
}

/** The index after a run of number characters (digits, signs, point, exponent). */
function endOfNumber(text: string, from: number): number {
  let i = from;
  for (;;) {
    const unit = text.charCodeAt(i);
    const part =
      (unit >= ZERO && unit <= NINE) || unit === MINUS || unit === 0x2b || unit === 0x2e || (unit | 0x20) === 0x65;
    if (!part) return i;
    i++;
  }
}
